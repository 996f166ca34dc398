// What happened to a ticket: who, what, when, from where to where, in whose hands and for how long.
import { el } from "/static/shared/dom.js";
import { t } from "/static/shared/texts.js";
import { span, timeElement } from "/static/shared/time.js";
import { gallery } from "./gallery.js";
import { answers, by_system, look, sentences, title, verdict } from "./sentences.js";
import { actionWord, holderWord, nodeWord, roleWord } from "./words.js";

/** Newest first, as the last step is what one looks for. `go(number)` opens another ticket. */
export const timeline = (items, { open, go }) =>
  el(
    "ol",
    { class: "timeline", dataset: { testid: "timeline" } },
    ...[...items].reverse().map((step, n) => line(step, n === 0 && open, go)),
  );

function line(step, current, go) {
  return el(
    "li",
    {
      class: look(step),
      dataset: { what: step.what, n: step.n },
    },
    el(
      "div",
      { class: "timeline-top" },
      el("strong", {}, title(step, actionWord)),
      verdict(step),
      el("span", { class: "push small muted" }, timeElement(step.when)),
    ),
    el(
      "div",
      { class: "small" },
      el("span", {}, by_system(step) ? roleWord("system") : step.who.name || roleWord(step.who.role)),
      by_system(step) ? "" : el("span", { class: "muted" }, ` · ${roleWord(step.who.role)}`),
    ),
    moved(step),
    ...sentences(step, go),
    step.to?.holder?.kind === "none"
      ? null
      : el(
          "div",
          { class: "small muted" },
          t(current ? "desk.held_so_far" : "desk.held", {
            holder: holderWord(step.to?.holder),
            span: span(1000 * (step.held_seconds ?? 0)),
          }),
        ),
    step.note ? el("p", { class: "timeline-note" }, step.note) : null,
    answers(step),
    step.photos?.length && step.what !== "report" ? gallery(step.photos) : null,
  );
}

/** "认领 → 分派", with the tier where it changed. */
function moved(step) {
  const { from, to } = step;
  if (!from || !to || (from.node === to.node && from.tier === to.tier)) return null;
  const other = from.tier !== to.tier;
  const spot = (at) =>
    other ? t("desk.node_at", { node: nodeWord(at.node), tier: t(`tier.${at.tier}`) }) : nodeWord(at.node);
  return el("div", { class: "small timeline-move" }, spot(from), " → ", spot(to));
}
