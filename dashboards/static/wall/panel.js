// One ticket beside the map: where it is, at which node, in whose hands, both clocks, and the way to its whole story.
import { $, el, mark } from "/static/shared/dom.js";
import { refreshTimes, timeElement } from "/static/shared/time.js";
import { knows, nameOf, t } from "/static/shared/texts.js";

const word = (prefix, name) => (knows(`${prefix}.${name}`) ? t(`${prefix}.${name}`) : (name ?? "–"));

/** Who has it now, in words: "钢都街道 · 乡镇（街道）级", "国网大石桥市供电公司". */
export function holderText(ticket) {
  const holder = ticket.holder ?? { kind: "none" };
  if (holder.kind === "tier") return `${holder.name} · ${word("tier", ticket.tier)}`;
  if (holder.kind === "workers") return holder.name ? `${t("common.workers")} · ${holder.name}` : t("common.workers");
  if (holder.kind === "none") return t("common.nobody");
  return holder.name;
}

export class Panel {
  constructor(element, store) {
    this.element = element;
    this.store = store;
    store.on("select", (number) => this.show(number));
    store.on("ticket", (ticket) => { if (ticket.number === store.selected) this.render(ticket); });
    store.on("gone", (number, last) => { if (number === store.selected && last) this.render(last); });
    document.addEventListener("keydown", (event) => { if (event.key === "Escape" && store.selected) store.select(null); });
    setInterval(() => refreshTimes(element), 15000);
  }

  async show(number) {
    const before = this.from;
    this.element.hidden = !number;
    if (!number) {
      before?.focus?.({ preventScroll: true });
      return;
    }
    this.from = document.activeElement;
    const ticket = this.store.tickets.get(number) ?? (await this.store.fetchTicket?.(number));
    if (!ticket || this.store.selected !== number) return;
    this.render(ticket);
    $("button", this.element)?.focus({ preventScroll: true });
  }

  render(ticket) {
    const done = ["closed", "rejected", "merged"].includes(ticket.node);
    const colour = done ? "done" : ticket.colour;
    const place = ["town", "village", "grid"].map((level) => ticket.region[level]?.name).filter(Boolean);
    const row = (name, ...values) => [el("dt", {}, name), el("dd", {}, ...values)];
    this.element.replaceChildren(
      el("header", {},
        el("div", {},
          el("p", { class: "number muted" }, ticket.number),
          el("h2", { id: "panel-title" }, nameOf(ticket.category))),
        el("button", { type: "button", class: "button quiet", "aria-label": t("common.close"), onclick: () => this.store.select(null) }, "✕")),
      el("p", { class: "row" },
        el("span", { class: `tag ${colour}` }, mark(colour), done ? word("node", ticket.node) : word("colour", ticket.colour)),
        el("span", { class: "tag" }, `${word("node", ticket.node)} · ${word("tier", ticket.tier)}`),
        ticket.supervision ? el("span", { class: `tag supervised ${ticket.supervision.colour}` }, t("common.supervised")) : null,
        ticket.simulated ? el("span", { class: "tag" }, t("common.simulated")) : null),
      ticket.description ? el("p", { class: "words" }, ticket.description) : null,
      el("dl", {},
        row(t("common.place"), place.join(" ▸ ")),
        row(t("common.holder"), holderText(ticket)),
        done ? null : row(t("common.matter_clock"), timeElement(ticket.due_at, "remaining")),
        done ? null : row(t("common.tier_clock"), ticket.tier_due_at ? [mark(ticket.tier_colour ?? "grey"), " ", timeElement(ticket.tier_due_at, "remaining")] : "–"),
        row(t("common.reported_at"), timeElement(ticket.created_at, "short"), ticket.reported_by ? ` · ${ticket.reported_by.name}` : "")),
      el("a", { class: "button primary", href: `/desk?ticket=${encodeURIComponent(ticket.number)}` }, t("wall.open_timeline")));
  }
}
