// The table of the regions below: sortable, kept in place while figures change.
import { $, $$, el, mark, write } from "/static/shared/dom.js";
import { count, t } from "/static/shared/texts.js";
import { alignFractions, enough, rateCell, ticketsLink } from "/static/rates/cells.js";

const value = (figure) => (figure?.denominator ? figure.numerator / figure.denominator : -1);
const SORTS = {
  name: (item) => item.code,
  reported: (item) => item.reported,
  closure_rate: (item) => value(item.closure_rate),
  on_time_rate: (item) => value(item.on_time_rate),
  open: (item) => item.open,
  overdue: (item) => item.overdue,
};

export class RegionTable {
  constructor(table, { onChange }) {
    this.table = table;
    this.sort = { by: "on_time_rate", down: true };
    this.rows = new Map();
    for (const button of $$("button[data-sort]", table)) {
      button.addEventListener("click", () => {
        const by = button.dataset.sort;
        this.sort = { by, down: this.sort.by === by ? !this.sort.down : by !== "name" };
        this.order();
        onChange?.();
      });
    }
  }

  /** items: figures of the regions; leads(code): the address of a region's own dashboard, null at grids. */
  show(items, total, { leads }) {
    this.items = items;
    alignFractions(this.table, [...items, total]);
    const seen = new Set();
    for (const item of items) {
      seen.add(item.code);
      const cells = this.cells(item, total, leads(item.code));
      const drawn = JSON.stringify([item, total.closure_rate, total.on_time_rate, leads(item.code)]);
      let row = this.rows.get(item.code);
      if (!row) this.rows.set(item.code, (row = el("tr", { dataset: { code: item.code } })));
      if (row.drawn === drawn) continue;
      row.drawn = drawn;
      const focus = row.contains(document.activeElement) ? [...row.querySelectorAll("a")].indexOf(document.activeElement) : -1;
      row.replaceChildren(...cells);
      if (focus >= 0) row.querySelectorAll("a")[focus]?.focus({ preventScroll: true });
    }
    for (const [code, row] of this.rows) if (!seen.has(code)) { row.remove(); this.rows.delete(code); }
    this.order();
    const foot = this.cells({ ...total, name: t("common.total") }, null, null);
    $("tfoot", this.table).replaceChildren(el("tr", {}, ...foot));
  }

  cells(item, total, address) {
    const name = address ? el("a", { href: address, dataset: { drill: item.code } }, item.name) : item.name;
    const kind = item.kind && item.kind !== "urban_rural" && ["school", "enterprise"].includes(item.kind) ? el("span", { class: "kind" }, t(`kind.${item.kind}`)) : null;
    return [
      el("th", { scope: "row" }, name, kind),
      el("td", { class: "figure" }, count(item.reported)),
      el("td", {}, rateCell(item.closure_rate, total?.closure_rate)),
      el("td", {}, rateCell(item.on_time_rate, total?.on_time_rate)),
      el("td", { class: "figure" }, ticketsLink(item.open, item.code, { open: "true" }, `${item.name} ${t("common.open")}`)),
      el("td", { class: `figure${item.overdue ? " red" : ""}` }, item.overdue ? mark("red") : null, " ", ticketsLink(item.overdue, item.code, { overdue: "true" }, `${item.name} ${t("common.overdue")}`)),
    ];
  }

  sorted() {
    const { by, down } = this.sort;
    const key = SORTS[by];
    const last = (item) => (by.endsWith("_rate") && !enough(item[by]) ? 1 : 0);   // too few to say: after the others
    return [...(this.items ?? [])].sort((a, b) => last(a) - last(b) || (key(a) > key(b) ? 1 : key(a) < key(b) ? -1 : 0) * (down ? -1 : 1) || (a.code > b.code ? 1 : -1));
  }

  /** Rows move only when their order changed, and the focus stays where it was. */
  order() {
    const body = $("tbody", this.table);
    const wanted = this.sorted().map((item) => this.rows.get(item.code));
    const present = [...body.children];
    if (wanted.length !== present.length || wanted.some((row, i) => row !== present[i])) {
      const focused = document.activeElement;
      body.replaceChildren(...(wanted.length ? wanted : [el("tr", {}, el("td", { colspan: 6, class: "empty" }, t("rates.nothing_below")))]));
      if (focused !== document.activeElement && body.contains(focused)) focused.focus({ preventScroll: true });
    }
    for (const button of $$("button[data-sort]", this.table)) {
      const own = button.dataset.sort === this.sort.by;
      button.closest("th").setAttribute("aria-sort", own ? (this.sort.down ? "descending" : "ascending") : "none");
      write($(".arrow", button), own ? (this.sort.down ? "▼" : "▲") : "");
    }
  }
}
