// What happened to a ticket: who, what, when, from where to where, in whose hands and for how long.
import { el } from "/static/shared/dom.js";
import { t } from "/static/shared/texts.js";
import { span, timeElement } from "/static/shared/time.js";
import { gallery } from "./gallery.js";
import { actionWord, holderWord, nodeWord, roleWord } from "./words.js";

/** Newest first, as the last step is what one looks for. */
export const timeline = (items, { open }) =>
  el(
    "ol",
    { class: "timeline", dataset: { testid: "timeline" } },
    ...[...items].reverse().map((step, n) => line(step, n === 0 && open)),
  );

function line(step, current) {
  return el(
    "li",
    {
      class: step.what === "overdue" ? "late" : step.what === "warn" ? "soon" : "",
      dataset: { what: step.what, n: step.n },
    },
    el(
      "div",
      { class: "timeline-top" },
      el("strong", {}, title(step)),
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
    step.photos?.length && step.what !== "report" ? gallery(step.photos) : null,
  );
}

/** The system has a name in one language only; its role has one in both. */
const by_system = (step) => !step.who?.role || step.who.role === "system";

function title(step) {
  const clock = step.details?.clock;
  if (step.what === "warn" || step.what === "overdue")
    return `${t(clock === "tier" ? "common.tier_clock" : "common.matter_clock")} · ${actionWord(step.what)}`;
  if (step.what === "escalate" && by_system(step)) return t("desk.climbed");
  return actionWord(step.what);
}

function verdict(step) {
  if (step.what !== "verify" || typeof step.details?.passed !== "boolean") return null;
  return el(
    "span",
    { class: `tag ${step.details.passed ? "done" : "red"}` },
    t(step.details.passed ? "desk.passed" : "desk.not_passed"),
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
