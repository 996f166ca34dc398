// The form of a zone: what is drawn stands on the map, the rest here. Begun from the preset of its kind.
import { el } from "/static/shared/dom.js";
import { call, words } from "/static/shared/api.js";
import { language, nameOf, t } from "/static/shared/texts.js";
import { categoryChooser, recipientChooser } from "/static/zones/choose.js";
import { KINDS, UNITS } from "/static/zones/words.js";

const LATER = 400;
const field = (name, label, control, hint = null) =>
  el("div", { class: "field", dataset: { field: name } }, el("label", { for: control.id }, label), control, hint && el("p", { class: "hint" }, hint));

/**
 * zoneForm({zone or null, presets, categories, departments, map, changed}) → {element, document(), blame(error), end()}.
 * `changed(dirty)` hears of each edit.
 */
export function zoneForm({ zone, presets, categories, departments, map, changed }) {
  let geometry = zone?.geometry ?? null;
  let timer = null;
  let asked = 0;
  const start = zone ?? { kind: "forest_fire", name: "", name_en: "", source: "", ...presets.forest_fire };
  const text = (id, value, more = {}) => el("input", { class: "input", id, value, oninput: edited, ...more });

  const kind = el("select", { class: "input", id: "zone-kind", onchange: chooseKind }, ...KINDS.map((one) => el("option", { value: one, selected: one === start.kind }, t(`zones.kind_${one}`))));
  const name = text("zone-name", start.name, { maxlength: 100, required: true, dataset: { testid: "zone-name" } });
  const nameEn = text("zone-name-en", start.name_en, { maxlength: 200 });
  const buffer = text("zone-buffer", start.buffer_m, { type: "number", min: 0, max: 10000, step: "any", inputmode: "decimal" });
  const seasonal = el("input", { type: "checkbox", id: "zone-seasonal", checked: Boolean(start.season), onchange: () => { season(); edited(); } });
  const from = monthDay("zone-from", start.season?.from ?? "11-01");
  const to = monthDay("zone-to", start.season?.to ?? "05-31");
  const seasonBox = el("div", { class: "row" }, from.element, el("span", {}, t("zones.to")), to.element);
  const limited = el("input", { type: "checkbox", id: "zone-limited", checked: Boolean(start.limit), onchange: () => { limitShown(); edited(); } });
  const limitValue = text("zone-limit", start.limit?.value ?? "1", { type: "number", min: 0, step: "any", inputmode: "decimal", "aria-label": t("zones.limit") });
  const limitUnit = el("select", { class: "input", id: "zone-unit", "aria-label": t("zones.unit"), onchange: edited }, ...UNITS.map((unit) => el("option", { value: unit, selected: unit === (start.limit?.unit ?? "urgent_hour") }, t(`zones.unit_${unit}`))));
  const limitBox = el("div", { class: "row" }, limitValue, limitUnit);
  const urgent = el("input", { type: "checkbox", id: "zone-urgent", checked: start.urgent, onchange: edited, dataset: { testid: "zone-urgent" } });
  const department = el("select", { class: "input", id: "zone-department", onchange: edited }, el("option", { value: "" }, t("zones.own_department")), ...[...departments.values()].map((one) => el("option", { value: one.code, selected: one.code === start.department }, nameOf(one))));
  const what = categoryChooser(categories, start.categories, edited);
  const told = recipientChooser(departments, start.recipients, edited);
  const begins = text("zone-begins", "", { type: "datetime-local" });
  const ends = text("zone-ends", localTime(zone?.valid_until), { type: "datetime-local" });
  const source = text("zone-source", start.source ?? "", { maxlength: 200 });
  const shape = el("textarea", { class: "input", id: "zone-shape", rows: 4, spellcheck: "false", onchange: paste });
  const size = el("p", { class: "small muted", id: "zone-size", role: "status" }, t("zones.nothing_drawn"));
  const fault = el("p", { class: "notice fault", role: "alert", hidden: true, dataset: { testid: "zone-fault" } });

  const element = el("form", { class: "zones-form stack", onsubmit: (event) => event.preventDefault() },
    size, fault,
    field("kind", t("zones.kind"), kind),
    field("name", t("zones.name"), name),
    field("name_en", t("zones.name_en"), nameEn),
    field("buffer_m", t("zones.buffer"), buffer),
    el("div", { class: "field", dataset: { field: "season" } }, el("label", { class: "zones-check" }, seasonal, el("span", {}, t("zones.seasonal"))), seasonBox),
    el("div", { dataset: { field: "categories" } }, what.element),
    el("fieldset", { class: "zones-effects" }, el("legend", {}, t("zones.effects")),
      el("label", { class: "zones-check", dataset: { field: "urgent" } }, urgent, el("span", {}, t("zones.mark_urgent"))),
      el("div", { class: "field", dataset: { field: "limit" } }, el("label", { class: "zones-check" }, limited, el("span", {}, t("zones.limited"))), limitBox),
      field("department", t("zones.department"), department),
      el("div", { dataset: { field: "recipients" } }, told.element)),
    field("valid_from", t("zones.begins"), begins, t("zones.begins_hint")),
    field("valid_until", t("zones.ends"), ends, t("zones.ends_hint")),
    field("source", t("zones.source"), source),
    el("details", {}, el("summary", {}, t("zones.as_geojson")), field("geometry", t("zones.as_geojson_hint"), shape)));

  function monthDay(id, value) {
    const [month, day] = value.split("-");
    const pick = (part, most, chosen, label) => el("select", { class: "input zones-date", id: part === "month" ? id : null, "aria-label": label, onchange: edited },
      ...Array.from({ length: most }, (_, n) => String(n + 1).padStart(2, "0")).map((n) => el("option", { value: n, selected: n === chosen }, part === "month" ? monthName(n) : String(Number(n)))));
    const months = pick("month", 12, month, t("zones.month"));
    const days = pick("day", 31, day, t("zones.day"));
    const parts = language === "zh" ? [months, el("span", {}, "月"), days, el("span", {}, "日")] : [days, months];
    return {
      element: el("span", { class: "row zones-month-day" }, ...parts),
      value: () => `${months.value}-${days.value}`,
      set(next) { [months.value, days.value] = next.split("-"); },
    };
  }

  const season = () => { seasonBox.hidden = !seasonal.checked; };
  const limitShown = () => { limitBox.hidden = !limited.checked; };

  /** Another kind brings its preset along, while the zone is new. */
  function chooseKind() {
    map.recolour(kind.value);
    if (!zone) {
      const preset = presets[kind.value];
      buffer.value = preset.buffer_m;
      seasonal.checked = Boolean(preset.season);
      if (preset.season) { from.set(preset.season.from); to.set(preset.season.to); }
      limited.checked = Boolean(preset.limit);
      if (preset.limit) { limitValue.value = preset.limit.value; limitUnit.value = preset.limit.unit; }
      urgent.checked = preset.urgent;
      department.value = preset.department ?? "";
      what.set(preset.categories);
      told.set(preset.recipients);
      season();
      limitShown();
    }
    edited();
  }

  function document_() {
    return {
      kind: kind.value, name: name.value.trim(), name_en: nameEn.value.trim(), geometry: geometry === "mixed" ? null : geometry,
      buffer_m: Number(buffer.value || 0), season: seasonal.checked ? { from: from.value(), to: to.value() } : null,
      categories: what.value(), urgent: urgent.checked,
      limit: limited.checked ? { value: String(limitValue.value), unit: limitUnit.value } : null,
      department: department.value || null, recipients: told.value(), source: source.value.trim(), synthetic: zone?.synthetic ?? false,
      valid_from: begins.value ? zoned(begins.value) : null, valid_until: ends.value ? zoned(ends.value) : null,
    };
  }

  function edited() {
    changed(true);
    outlineSoon();
  }

  /** Asks the server for the outline with the metres around it, and what it says is wrong with it. */
  function outlineSoon() {
    clearTimeout(timer);
    timer = setTimeout(() => { void outline(); }, LATER);
  }
  async function outline() {
    const mine = ++asked;
    if (!geometry || geometry === "mixed") {
      map.reach(null);
      size.textContent = t(geometry ? "zones.mixed" : "zones.nothing_drawn");
      return;
    }
    try {
      const { data } = await call("POST", "zones/outline", { body: { ...document_(), name: name.value.trim() || "–", valid_from: null, valid_until: null } });
      if (mine !== asked) return;
      map.reach(data.reach, kind.value);
      size.textContent = t("zones.size", { n: data.area_km2 });
      unblame();
    } catch (error) {
      if (mine !== asked) return;
      map.reach(null);
      if (error.field === "geometry" || error.field === "buffer_m") blame(error);
    }
  }

  function drawn(next) {
    geometry = next;
    if (document.activeElement !== shape) shape.value = next && next !== "mixed" ? JSON.stringify(next) : "";
    if (next) outlineSoon();
    else void outline();
  }

  function paste() {
    try {
      const said = JSON.parse(shape.value);
      map.replace(said.type === "Feature" ? said.geometry : said.type === "FeatureCollection" ? said.features[0].geometry : said);
      changed(true);
    } catch {
      say(t("zones.no_geojson"));
    }
  }

  function unblame() {
    fault.hidden = true;
    for (const one of element.querySelectorAll("[aria-invalid]")) one.removeAttribute("aria-invalid");
  }
  function say(message) {
    fault.hidden = false;
    fault.textContent = message;
  }
  /** Shows what the server refused beside the field it names. */
  function blame(error) {
    unblame();
    say(words(error));
    const at = element.querySelector(`[data-field="${(error.field ?? "").split(".")[0]}"] .input`);
    at?.setAttribute("aria-invalid", "true");
    (at ?? fault).scrollIntoView({ block: "nearest" });
  }

  season();
  limitShown();
  return { element, document: document_, blame, drawn, focus: () => name.focus(), kind: () => kind.value, end: () => clearTimeout(timer) };
}

/** In Chinese months are numbers already. */
const monthName = (n) => (language === "zh" ? String(Number(n)) : new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", month: "short" }).format(Date.UTC(2000, Number(n) - 1, 1)));

/** A local time of the county as the server reads it; China has one zone and no summer time. */
const zoned = (local) => `${local}:00+08:00`;
function localTime(value) {
  return value ? new Date(new Date(value).getTime() + 8 * 3600e3).toISOString().slice(0, 16) : "";
}
