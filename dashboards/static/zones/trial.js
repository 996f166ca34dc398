// What a rule would have done to the tickets of a past period, in figures and on the map.
import { el, mark } from "/static/shared/dom.js";
import { call } from "/static/shared/api.js";
import { count, nameOf, t } from "/static/shared/texts.js";
import { isoDay, short } from "/static/shared/time.js";

const SHOWN = 50;
export const PERIODS = [30, 90, 365, 730];

export async function tryOut(zone, days) {
  return (await call("POST", "zones/try-out", { body: { zone, days } })).data;
}

const figure = (name, n, kind = null) => el("div", { class: "zones-figure", dataset: { figure: name } },
  el("b", { class: "number" }, kind ? mark(kind) : null, " ", count(n)), el("span", { class: "small" }, t(`zones.trial_${name}`)));

/** A table of counts with bars from zero. */
function bars(title, rows) {
  const most = Math.max(1, ...rows.map((row) => row.n));
  return el("section", {}, el("h4", {}, title),
    el("table", { class: "table zones-bars" }, el("tbody", {}, ...rows.slice(0, 8).map((row) => el("tr", {},
      el("th", { scope: "row" }, row.label),
      el("td", {}, el("span", { class: "zones-bar", style: `width: ${Math.round((100 * row.n) / most)}%` })),
      el("td", { class: "figure number" }, count(row.n)))))),
    rows.length > 8 ? el("p", { class: "small muted" }, t("zones.and_more", { n: rows.length - 8 })) : null);
}

export function trialReport(told) {
  if (!told.touched) {
    return el("div", { class: "empty", dataset: { testid: "trial" } }, el("b", {}, t("zones.trial_none")), t("zones.trial_period", { from: isoDay(told.from), to: isoDay(told.to) }));
  }
  return el("div", { class: "stack", dataset: { testid: "trial" } },
    el("p", { class: "small muted" }, t("zones.trial_period", { from: isoDay(told.through), to: isoDay(told.to) })),
    told.complete ? null : el("p", { class: "notice warn" }, t("zones.trial_incomplete")),
    el("div", { class: "zones-figures" }, figure("touched", told.touched), figure("urgent", told.urgent), figure("tightened", told.tightened),
      figure("late_before", told.late_before), figure("late_after", told.late_after, told.late_after > told.late_before ? "red" : null)),
    el("p", { class: "small muted" }, t("zones.trial_note")),
    bars(t("zones.by_category"), told.by_category.map((row) => ({ label: nameOf(row), n: row.n }))),
    bars(t("zones.by_month"), told.by_month.map((row) => ({ label: row.month, n: row.n }))),
    bars(t("zones.by_village"), told.by_village.map((row) => ({ label: row.name, n: row.n }))),
    el("details", {}, el("summary", {}, t("zones.trial_list", { n: told.listed })),
      el("ul", { class: "zones-found" }, ...told.items.slice(0, SHOWN).map((one) => el("li", {},
        el("a", { href: `/desk?ticket=${encodeURIComponent(one.number)}`, target: "_blank", rel: "noopener" }, one.number), " ",
        nameOf(one.category), " ", el("span", { class: "muted small" }, `${one.village.name} ${short(one.created_at)}`),
        one.late_after && !one.late_before ? el("span", { class: "tag red" }, mark("red"), t("zones.would_be_late")) : null))),
      told.listed > SHOWN ? el("p", { class: "small muted" }, t("zones.and_more", { n: told.listed - SHOWN })) : null));
}
