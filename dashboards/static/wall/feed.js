// The latest events, newest on top, and the hidden list of the tickets on the map for readers and tests.
import { $, el, mark } from "/static/shared/dom.js";
import { clock, full, isoDay, now, short } from "/static/shared/time.js";
import { knows, nameOf, t } from "/static/shared/texts.js";

const KEPT = 30;
const LISTED = 500;

const word = (prefix, name) => (knows(`${prefix}.${name}`) ? t(`${prefix}.${name}`) : name);

/** A clock that ran out is told with whose clock it was. */
const what = (event) => (event.clock && knows(`wall.${event.what}_${event.clock}`) ? t(`wall.${event.what}_${event.clock}`) : word("action", event.what));

const when = (at) => (isoDay(at) === isoDay(now()) ? clock(at) : short(at));

/** An old event's ticket may be closed by now: its grey would say "suspended" here, so it gets a plain dot. */
function markOf(event, ticket) {
  if (event.to?.node === "closed") return "done";
  return ticket.colour === "grey" && ticket.closed_at ? "past" : ticket.colour;
}

export class Feed {
  constructor(store) {
    this.store = store;
    this.messages = [];
    store.on("scope", () => this.render());
  }

  add(message) {
    this.messages.unshift(message);
    this.messages.length = Math.min(this.messages.length, KEPT * 10);
    if (!this.store.inScope(message.ticket)) return;
    const list = $("#events");
    list.querySelector(".empty")?.remove();
    list.prepend(this.line(message, true));
    while (list.children.length > KEPT) list.lastElementChild.remove();
  }

  fillWith(messages) {
    this.messages = [...messages].reverse();
    this.render();
  }

  render() {
    const here = this.messages.filter((message) => this.store.inScope(message.ticket)).slice(0, KEPT);
    $("#events").replaceChildren(...(here.length ? here.map((message) => this.line(message)) : [el("li", { class: "empty" }, t("wall.no_events"))]));
  }

  line({ event, ticket }, fresh = false) {
    const moved = event.from && event.to && event.from.tier !== event.to.tier;
    return el("li", { class: fresh ? "fresh" : null },
      el("button", { type: "button", onclick: () => this.store.select(ticket.number) },
        el("time", { datetime: event.when, title: full(event.when) }, when(event.when)),
        el("span", { class: "what" }, mark(markOf(event, ticket)), what(event), moved ? ` → ${t(`wall.tier_${event.to.tier}`)}` : ""),
        el("span", { class: "town" }, ticket.region.town?.name ?? ""),
        el("span", { class: "about" }, `${nameOf(ticket.category)} · ${ticket.region.village?.name ?? ""}`)));
  }
}

/** Each ticket that the map shows, as a list item: what a picture says to the eye, this says to a screen reader. */
export function listTickets(store) {
  const listed = new Map();
  for (const ticket of [...store.foremost(LISTED / 2), ...store.newest(LISTED)]) {
    if (listed.size < LISTED) listed.set(ticket.number, ticket);
  }
  const list = $("#tickets");
  const present = new Map([...list.children].map((item) => [item.dataset.ticket, item]));
  for (const [number, item] of present) if (!listed.has(number)) item.remove();
  for (const [number, ticket] of listed) {
    const item = present.get(number) ?? list.appendChild(el("li"));
    const facts = { ticket: number, node: ticket.node, tier: ticket.tier, colour: ticket.colour, tierColour: ticket.tier_colour ?? "", grid: ticket.region.grid?.code ?? "" };
    for (const [name, value] of Object.entries(facts)) if (item.dataset[name] !== value) item.dataset[name] = value;
    const text = `${number} ${nameOf(ticket.category)} ${ticket.region.grid?.name ?? ""} ${word("node", ticket.node)} ${word("tier", ticket.tier)} ${word("colour", ticket.colour)}`;
    if (item.textContent !== text) item.textContent = text;
  }
}
