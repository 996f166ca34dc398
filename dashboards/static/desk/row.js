// One line of the list.
import { el } from "/static/shared/dom.js";
import { t } from "/static/shared/texts.js";
import { timeElement } from "/static/shared/time.js";
import { clockTag, colourNow, matter, tier } from "./clocks.js";
import { marks } from "./marks.js";
import { called, holderWord, nodeWord, placeWord } from "./words.js";

/** Fills a row's element anew when the ticket is another version than it shows; returns the element.
 *  open(number, event): the row was clicked; pick(number, event): its box was. */
export function drawRow(node, ticket, { open, pick = null }) {
  const row =
    node ??
    el("div", {
      class: "desk-row",
      role: "option",
      id: `row-${ticket.number}`,
      "aria-selected": "false",
      dataset: { ticket: ticket.number },
      onclick: (event) => {
        const boxed = pick && (event.target.closest(".desk-pick") || event.shiftKey);
        if (boxed) pick(ticket.number, event);
        else open(ticket.number);
      },
      // A range picked with shift is no selected text.
      onmousedown: (event) => pick && event.shiftKey && event.preventDefault(),
    });
  const shown = `${ticket.version} ${ticket.updated_at} ${ticket.colour}`;
  if (row.dataset.shown === shown) return row;
  row.dataset.shown = shown;
  row.dataset.node = ticket.node;
  row.replaceChildren(
    el(
      "div",
      { class: "desk-row-top" },
      pick ? el("span", { class: "desk-pick", "aria-hidden": "true", title: t("desk.pick") }) : null,
      el("strong", {}, called(ticket.category)),
      clockTag(matter(ticket), ticket),
    ),
    el(
      "div",
      { class: "desk-row-words" },
      el("span", {}, ticket.description || t("desk.no_description")),
      marks(ticket),
    ),
    el(
      "div",
      { class: "desk-row-meta small" },
      el("span", { class: "desk-node" }, nodeWord(ticket.node)),
      el("span", { class: "desk-holder" }, ticket.closed_at ? "" : holderWord(ticket.holder)),
      hurry(ticket),
      timeElement(ticket.created_at),
    ),
    el(
      "div",
      { class: "desk-row-meta small muted" },
      el("span", { class: "desk-place" }, placeWord(ticket.region)),
      el("span", { class: "number" }, ticket.number),
    ),
  );
  return row;
}

/** The tier's clock, when it presses before the matter's does. */
function hurry(ticket) {
  const clock = tier(ticket);
  const pressing =
    !clock.closed &&
    ["yellow", "red"].includes(colourNow(clock)) &&
    !["yellow", "red"].includes(colourNow(matter(ticket)));
  return pressing ? el("span", { class: "desk-hurry" }, t("desk.tier_short"), clockTag(clock, ticket)) : null;
}
