// What is out of the ordinary about a ticket, as small marks: one letter to see, a whole word to hear and on hover.
import { el } from "/static/shared/dom.js";
import { t } from "/static/shared/texts.js";
import { called, listed } from "./words.js";

const AWAITS = {
  extension_1: "extension",
  extension_2: "extension",
  appeal_1: "appeal",
  appeal_2: "appeal",
};
const KINDS = { urgent: "red", suspended: "grey", disputed: "yellow", extension: "blue", appeal: "blue", follow_up: "red", reopened: "" };

/** The marks of a ticket, as {name, kind, facts}. */
export function marksOf(ticket) {
  const names = [
    ticket.urgent && !ticket.closed_at ? "urgent" : null,
    ticket.suspended_until ? "suspended" : null,
    ticket.disputed ? "disputed" : null,
    AWAITS[ticket.awaits] ?? null,
    ticket.follow_up_due_at ? "follow_up" : null,
    ticket.reopened_count ? "reopened" : null,
  ];
  const order = ticket.supervision && !ticket.closed_at ? ticket.supervision.colour : null;
  return [
    ...(order ? [{ name: "supervised", kind: `supervised ${order}`, word: t(`desk.order_${order}`) }] : []),
    ...names.filter(Boolean).map((name) => ({
      name,
      kind: KINDS[name],
      word: t(`desk.marked_${name}`, { n: ticket.reopened_count, rules: listed((ticket.zone_rules ?? []).map(called)) }),
    })),
  ];
}

/** As a strip for a row of the list; nothing when all is ordinary. */
export function marks(ticket) {
  const found = marksOf(ticket);
  if (!found.length) return null;
  return el(
    "span",
    { class: "marks" },
    ...found.map(({ name, kind, word }) =>
      el(
        "span",
        { class: `tag flag ${kind}`, title: word, dataset: { mark: name } },
        el("span", { "aria-hidden": "true" }, t(`desk.mark_${name}`)),
        el("span", { class: "visually-hidden" }, word),
      ),
    ),
  );
}
