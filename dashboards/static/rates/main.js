// The dashboards: one address is one view; figures come anew at most every five seconds while things happen.
import { $, $$, el, write } from "/static/shared/dom.js";
import { get, words } from "/static/shared/api.js";
import { follow, showState } from "/static/shared/live.js";
import { clock } from "/static/shared/time.js";
import { t } from "/static/shared/texts.js";
import { daysOf, fromAddress, toAddress } from "/static/rates/period.js";
import { Choropleth } from "/static/rates/choropleth.js";
import { RegionTable } from "/static/rates/table.js";
import { showDefinitions, showTotals } from "/static/rates/totals.js";
import { showTrend } from "/static/rates/trend.js";
import { showCategories, showDepartments } from "/static/rates/breakdown.js";
import { exportTable } from "/static/rates/csv.js";

const LEVELS = ["county", "town", "village", "grid"];
const EVERY = 5000;

let view = fromAddress();
let me = null;
let region = null;
let tree = [];
let figures = null;
let asOf = null;
let state = "connecting";
const table = new RegionTable($("#regions"), {});
const map = new Choropleth($("#map"), { onDrill: (code) => below(region.level) && go({ ...view, region: code }) });

const below = (level) => LEVELS[LEVELS.indexOf(level) + 1];

function fault(error) {
  $("#fault").hidden = false;
  write($("#fault-text"), words(error));
}

function tellState() {
  const text = asOf ? `${t("common.data_as_of", { time: clock(asOf) })} · ${t(`common.state_${state}`)}` : t(`common.state_${state}`);
  showState($("#state"), state, text);
}

async function go(next, { push = true } = {}) {
  view = next;
  if (push) window.history.pushState(null, "", toAddress(view));
  await load({ anew: true });
}

let turn = 0;

async function load({ anew = false } = {}) {
  const mine = ++turn;
  const code = view.region ?? me.region.code;
  if (anew) document.body.setAttribute("aria-busy", "true");
  try {
    if (region?.code !== code) {
      const found = await get(`regions/${encodeURIComponent(code)}`);
      if (mine !== turn) return;
      region = found;
    }
    if (view.period !== "custom") Object.assign(view, daysOf(view.period));   // past midnight "today" is another day
    const asked = { region: code, from: view.from, to: view.to, ...(view.map ? { map: view.map } : {}) };
    const level = below(region.level);
    const [regions, days, categories, departments] = await Promise.all([
      get("statistics", { ...asked, by: level ?? "day" }),
      get("statistics", { ...asked, by: "day" }),
      get("statistics", { ...asked, by: "category" }),
      get("statistics", { ...asked, by: "department" }),
    ]);
    if (mine !== turn) return;
    figures = { level, items: level ? regions.items : [], total: regions.total, days: days.items, categories: categories.items, departments: departments.items, definitions: regions.definitions, department: regions.department, maps: regions.maps };
    asOf = regions.as_of;
    $("#fault").hidden = true;
    document.body.classList.remove("failed");
    render();
    document.documentElement.dataset.ready = "true";   // for tests: the figures stand
  } catch (error) {
    if (mine !== turn) return;
    document.body.classList.toggle("failed", !figures);
    fault(error);
  } finally {
    if (mine === turn) document.body.removeAttribute("aria-busy");
  }
}

function render() {
  const { level, items, total } = figures;
  frame(level);
  tellState();
  showTotals(total, region.code, figures.definitions);
  showDefinitions(figures.definitions);
  $("#below").hidden = !level;
  if (level) {
    // The outlines drawn are those in force: figures of another edition's regions would stand in the wrong ones.
    const drawn = !view.map || figures.maps.some((one) => String(one.version) === view.map && one.state === "in_force");
    $(".map-card").hidden = !drawn;
    table.show(items, total, { leads: (code) => (level ? toAddress(view, code) : null) });
    map.show(items, total, view.metric, { level, region: region.code }).catch(fault);
  }
  showTrend(figures.days, total);
  showCategories(figures.categories, tree, total, region.code);
  showDepartments(figures.departments, total, region.code);
}

/** Title, breadcrumb and pressed buttons. */
function frame(level) {
  const title = t(`rates.question_${level ?? "grid_alone"}`, { region: region.name });
  write($("#question"), title);
  document.title = `${title} · ${t("common.product")}`;
  const path = region.path ?? [];
  const own = path.findIndex((step) => step.code === me.region.code);
  $("#crumbs").replaceChildren(...path.map((step, i) => el("li", {},
    i === path.length - 1 ? el("span", { "aria-current": "page" }, step.name)
      : i < own ? el("span", {}, step.name)
        : el("a", { href: toAddress(view, step.code), dataset: { drill: step.code } }, step.name))));
  for (const button of $$("#period [data-period]")) button.setAttribute("aria-pressed", String(button.dataset.period === view.period));
  for (const button of $$("#metric [data-metric]")) button.setAttribute("aria-pressed", String(button.dataset.metric === view.metric));
  $("#from").value = view.from;
  $("#to").value = view.to;
  const ownOnly = figures?.department ? ` ${t("rates.own_department", { name: figures.department.name })}` : "";
  write($("#period-text"), t("rates.period_text", { from: view.from, to: view.to }) + ownOnly);
  $("#custom").hidden = view.period !== "custom";
  editions(figures?.maps ?? []);
  const drawn = new URLSearchParams({ region: region.code, from: view.from, to: view.to });
  $("#maps").href = `/maps?${drawn}`;
}

/** By which map the figures are told; nothing to choose before there are two. */
function editions(maps) {
  const choice = $("#edition");
  choice.closest("label").hidden = maps.length < 2 && !view.map;
  const option = (value, text) => el("option", { value, selected: value === (view.map ?? "") }, text);
  choice.replaceChildren(
    option("", t("rates.edition_recorded")),
    ...maps.map((one) => option(String(one.version), t("rates.edition", { n: one.version, name: one.name, from: one.effective_at.slice(0, 10), state: t(`rates.edition_${one.state}`) }))),
  );
}

let planned = null;
let last = 0;

/** At most one refresh in five seconds, and only while somebody sees the page. */
function soon() {
  if (planned) return;
  planned = setTimeout(() => {
    planned = null;
    last = Date.now();
    if (!document.hidden) load();
  }, Math.max(800, last + EVERY - Date.now()));
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-drill]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  go({ ...view, region: link.dataset.drill }).then(() => $("#question").focus({ preventScroll: true }));
});
window.addEventListener("popstate", () => go(fromAddress(), { push: false }));
document.addEventListener("visibilitychange", () => !document.hidden && figures && soon());

for (const button of $$("#period [data-period]")) {
  button.addEventListener("click", () => {
    const period = button.dataset.period;
    if (period !== "custom") { go({ ...view, period, ...daysOf(period) }); return; }
    view.period = "custom";
    frame(figures?.level ?? below(region.level));
    $("#from").focus();
  });
}
$("#edition").addEventListener("change", () => go({ ...view, map: $("#edition").value || null }));
$("#custom").addEventListener("submit", (event) => {
  event.preventDefault();
  const [from, to] = [$("#from").value, $("#to").value].sort();
  if (from && to) go({ ...view, period: "custom", from, to });
});
for (const button of $$("#metric [data-metric]")) {
  button.addEventListener("click", () => {
    view.metric = button.dataset.metric;
    window.history.replaceState(null, "", toAddress(view));
    if (figures) render();
  });
}
$("#export").addEventListener("click", () => figures && exportTable(table.sorted(), figures.total, view, region.name));
// An address that names no region of mine fails again and again; my own region does not.
$("#retry").addEventListener("click", () => window.location.assign(figures ? toAddress(view) : "/dashboards"));

async function begin() {
  me = await get("me");
  tree = (await get("categories").catch(() => ({ items: [] }))).items;
  await load({ anew: true });
  follow({
    region: me.region.code, onTicket: soon, onReset: soon,
    onState(next) { state = next; tellState(); if (next === "live") soon(); },
  });
}

begin().catch(fault);
