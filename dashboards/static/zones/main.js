// The page of the rule zones: list, map, and beside them the zone that is looked at or drawn.
import { $, el, toast } from "/static/shared/dom.js";
import { all, call, get, words as wordsOf } from "/static/shared/api.js";
import { nameOf, t } from "/static/shared/texts.js";
import { ask } from "/static/administration/ask.js";
import { bring } from "/static/zones/bring.js";
import { detail, stateTag } from "/static/zones/detail.js";
import { zoneForm } from "/static/zones/form.js";
import { PERIODS, trialReport, tryOut } from "/static/zones/trial.js";
import { COLOURS, KINDS, seasonOf } from "/static/zones/words.js";
import { zonesMap } from "/static/zones/zones_map.js";

const changes = $("#main").dataset.changes === "true";
const panel = $("#zones-panel");
const tell = (error) => toast(wordsOf(error), "fault");
const map = zonesMap($("#zones-map"), { onPick: (code) => leave(() => open(code)), onTicket: (number) => window.open(`/desk?ticket=${encodeURIComponent(number)}`, "_blank", "noopener") });
let zones = [];
let chosen = null;
let form = null;
let dirty = false;
let words = null;
let presets = null;

async function begin() {
  const [tree, departments, kinds] = await Promise.all([get("categories"), get("departments"), get("zones/kinds")]);
  presets = kinds.kinds;
  words = { categories: flatten(tree.items), departments: new Map(departments.items.map((one) => [one.code, one])) };
  $("#zones-tools").replaceChildren(...tools());
  $("#zones-legend").replaceChildren(...KINDS.map((kind) => el("li", {}, el("span", { class: "zones-swatch", style: `background: ${COLOURS[kind]}` }), t(`zones.kind_${kind}`))), el("li", {}, el("span", { class: "zones-swatch dashed" }), t("zones.legend_dashed")));
  await load();
  const wanted = window.location.hash.slice(1);
  if (zones.some((zone) => zone.code === wanted)) await open(wanted);
  else empty();
}

async function load() {
  zones = (await all("zones", { geometry: "true" }, { most: 1000 })).items;
  drawList();
}

/** What can be done besides: for administrators. */
const tools = () => (changes ? [
  el("button", { type: "button", class: "button primary", id: "new-zone", dataset: { testid: "new-zone" }, onclick: () => leave(() => edit(null)) }, t("zones.new")),
  el("button", { type: "button", class: "button", onclick: () => leave(importFile) }, t("zones.bring")),
  el("button", { type: "button", class: "button", onclick: () => leave(schools) }, t("zones.schools")),
] : [el("p", { class: "small muted" }, t("zones.read_only"))]);

function drawList() {
  $("#zones-count").textContent = zones.length ? t("zones.count", { n: zones.length, live: zones.filter((zone) => zone.state === "in_season").length }) : "";
  const order = ["in_season", "out_of_season", "scheduled", "ended", "retired"];
  const sorted = [...zones].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || a.code.localeCompare(b.code));
  $("#zones-rows").replaceChildren(sorted.length
    ? el("ul", { class: "zones-rows" }, ...sorted.map((zone) => el("li", {}, el("button", { type: "button", class: "zones-row", "aria-current": zone.code === chosen ? "true" : null, dataset: { zone: zone.code }, onclick: () => leave(() => open(zone.code)), onkeydown: walk },
      el("span", { class: "zones-swatch", style: `background: ${COLOURS[zone.kind]}` }),
      el("span", { class: "zones-row-words" }, el("b", {}, nameOf(zone)), el("span", { class: "small muted" }, `${t(`zones.kind_${zone.kind}`)} · ${seasonOf(zone.season)}`)),
      stateTag(zone)))))
    : el("p", { class: "empty" }, el("b", {}, t("zones.none")), t(changes ? "zones.none_hint" : "zones.none_read")));
  map.show(zones, chosen);
}

/** Up and down the list with the arrows or j and k. */
function walk(event) {
  const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const rows = [...document.querySelectorAll(".zones-row")];
  rows[rows.indexOf(event.currentTarget) + step]?.focus();
}

function empty() {
  chosen = null;
  panel.replaceChildren(el("p", { class: "empty" }, el("b", {}, t("zones.pick")), t("zones.pick_hint")));
}

/** Something drawn and not stored is not thrown away without asking. */
async function leave(then) {
  if (form && dirty && !(await ask({ title: t("zones.discard"), what: el("p", {}, t("zones.discard_text")), yes: t("zones.discard_yes"), send: async () => true }))) return;
  stop();
  try {
    await then();
  } catch (error) {
    tell(error);
  }
}

function stop() {
  form?.end();
  form = null;
  dirty = false;
  map.end();
  map.tickets([]);
  $("#zones-drawing").hidden = true;
}

async function open(code) {
  const { data: zone, etag } = await call("GET", `zones/${code}`);
  chosen = code;
  window.history.replaceState(null, "", `#${code}`);
  const gone = zone.state === "retired";
  const trial = el("div", { id: "trial" });
  panel.replaceChildren(detail(zone, {
    words,
    actions: [
      changes ? el("button", { type: "button", class: "button primary", dataset: { testid: "edit-zone" }, onclick: () => leave(() => edit(zone, etag)) }, t(gone ? "zones.revive" : "zones.edit")) : null,
      trialButton(() => documentOf(zone), trial),
      changes && !gone ? el("button", { type: "button", class: "button danger", dataset: { testid: "retire-zone" }, onclick: () => retire(zone, etag) }, t("zones.retire")) : null,
    ].filter(Boolean),
    onVersion: (version) => map.reach(version?.reach ?? null, zone.kind),
  }), trial);
  panel.scrollTop = 0;
  drawList();
  map.look(zone);
}

/** A stored zone as it would be sent again. */
const documentOf = (zone) => Object.fromEntries(["kind", "name", "name_en", "geometry", "buffer_m", "season", "categories", "limit", "urgent", "department", "recipients"].map((key) => [key, zone[key]]));

function trialButton(document_, place) {
  const days = el("select", { class: "input zones-days", "aria-label": t("zones.trial_days") }, ...PERIODS.map((n) => el("option", { value: n, selected: n === 365 }, t("zones.last_days", { n }))));
  const button = el("button", { type: "button", class: "button", dataset: { testid: "try-out" }, onclick: run }, t("zones.try_out"));
  async function run() {
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
    place.replaceChildren(el("p", { class: "muted", role: "status" }, t("zones.trying")));
    try {
      const told = await tryOut(document_(), Number(days.value));
      place.replaceChildren(el("h3", {}, t("zones.trial")), trialReport(told));
      map.tickets(told.items);
      place.scrollIntoView({ block: "start" });
    } catch (error) {
      place.replaceChildren();
      if (form) form.blame(error);
      else tell(error);
    } finally {
      button.disabled = false;
      button.removeAttribute("aria-busy");
    }
  }
  return el("span", { class: "row zones-trial" }, button, days);
}

async function edit(zone, etag = null) {
  chosen = zone?.code ?? null;
  const trial = el("div", { id: "trial" });
  form = zoneForm({ zone, presets, ...words, map, changed: (yes) => { dirty = yes; } });
  const save = el("button", { type: "button", class: "button primary", dataset: { testid: "save-zone" }, onclick: () => store(zone, etag) }, t(zone ? "zones.save_version" : "zones.save"));
  panel.replaceChildren(
    el("header", {}, el("h2", { tabindex: "-1" }, zone ? t("zones.editing", { name: nameOf(zone), n: zone.version + 1 }) : t("zones.drawing_new"))),
    form.element,
    el("div", { class: "row zones-save" }, save, trialButton(form.document, trial), el("button", { type: "button", class: "button quiet", onclick: () => leave(() => (zone ? open(zone.code) : empty())) }, t("common.cancel"))),
    trial);
  panel.scrollTop = 0;
  drawTools();
  await map.draw({ geometry: zone?.geometry ?? null, kind: form.kind(), changed: (geometry, undoable) => {
    $("#undo-drawing").disabled = !undoable;
    if (undoable) dirty = true;
    form?.drawn(geometry);
  }, mode: (name) => { for (const one of document.querySelectorAll("[data-draw]")) one.setAttribute("aria-pressed", String(one.dataset.draw === name)); } });
  drawList();
  if (zone) form.focus();
  else map.use("Polygon");
}

function drawTools() {
  const bar = $("#zones-drawing");
  const tool = (name) => el("button", { type: "button", class: "button compact", "aria-pressed": "false", dataset: { draw: name }, onclick: (event) => map.use(event.currentTarget.getAttribute("aria-pressed") === "true" ? "none" : name) }, t(`zones.draw_${name}`));
  bar.replaceChildren(tool("Polygon"), tool("Rectangle"), tool("Line"), tool("edit"),
    el("button", { type: "button", class: "button compact push", id: "undo-drawing", disabled: true, title: "Ctrl+Z", onclick: () => map.undo() }, t("zones.undo")),
    el("button", { type: "button", class: "button compact", onclick: () => map.clear() }, t("zones.clear")));
  bar.hidden = false;
}

async function store(zone, etag) {
  const content = form.document();
  const stored = await ask({
    title: zone ? t("zones.save_title", { n: zone.version + 1 }) : t("zones.save_new_title"),
    what: el("p", { class: "notice" }, t(content.valid_from ? "zones.save_later" : "zones.save_now")),
    note: t("zones.why"),
    yes: t("zones.save_yes"),
    send: async (note, button) => {
      try {
        const body = { ...content, note };
        return (await (zone ? call("PUT", `zones/${zone.code}`, { body, headers: { "If-Match": etag } }) : call("POST", "zones", { body }))).data;
      } catch (error) {
        form.blame(error);
        button.focus();
        throw error;
      }
    },
  });
  if (!stored) return;
  toast(t("zones.saved", { name: nameOf(stored), n: stored.version }));
  stop();
  chosen = stored.code;
  await load();
  await open(stored.code);
}

async function retire(zone, etag) {
  const done = await ask({
    title: t("zones.retire_title", { name: nameOf(zone) }),
    what: el("p", { class: "notice warn" }, t("zones.retire_text")),
    note: t("zones.why"),
    yes: t("zones.retire_yes"),
    send: (note) => call("POST", `zones/${zone.code}/retire`, { body: { note }, headers: { "If-Match": etag } }),
  });
  if (!done) return;
  toast(t("zones.retired", { name: nameOf(zone) }));
  await load();
  await open(zone.code);
}

async function importFile() {
  const stored = await bring();
  if (!stored) return;
  toast(t("zones.brought", { n: stored.length }));
  await load();
  await open(stored[0].code);
}

async function schools() {
  const stored = await ask({
    title: t("zones.schools"), what: el("p", {}, t("zones.schools_text", { n: presets.school.buffer_m })), note: t("zones.why"), yes: t("zones.schools_yes"),
    send: async (note) => (await call("POST", "zones/schools", { body: { note } })).data,
  });
  if (!stored) return;
  toast(t("zones.saved", { name: nameOf(stored), n: 1 }));
  await load();
  await open(stored.code);
}

/** Every category by code, with the words it is found by in both languages. */
function flatten(tree) {
  const found = new Map();
  const add = (one, above) => {
    const said = [one, ...above].map((thing) => `${thing.name} ${thing.name_en ?? ""}`).join(" ");
    found.set(one.code, { ...one, words: `${one.code} ${said}`.toLowerCase() });
    for (const child of one.children) add(child, [one, ...above]);
  };
  for (const major of tree) add(major, []);
  return found;
}

document.addEventListener("keydown", (event) => {
  if (!form || event.target.closest("input, textarea, select, dialog")) return;
  if ((event.ctrlKey || event.metaKey) && event.key === "z") {
    event.preventDefault();
    map.undo();
  } else if (event.key === "Escape") map.use("none");
});
window.addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
begin().catch((error) => {
  $("#zones-rows").replaceChildren(el("div", { class: "empty" }, el("p", { role: "alert" }, wordsOf(error)), el("button", { type: "button", class: "button", onclick: () => window.location.reload() }, t("common.retry"))));
});
