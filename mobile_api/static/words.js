// A ticket in words and shapes, as the lists and the detail show it.

import { el } from "./dom.js";
import { day, language, named, remaining, t } from "./texts.js";

export const called = (thing) => (language() === "en" && thing?.name_en) || thing?.name || "";

export const node_word = (node) => named(`phone.node.${node}`, node);
export const action_word = (action) => named(`phone.action.${action}`, action);

export function holder_word(holder) {
  if (!holder || holder.kind === "none") return t("phone.holder.nobody");
  return holder.name || named(`phone.holder.${holder.kind}`, holder.kind);
}

/** The clock's colour now: an answer kept from this morning must not still say "in time". */
export function colour_of(ticket, now = Date.now()) {
  if (ticket.closed_at) return "done";
  if (ticket.colour === "grey") return "grey";
  if (ticket.due_at && Date.parse(ticket.due_at) <= now) return "red";
  if (ticket.warn_at && Date.parse(ticket.warn_at) <= now) return "yellow";
  return ticket.colour;
}

/** Colour, shape and words together, so that none of them stands alone. */
export function clock_tag(ticket) {
  const colour = colour_of(ticket);
  const suspended = colour === "grey" && ticket.suspended_until;
  const words = suspended
    ? t("phone.state.until", { date: day(ticket.suspended_until).slice(5) })
    : colour === "done"
      ? node_word(ticket.node)
      : colour === "grey" || !ticket.due_at
        ? named(`phone.colour.${colour}`, "")
        : remaining(ticket.due_at);
  return el("span", { class: `tag ${colour}` }, el("span", { class: `mark ${colour}`, "aria-hidden": "true" }), words);
}

/** The grid, after its village only where its own name does not begin with it. */
export function place_word({ region }) {
  const grid = region?.grid?.name ?? "";
  const village = region?.village?.name ?? "";
  return [grid.startsWith(village) ? "" : village, grid].filter(Boolean).join(" · ");
}
