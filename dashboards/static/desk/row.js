// One line of the list.
import { el } from "/static/shared/dom.js";
import { t } from "/static/shared/texts.js";
import { timeElement } from "/static/shared/time.js";
import { clockTag, colourNow, matter, tier } from "./clocks.js";
import { called, holderWord, nodeWord } from "./words.js";

/** Fills a row's element anew when the ticket is another version than it shows; returns the element. */
export function drawRow(node, ticket, open) {
  const row =
    node ??
    el("div", {
      class: "desk-row",
      role: "option",
      id: `row-${ticket.number}`,
      "aria-selected": "false",
      dataset: { ticket: ticket.number },
      onclick: () => open(ticket.number),
    });
  const shown = `${ticket.version} ${ticket.updated_at} ${ticket.colour}`;
  if (row.dataset.shown === shown) return row;
  row.dataset.shown = shown;
  row.dataset.node = ticket.node;
  row.replaceChildren(
    el(
      "div",
      { class: "desk-row-top" },
      el("strong", {}, called(ticket.category)),
      supervised(ticket),
      clockTag(matter(ticket), ticket),
    ),
    el("div", { class: "desk-row-words" }, ticket.description || t("desk.no_description")),
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
      el("span", { class: "desk-place" }, place(ticket.region)),
      el("span", { class: "number" }, ticket.number),
    ),
  );
  return row;
}

/** Town and grid: the grid's name says the village. */
const place = ({ town, grid }) => [town?.name, grid?.name].filter(Boolean).join(" › ");

/** The tier's clock, when it presses before the matter's does. */
function hurry(ticket) {
  const clock = tier(ticket);
  const pressing =
    !clock.closed &&
    ["yellow", "red"].includes(colourNow(clock)) &&
    !["yellow", "red"].includes(colourNow(matter(ticket)));
  return pressing ? el("span", { class: "desk-hurry" }, t("desk.tier_short"), clockTag(clock, ticket)) : null;
}

export function supervised(ticket) {
  const order = ticket.supervision;
  if (!order || ticket.closed_at) return null;
  const colour = { red: "red", yellow: "yellow", blue: "blue" }[order.colour] ?? "red";
  return el("span", { class: `tag supervised ${colour}` }, t("common.supervised"));
}
