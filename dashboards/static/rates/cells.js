// The smallest pieces of the dashboards: a rate with its bar, a figure that leads to its tickets.
import { el } from "/static/shared/dom.js";
import { count, fraction, rate, t } from "/static/shared/texts.js";

export const FEWEST = 5;   // below this denominator a rate says nothing
export const enough = (figure) => (figure?.denominator ?? 0) >= FEWEST;

/** A rate: bar from zero, the mean of the whole as a thin rule, per cent, numerator/denominator. */
export function rateCell(figure, mean) {
  const none = !figure?.denominator;
  const width = none ? 0 : Math.min(100, (figure.numerator / figure.denominator) * 100);
  const few = !none && !enough(figure);
  return el("span", { class: `rate${few ? " few" : ""}`, title: few ? t("common.denominator_small") : null },
    el("span", { class: "track", "aria-hidden": "true" },
      el("i", { style: `width:${width}%` }),
      mean?.denominator ? el("u", { style: `left:${(mean.numerator / mean.denominator) * 100}%` }) : null),
    el("b", {}, rate(figure)),
    el("span", { class: "of" }, fraction(figure)));
}

/** Gives every rate of a table the room of its longest fraction, so that figures stand under each other in all rows. */
export function alignFractions(table, items) {
  const longest = Math.max(0, ...items.flatMap((item) => [item.closure_rate, item.on_time_rate]).map((figure) => fraction(figure).length));
  table.style.setProperty("--fraction", `${longest}ch`);
}

/** Where the desk shows the tickets behind a figure. */
export function deskAddress(region, filter) {
  const params = new URLSearchParams({ region, ...filter });
  return `/desk?${params}`;
}

export function ticketsLink(value, region, filter, what) {
  if (!value) return el("span", { class: "zero" }, count(value));
  return el("a", { href: deskAddress(region, filter), "aria-label": `${what}: ${count(value)}` }, count(value));
}
