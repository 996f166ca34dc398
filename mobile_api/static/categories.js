// What can be reported: recent ones first, then by search, then by the tree. Chosen is a minor class.

import { read } from "./api.js";
import { el, icon, replace } from "./dom.js";
import * as store from "./store.js";
import { language, t } from "./texts.js";

const RECENT = 6;
const MOST_FOUND = 40;

export const tree = async () => (await read("/categories")).data.items;

const called = (one) => (language() === "en" && one.name_en) || one.name;

/** [{code, name, major, words}]: `words` is all a search may find it by, in both languages. */
export function minors(items) {
  return items.flatMap((major) =>
    (major.children ?? []).map((minor) => ({
      code: minor.code,
      name: called(minor),
      major: called(major),
      words: [minor, major, ...(minor.children ?? [])]
        .map((one) => `${one.name} ${one.name_en ?? ""}`)
        .join(" ")
        .toLowerCase(),
    })),
  );
}

export async function recent(items) {
  const codes = (await store.get("recent_categories")) ?? [];
  const all = minors(items);
  return codes.map((code) => all.find((one) => one.code === code)).filter(Boolean);
}

export async function used(code) {
  const codes = (await store.get("recent_categories")) ?? [];
  await store.set("recent_categories", [code, ...codes.filter((one) => one !== code)].slice(0, RECENT));
}

/** Every typed word must be found, in any order: "线缆 公用" and "公用 线缆" are one search. */
export function search(items, typed) {
  const words = typed.trim().toLowerCase().split(/\s+/).filter(Boolean);
  return minors(items).filter((one) => words.every((word) => one.words.includes(word)));
}

/** A sheet over the page; resolves with {code, name, major} or null. */
export async function pick() {
  const items = await tree();
  const recents = await recent(items);
  return new Promise((resolve) => {
    const results = el("div", { class: "picker-results" });
    const sheet = el("dialog", { class: "sheet", "aria-label": t("phone.category.title") });
    const done = (chosen) => {
      sheet.close();
      sheet.remove();
      resolve(chosen);
    };
    const field = el("input", {
      type: "search",
      class: "field",
      placeholder: t("phone.category.search"),
      "aria-label": t("phone.category.search"),
      autocomplete: "off",
      enterkeyhint: "search",
      data: { testid: "category-search" },
      on: { input: () => show() },
    });
    const show = () => {
      const typed = field.value.trim();
      replace(results, ...(typed ? found(items, typed, done) : [...lately(recents, done), ...branches(items, done)]));
    };
    sheet.append(
      el(
        "div",
        { class: "sheet-head" },
        el(
          "button",
          { type: "button", class: "round", "aria-label": t("phone.close"), on: { click: () => done(null) } },
          icon("remove"),
        ),
        field,
      ),
      results,
    );
    sheet.addEventListener("cancel", (event) => {
      event.preventDefault();
      done(null);
    });
    document.body.append(sheet);
    show();
    sheet.showModal();
  });
}

const choice = (one, done) =>
  el(
    "button",
    { type: "button", class: "row-button", data: { category: one.code }, on: { click: () => done(one) } },
    el("span", { class: "row-main" }, one.name),
    el("span", { class: "row-side" }, one.major),
  );

function lately(recents, done) {
  if (!recents.length) return [];
  return [el("h3", { class: "list-title" }, t("phone.category.recent")), ...recents.map((one) => choice(one, done))];
}

function found(items, typed, done) {
  const hits = search(items, typed);
  if (!hits.length) return [el("p", { class: "empty" }, t("phone.category.none", { typed }))];
  return hits.slice(0, MOST_FOUND).map((one) => choice(one, done));
}

function branches(items, done) {
  const title = el("h3", { class: "list-title" }, t("phone.category.all"));
  return [
    title,
    ...items.map((major) => {
      const inner = el("div", { class: "branch-inner" });
      const fold = el(
        "details",
        { class: "branch" },
        el(
          "summary",
          { data: { major: major.code } },
          el("span", {}, called(major)),
          el("span", { class: "row-side" }, String((major.children ?? []).length)),
        ),
        inner,
      );
      // Filled when opened: a hundred buttons at once make an old phone stutter.
      fold.addEventListener("toggle", () => {
        if (fold.open && !inner.childElementCount) replace(inner, ...minors([major]).map((one) => choice(one, done)));
      });
      return fold;
    }),
  ];
}
