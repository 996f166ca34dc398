// By category (major classes, each opening to its minor ones) and by department.
import { $, el, mark, write } from "/static/shared/dom.js";
import { count, fraction, nameOf, t } from "/static/shared/texts.js";
import { alignFractions, rateCell, ticketsLink } from "/static/rates/cells.js";

const FIRST = 11;   // departments shown before somebody asks for all: as many as there are major classes
const opened = new Set();
let everyDepartment = false;
const RATES = ["closure_rate", "on_time_rate"];

/** Sums figures of minor classes into one line of their major class. */
function sum(name, code, items) {
  const line = { code, name, items, reported: 0, open: 0, overdue: 0, closure_rate: { numerator: 0, denominator: 0 }, on_time_rate: { numerator: 0, denominator: 0 } };
  for (const item of items) {
    for (const key of ["reported", "open", "overdue"]) line[key] += item[key];
    for (const key of RATES) for (const part of ["numerator", "denominator"]) line[key][part] += item[key][part];
  }
  return line;
}

export function byMajor(items, tree) {
  const majors = new Map();
  const parents = new Map();
  for (const major of tree) for (const minor of major.children ?? []) parents.set(minor.code, major);
  for (const item of items) {
    const major = parents.get(item.code) ?? { code: item.code, name: item.name, name_en: item.name_en };
    if (!majors.has(major.code)) majors.set(major.code, { major, items: [] });
    majors.get(major.code).items.push(item);
  }
  return [...majors.values()].map(({ major, items: own }) => sum(nameOf(major), major.code, own)).sort((a, b) => b.reported - a.reported);
}

function cells(item, total, region, filter, head) {
  return [
    el("th", { scope: "row" }, head),
    el("td", { class: "figure" }, count(item.reported)),
    el("td", {}, rateCell(item.closure_rate, total.closure_rate)),
    el("td", {}, rateCell(item.on_time_rate, total.on_time_rate)),
    el("td", { class: "figure" }, ticketsLink(item.open, region, { open: "true", ...filter }, `${nameOf(item)} ${t("common.open")}`)),
    el("td", { class: `figure${item.overdue ? " red" : ""}` }, item.overdue ? mark("red") : null, " ", ticketsLink(item.overdue, region, { overdue: "true", ...filter }, `${nameOf(item)} ${t("common.overdue")}`)),
  ];
}

function replaceRows(body, rows, columns = 6) {
  const focused = document.activeElement?.dataset?.major;
  body.replaceChildren(...(rows.length ? rows : [el("tr", {}, el("td", { colspan: columns, class: "empty" }, t("rates.nothing_in_period")))]));
  if (focused) body.querySelector(`[data-major="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

export function showCategories(items, tree, total, region) {
  const rows = byMajor(items, tree).flatMap((major) => {
    const open = opened.has(major.code);
    const toggle = el("button", {
      type: "button", class: "opener", dataset: { major: major.code }, "aria-expanded": String(open),
      onclick: () => { if (!opened.delete(major.code)) opened.add(major.code); showCategories(items, tree, total, region); },
    }, el("span", { "aria-hidden": "true" }, open ? "▾" : "▸"), major.name);
    const minors = open ? major.items.map((item) => el("tr", { class: "minor" }, ...cells(item, total, region, { category: item.code }, nameOf(item)))) : [];
    return [el("tr", {}, ...cells(major, total, region, { category: major.code }, toggle)), ...minors];
  });
  alignFractions($("#categories").closest("table"), byMajor(items, tree));
  replaceRows($("#categories"), rows);
}

export function showDepartments(items, total, region) {
  const more = $("#more-departments");
  more.hidden = items.length <= FIRST;
  more.onclick = () => { everyDepartment = !everyDepartment; showDepartments(items, total, region); };
  more.setAttribute("aria-expanded", String(everyDepartment));
  write(more, everyDepartment ? t("rates.fewer") : t("rates.all_departments", { n: items.length }));
  const shown = everyDepartment ? items : items.slice(0, FIRST);
  alignFractions($("#departments").closest("table"), shown);
  replaceRows($("#departments"), shown.map((item) => el("tr", {}, ...cells(item, total, region, { department: item.code }, el("span", { class: "two-lines", title: nameOf(item) }, nameOf(item))),
    el("td", { class: "figure" }, count(item.returned)), el("td", { class: "figure nowrap" }, fraction({ numerator: item.answers_missed, denominator: item.assists })))), 8);
}
