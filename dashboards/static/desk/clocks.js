// The two clocks of a ticket, as colour, shape and words; they tick without asking the server.
import { el, mark } from "/static/shared/dom.js";
import { t } from "/static/shared/texts.js";
import { full, now, refreshTimes, short, span, timeElement } from "/static/shared/time.js";

/** The colour a clock has now; a finished one tells for ever whether it was in time. */
export function colourNow({ colour, due, warn, closed }) {
  if (closed) return due && new Date(closed) > new Date(due) ? "red" : "done";
  if (colour === "grey" || !due) return colour;
  const at = now();
  if (new Date(due) <= at) return "red";
  return warn && new Date(warn) <= at ? "yellow" : colour === "red" ? "blue" : colour;
}

export const matter = (ticket) => ({
  colour: ticket.colour,
  due: ticket.due_at,
  warn: ticket.warn_at,
  closed: ticket.closed_at,
  suspended: ticket.suspended_until,
});
export const tier = (ticket) => ({
  colour: ticket.tier_colour,
  due: ticket.tier_due_at,
  warn: ticket.tier_warn_at,
  closed: ticket.closed_at,
  suspended: ticket.suspended_until,
});

/** A tag for lists: mark and words. */
export function clockTag(clock, ticket) {
  const colour = colourNow(clock);
  return el(
    "span",
    { class: `tag ${colour}`, dataset: { clock: JSON.stringify(clock) } },
    mark(colour),
    says(clock, colour, ticket),
  );
}

function says(clock, colour, ticket) {
  if (clock.closed) return el("span", { title: full(clock.closed) }, ending(clock, colour, ticket));
  if (colour === "grey") return t("colour.grey");
  return clock.due ? timeElement(clock.due, "remaining") : t("common.no_limit");
}

function ending(clock, colour, ticket) {
  if (ticket && ticket.node !== "closed") return t(`node.${ticket.node}`);
  return colour === "red"
    ? t("desk.ended_late", { span: span(new Date(clock.closed) - new Date(clock.due)) })
    : t("desk.ended_in_time");
}

/** A whole clock for the head of a ticket: what it measures, what is left, when it ends. */
export function clockCard(label, clock, ticket, { provisional = false, rules = null } = {}) {
  const colour = colourNow(clock);
  const title = [rules, provisional ? t("desk.provisional_why") : null].filter(Boolean).join("\n") || null;
  return el(
    "div",
    { class: `clock ${colour}`, title, dataset: { clock: JSON.stringify(clock), testid: "clock" } },
    mark(colour),
    el(
      "span",
      { class: "clock-words" },
      el("span", { class: "small" }, label),
      el("strong", {}, says(clock, colour, ticket)),
      el(
        "span",
        { class: "small muted" },
        clock.suspended && !clock.closed
          ? t("desk.stands_still", { time: short(clock.suspended) })
          : clock.due
            ? t("desk.until", { time: short(clock.due) })
            : "",
        provisional && !clock.closed ? ` ${t("desk.provisional")}` : "",
      ),
    ),
  );
}

/** Lets all clocks within go on: the words by the shared module, colour and shape here. */
export function tick(within = document) {
  refreshTimes(within);
  for (const node of within.querySelectorAll("[data-clock]")) {
    const colour = colourNow(JSON.parse(node.dataset.clock));
    if (node.classList.contains(colour)) continue;
    for (const part of [node, node.querySelector(".mark")]) {
      part?.classList.remove("blue", "yellow", "red", "grey", "done");
      part?.classList.add(colour);
    }
  }
}
