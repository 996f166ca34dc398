// The list on the left: tabs, search, counts, paging, and quiet refreshing while others work.
import { get, words } from "/static/shared/api.js";
import { $, el } from "/static/shared/dom.js";
import { count, t } from "/static/shared/texts.js";
import { drawRow } from "./row.js";
import { createTopics } from "./topics.js";

const PAGE = 50;
const MOST = 200; // what one refresh may fetch; further pages are loaded by hand
const QUIET = 1500; // ms after an event before the list is asked again
const COUNTS_EVERY = 8000;

export const TABS = {
  mine: { mine: true, open: true },
  open: { open: true },
  overdue: { overdue: true },
  closed: { open: false, order: "newest" },
};
// What a short name on a tab does not tell by itself.
const HINTS = { mine: "desk.hint_mine", closed: "desk.hint_closed" };

/**
 * createList({filters, tab, topic, picks, onOpen(number), onTab(tab, topic)})
 * → {items, tab, selected, load, search, select, neighbour, heard}. picks: what is chosen for one action on many, or null.
 */
export function createList({ filters, tab, topic = null, picks = null, onOpen, onTab }) {
  const rows = $("#rows");
  const scroll = $("#scroll");
  const nodes = new Map();
  let items = [];
  let cursor = null;
  let total = null;
  let selected = null;
  let q = "";
  let asked = 0;
  let timer = null;
  let counted = 0;
  let last_fault = null;

  const params = () => ({ ...(topic ? { topic } : TABS[tab]), ...filters, q: q || undefined });
  const topics = createTopics({ filters, chosen: topic, onTopic: (name) => choose(tab, name) });
  const handlers = { open: onOpen, pick: picks ? (number, event) => picks.click(number, event) : null };

  async function load({ more = false, quiet = false } = {}) {
    const turn = ++asked;
    if (!quiet && !more) rows.setAttribute("aria-busy", "true");
    try {
      const limit = more ? PAGE : quiet ? Math.min(MOST, Math.max(PAGE, items.length)) : PAGE;
      const page = await get("tickets", { ...params(), limit, cursor: more ? cursor : undefined });
      if (turn !== asked) return;
      const known = new Set(more ? items.map((one) => one.number) : []);
      items = more ? [...items, ...page.items.filter((one) => !known.has(one.number))] : page.items;
      cursor = page.next_cursor;
      total = page.total ?? null;
      last_fault = null;
    } catch (error) {
      if (turn !== asked) return;
      last_fault = error;
      if (!quiet) items = more ? items : [];
    }
    rows.removeAttribute("aria-busy");
    draw();
    if (!q && !last_fault && !topic) badge(tab, total ?? items.length);
    void counts();
    void topics.count();
  }

  function draw() {
    for (const [number, node] of nodes) {
      if (!items.some((one) => one.number === number)) {
        node.remove();
        nodes.delete(number);
      }
    }
    for (const ticket of items) nodes.set(ticket.number, drawRow(nodes.get(ticket.number), ticket, handlers));
    const wanted = items.map((one) => nodes.get(one.number));
    const same = rows.children.length === wanted.length && wanted.every((node, n) => rows.children[n] === node);
    if (!same) {
      const top = scroll.scrollTop;
      rows.replaceChildren(...wanted);
      scroll.scrollTop = top;
    }
    $("#rows-foot").replaceChildren(...[cursor ? more_button() : null, items.length ? null : empty()].filter(Boolean));
    $("#count").textContent = last_fault && items.length ? words(last_fault) : items.length ? summary() : "";
    mark_selected();
    picks?.draw();
  }

  function summary() {
    const all = total ?? items.length;
    const shown = all >= 10000 ? t("desk.count_many") : t("desk.count", { n: count(all) });
    return items.length < all ? `${shown} · ${t("desk.count_shown", { n: count(items.length) })}` : shown;
  }

  const more_button = () =>
    el(
      "button",
      {
        class: "button desk-more",
        type: "button",
        dataset: { testid: "more" },
        onclick: (event) => {
          event.target.disabled = true;
          void load({ more: true });
        },
      },
      t("desk.more"),
    );

  function empty() {
    if (last_fault) {
      return el(
        "div",
        { class: "empty" },
        el("b", {}, t("desk.list_failed")),
        words(last_fault),
        el("p", {}, el("button", { class: "button", type: "button", onclick: () => load() }, t("common.retry"))),
      );
    }
    const reason = q
      ? t("desk.empty_search", { q })
      : Object.keys(filters).length || topic
        ? t("desk.empty_filtered")
        : t(`desk.empty_${tab}`);
    return el("div", { class: "empty", dataset: { testid: "empty" } }, el("b", {}, t("desk.empty")), reason);
  }

  function mark_selected() {
    for (const [number, node] of nodes) node.setAttribute("aria-selected", String(number === selected));
    const node = nodes.get(selected);
    if (node) rows.setAttribute("aria-activedescendant", node.id);
    else rows.removeAttribute("aria-activedescendant");
  }

  /** The counts on the tabs; not more often than every few seconds, however much happens. */
  async function counts({ now = false } = {}) {
    if (!now && Date.now() - counted < COUNTS_EVERY) return;
    counted = Date.now();
    await Promise.all(
      Object.keys(TABS).map(async (name) => {
        try {
          const page = await get("tickets", { ...TABS[name], ...filters, limit: 1 });
          badge(name, page.total ?? page.items.length);
        } catch {
          // The list itself says what is wrong.
        }
      }),
    );
  }

  function badge(name, n) {
    const node = $(`#tabs [data-tab="${name}"] .desk-tab-count`);
    node.classList.toggle("some", name === "overdue" && n > 0);
    node.textContent = n >= 10000 ? t("desk.many") : count(n);
  }

  function tabs() {
    $("#tabs").replaceChildren(
      ...Object.keys(TABS).map((name) =>
        el(
          "button",
          {
            type: "button",
            dataset: { tab: name },
            title: HINTS[name] ? t(HINTS[name]) : null,
            "aria-pressed": String(!topic && name === tab),
            onclick: () => choose(name, null),
          },
          el("span", {}, t(`desk.tab_${name}`)),
          el("span", { class: "desk-tab-count" }, ""),
        ),
      ),
    );
  }

  function choose(name, about) {
    tab = name;
    topic = about;
    items = [];
    cursor = null;
    for (const button of $("#tabs").children)
      button.setAttribute("aria-pressed", String(!topic && button.dataset.tab === name));
    topics.choose(topic);
    picks?.clear();
    onTab(name, topic);
    return load();
  }

  tabs();
  return {
    load,
    choose,
    counts,
    /** The element of a ticket's row, if it is shown. */
    row: (number) => nodes.get(number) ?? null,
    get items() {
      return items;
    },
    get tab() {
      return tab;
    },
    get selected() {
      return selected;
    },
    search(text) {
      q = text;
      return load();
    },
    select(number, { reveal = true } = {}) {
      selected = number;
      mark_selected();
      if (reveal) nodes.get(number)?.scrollIntoView({ block: "nearest" });
    },
    /** The number `step` lines away from the selected one, or null at the end. */
    neighbour(step) {
      const at = items.findIndex((one) => one.number === selected);
      if (at === -1) return items[0]?.number ?? null;
      return items[at + step]?.number ?? null;
    },
    /** Something happened to a ticket: show it at once if it is here, and ask for the list a little later. */
    heard(ticket) {
      const at = items.findIndex((one) => one.number === ticket.number);
      if (at !== -1) {
        items[at] = { ...items[at], ...ticket };
        drawRow(nodes.get(ticket.number), items[at], handlers);
      }
      if (!timer)
        timer = setTimeout(() => {
          timer = null;
          void load({ quiet: true });
          topics.stale();
        }, QUIET);
    },
  };
}
