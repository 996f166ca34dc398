// The county's map: its editions, and a file that becomes the next one.
import { $, el } from "/static/shared/dom.js";
import { count, t } from "/static/shared/texts.js";
import { isoDay, now } from "/static/shared/time.js";
import { editionsCard } from "/static/map_administration/editions.js";
import { faultKinds } from "/static/map_administration/faults.js";
import { preview } from "/static/map_administration/preview.js";
import { settings } from "/static/map_administration/settings.js";
import { actions, wizard } from "/static/map_administration/wizard.js";

const ACCEPT = ".zip,.gpkg,.geojson,.json,.kml,.kmz,.gdb,.xlsx,.csv,.shp";
const LEVELS = ["urban_rural", "school", "enterprise"];
const CHANGES = ["added", "redrawn", "renamed", "ended", "split", "merged", "recoded"];

const list = el("section", { class: "card" });
const box = el("div", {});
$("#page").replaceChildren(list, box);
const editions = editionsCard(list);
wizard(box, { kind: "grids", accept: ACCEPT, hint: t("imports.grids_hint"), report, onApplied: () => editions.load() });

function report(job, tools) {
  const { result } = job;
  const standing = result.faults.filter((kind) => kind.level === "fault" && !kind.repaired);
  const faults = standing.reduce((sum, kind) => sum + kind.count, 0);
  const mendable = standing.filter((kind) => kind.repairable).reduce((sum, kind) => sum + kind.count, 0);
  const asks = !result.crs;
  const parts = [summary(job, faults)];
  if (asks) parts.push(settings(job, { run: tools.run, primary: true }));
  const listed = result.faults.length ? faultKinds(job, { onPlace: (fault) => map?.show(fault) }) : null;
  const map = asks ? null : preview(job, { onFault: (n, kind) => listed?.reveal(n, kind) });
  if (map) requestAnimationFrame(() => map.draw().catch(() => map.node.replaceChildren(el("p", { class: "muted" }, t("imports.no_preview")))));
  const left = el("div", { class: "report" },
    Object.keys(result.counts).length ? countsTable(job) : null,
    result.changes ? changesList(result.changes) : null,
    listed && el("section", {}, el("h3", {}, t(result.ok ? "imports.notes" : "imports.faults")), listed.node));
  parts.push(el("div", { class: "report-columns" }, left, map && el("div", {}, map.node)));
  if (!asks) parts.push(el("details", {}, el("summary", {}, t("imports.other_settings")), settings(job, { run: tools.run, primary: false })));
  const bar = [];
  if (!result.ok && mendable && !job.choices.repair) bar.push(tools.again({ ...job.choices, repair: true }, t("imports.repair", { n: count(mendable) })));
  if (job.choices.repair) bar.push(tools.again({ ...job.choices, repair: false }, t("imports.unrepair"), false));
  if (result.faults.length) bar.push(el("a", { class: "button", href: `/api/v1/imports/${job.id}/faults.xlsx`, download: true }, t("imports.download_faults")));
  if (result.ok && !result.changes.none) parts.push(applyForm(job, tools));
  if (result.waiting) bar.push(tools.again(null, t("imports.again")));
  parts.push(actions(...bar, tools.discard()));
  return parts;
}

function summary(job, faults) {
  const { result } = job;
  const told = [result.format, result.crs && t("imports.crs_is", { crs: result.crs }), result.encoding, job.choices.add ? t("imports.is_part") : null].filter(Boolean).join(" · ");
  const notice = result.ok
    ? el("p", { class: `notice ${result.changes?.none ? "" : "done"}`, role: "status" }, t(result.changes?.none ? "imports.no_changes" : "imports.sound"))
    : el("p", { class: "notice fault", role: "status" }, t(result.crs ? "imports.faulty" : "imports.asks_crs", { n: count(faults) }));
  return el("div", { class: "stack" }, notice, told && el("p", { class: "muted small" }, told));
}

/** The grids of the file beside those of the newest edition. */
function countsTable(job) {
  const { counts, present, ok } = job.result;
  const rows = LEVELS.filter((level) => counts[level] || (ok && present[level])).map((level) => {
    const more = (counts[level] ?? 0) - (present[level] ?? 0);
    return el("tr", {}, el("th", { scope: "row" }, t(`kind.${level}`)), el("td", { class: "figure" }, count(counts[level] ?? 0)),
      el("td", { class: "figure" }, count(present[level] ?? 0)), el("td", { class: "figure" }, more > 0 ? `+${count(more)}` : count(more)));
  });
  return el("div", { class: "table-wrap" }, el("table", { class: "table", dataset: { testid: "counts" } },
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, t("imports.count_of")), ...["file", "present", "difference"].map((key) => el("th", { scope: "col", class: "figure" }, t(`imports.count_${key}`))))), el("tbody", {}, ...rows)));
}

/** A region that only changed its code is neither new nor gone. */
const figure = ({ counts }, name) => (counts[name] ?? 0) - (["added", "ended"].includes(name) ? counts.recoded ?? 0 : 0);

const consequences = (changes) => [
  ...CHANGES.filter((name) => figure(changes, name) > 0).map((name) => t(`imports.effect_${name}`, { n: count(figure(changes, name)) })),
  changes.open_tickets ? t("imports.effect_tickets", { n: count(changes.open_tickets) }) : t("imports.effect_no_tickets"),
];

const changesList = (changes) => el("section", {}, el("h3", {}, t("imports.effects")), el("ul", { class: "consequences", dataset: { testid: "effects" } }, ...consequences(changes).map((text) => el("li", {}, text))));

function applyForm(job, tools) {
  const today = isoDay(now());
  const name = el("input", { class: "input", id: "edition-name", type: "text", maxlength: 200, value: t("imports.edition_name", { year: today.slice(0, 4) }), required: true });
  const day = el("input", { class: "input", id: "edition-day", type: "date", min: today, value: today, required: true });
  const note = el("input", { class: "input", id: "edition-note", type: "text", maxlength: 2000 });
  const field = (node, key) => el("div", { class: "field" }, el("label", { for: node.id }, t(`imports.${key}`)), node);
  function submit(event) {
    event.preventDefault();
    const later = day.value > today;
    tools.apply({
      title: t("imports.apply_title"),
      what: [
        el("p", {}, later ? t("imports.apply_later", { name: name.value, day: day.value }) : t("imports.apply_now", { name: name.value })),
        el("ul", { class: "consequences" }, ...consequences(job.result.changes).map((text) => el("li", {}, text))),
        el("p", { class: "muted small" }, t(later ? "imports.apply_later_text" : "imports.apply_now_text")),
      ],
      yes: t(later ? "imports.apply_later_yes" : "imports.apply_now_yes"),
      content: () => ({ name: name.value.trim(), note: note.value.trim(), ...(later ? { effective: day.value } : {}) }),
    });
  }
  return el("form", { class: "stack", onsubmit: submit, dataset: { testid: "apply" } },
    el("h3", {}, t("imports.apply_heading")),
    el("div", { class: "apply-form" }, field(name, "edition"), field(day, "effective"), field(note, "note_field")),
    el("div", { class: "actions" }, el("button", { type: "submit", class: "button primary" }, t("imports.apply"))));
}
