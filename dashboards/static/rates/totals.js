// The figures of the whole region, each with its numerator and denominator.
import { $, el, mark } from "/static/shared/dom.js";
import { count, fraction, language, rate, t } from "/static/shared/texts.js";
import { deskAddress } from "/static/rates/cells.js";

// What is counted apart, beside the rates.
const APART = ["merged", "suspended", "reopened", "exempt", "supervised", "disputed", "returned", "answers_missed"];

export function showTotals(total, region, definitions) {
  const said = (key) => definitions?.[key]?.[language] ?? null;
  const tile = (name, value, below, { link, red, help } = {}) => el("div", { class: `total${red ? " red" : ""}` },
    el("h3", { title: help }, name),
    el("p", { class: "value" }, red ? mark("red") : null, link ? el("a", { href: link }, value) : value),
    el("p", { class: "below" }, below));
  const rateTile = (key) => tile(t(`rates.${key}`), rate(total[key]), fraction(total[key]), { help: said(key) });
  $("#totals").replaceChildren(
    tile(t("rates.reported"), count(total.reported), t("rates.accepted_of", { n: count(total.accepted) })),
    rateTile("closure_rate"),
    rateTile("on_time_rate"),
    tile(t("common.open"), count(total.open), t("rates.still_open"), { link: deskAddress(region, { open: "true" }) }),
    tile(t("common.overdue"), count(total.overdue), t("rates.of_open", { n: count(total.open) }), { link: deskAddress(region, { overdue: "true" }), red: total.overdue > 0 }),
    rateTile("rework_rate"),
    tile(t("rates.self_settled"), count(total.self_settled), t("rates.of_handled", { n: count(total.handled ?? total.closed) })),
    ...[["satisfaction_rate", "called"], ["satisfaction_of_all_rate", "called"], ["reached_rate", "called"], ["rating_rate", "rated"], ["correction_rate", "follow_ups"]]
      .map(([key, asked]) => tile(t(`rates.${key}`), rate(total[key]), total[asked] ? fraction(total[key]) : t(`rates.none_${asked}`), { help: said(key) })),
    el("dl", { class: "apart" }, ...APART.map((key) => el("div", { title: said(key) },
      el("dt", {}, t(`rates.${key}`)), el("dd", {}, key === "answers_missed" ? fraction({ numerator: total.answers_missed, denominator: total.assists }) : count(total[key]))))),
  );
}

/** "How is this counted": the definitions as the server counts by them. */
export function showDefinitions(definitions) {
  const isRate = ([key]) => Number(key.endsWith("_rate"));
  const told = Object.entries(definitions ?? {}).sort((a, b) => isRate(b) - isRate(a));
  $("#definitions").replaceChildren(...told.map(([key, texts]) => el("li", { id: `definition-${key}` }, texts[language])));
}
