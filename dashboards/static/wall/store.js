// What the wall knows: the open tickets of the commander's own region, the scope looked at, and who wants to hear of changes.

export const OPEN = ["intake", "claim", "dispatch", "handle", "close"];
export const LEVELS = ["county", "town", "village", "grid"];
const URGENCY = { red: 3, yellow: 2, blue: 1, grey: 0 };

export class Store {
  constructor() {
    this.tickets = new Map();
    this.cut = false;         // more open tickets exist than the wall holds
    this.home = null;         // the commander's own region {code, name, level}
    this.scope = null;        // the region looked at, home or below
    this.selected = null;     // the number of the ticket in the panel
    this.listeners = new Map();
    this.waiting = false;
  }

  on(what, listener) {
    if (!this.listeners.has(what)) this.listeners.set(what, []);
    this.listeners.get(what).push(listener);
  }

  tell(what, ...facts) {
    for (const listener of this.listeners.get(what) ?? []) listener(...facts);
  }

  /** Many changes in one frame are counted once. */
  changed() {
    if (this.waiting) return;
    this.waiting = true;
    setTimeout(() => {
      this.waiting = false;
      this.tell("tickets");
    }, 100);
  }

  fillWith(items, cut) {
    const fresh = new Map(items.map((ticket) => [ticket.number, ticket]));
    for (const number of this.tickets.keys()) if (!fresh.has(number)) this.drop(number);
    for (const ticket of items) this.put(ticket);
    this.cut = cut;
    this.changed();
  }

  /** Takes a ticket as an event or a list told it; an older version than the known one is not taken. */
  put(ticket) {
    const known = this.tickets.get(ticket.number);
    if (known && known.version > ticket.version) return;
    if (!OPEN.includes(ticket.node)) {
      this.drop(ticket.number, ticket);
      return;
    }
    this.tickets.set(ticket.number, ticket);
    this.tell("ticket", ticket, known);
    this.changed();
  }

  drop(number, last = null) {
    if (!this.tickets.delete(number)) return;
    this.tell("gone", number, last);
    this.changed();
  }

  look(scope) {
    this.scope = scope;
    this.tell("scope", scope);
    this.changed();
  }

  select(number) {
    this.selected = number;
    this.tell("select", number);
  }

  inScope(ticket, scope = this.scope) {
    return !scope || scope.level === "county" || ticket.region?.[scope.level]?.code === scope.code;
  }

  /** Counts of the open tickets in scope: by node, colour, supervision, and by region of the level below. */
  counts() {
    const below = LEVELS[LEVELS.indexOf(this.scope?.level ?? "county") + 1];
    const result = { open: 0, nodes: Object.fromEntries(OPEN.map((node) => [node, 0])), colours: {}, supervised: 0, below: new Map(), level: below };
    for (const ticket of this.tickets.values()) {
      if (!this.inScope(ticket)) continue;
      result.open += 1;
      result.nodes[ticket.node] += 1;
      result.colours[ticket.colour] = (result.colours[ticket.colour] ?? 0) + 1;
      if (ticket.supervision) result.supervised += 1;
      const code = below && ticket.region[below]?.code;
      if (!code) continue;
      const region = result.below.get(code) ?? { open: 0, overdue: 0 };
      region.open += 1;
      if (ticket.colour === "red") region.overdue += 1;
      result.below.set(code, region);
    }
    return result;
  }

  /** The most urgent and newest first, at most `most`. */
  foremost(most) {
    return [...this.tickets.values()]
      .filter((ticket) => this.inScope(ticket))
      .sort((a, b) => (URGENCY[b.colour] ?? 0) - (URGENCY[a.colour] ?? 0) || (b.created_at > a.created_at ? 1 : -1))
      .slice(0, most);
  }

  newest(most) {
    return [...this.tickets.values()]
      .filter((ticket) => this.inScope(ticket))
      .sort((a, b) => (b.created_at > a.created_at ? 1 : b.created_at < a.created_at ? -1 : 0))
      .slice(0, most);
  }
}
