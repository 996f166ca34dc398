// The desk: a list, a ticket, the keys between them, and the stream of what others do.
import { get, words } from "/static/shared/api.js";
import { $, el, toast } from "/static/shared/dom.js";
import { follow, showState } from "/static/shared/live.js";
import { t } from "/static/shared/texts.js";
import { createBulk } from "./bulk.js";
import { tick } from "./clocks.js";
import { createList } from "./list.js";
import { newReport } from "./new_report.js";
import { createTicket } from "./ticket.js";
import { TOPICS } from "./topics.js";
import { actionWord } from "./words.js";

const FILTERS = ["region", "category", "department", "node", "tier"];
const REGISTERS = new Set(["hotline_operator", "village_officer", "town_officer", "county_officer"]);
const GO_ON = "desk.go_on";
const address = new URLSearchParams(window.location.search);
const filters = Object.fromEntries(
  FILTERS.filter((name) => address.get(name)).map((name) => [name, address.get(name)]),
);

function first_tab(me) {
  if (address.get("overdue") === "true") return "overdue";
  if (address.get("open") === "true") return "open";
  if (address.get("open") === "false") return "closed";
  return Object.keys(filters).length || ["leader", "administrator"].includes(me.role) ? "open" : "mine";
}

function remember(changes) {
  const url = new URL(window.location.href);
  for (const [name, value] of Object.entries(changes)) {
    if (value) url.searchParams.set(name, value);
    else url.searchParams.delete(name);
  }
  window.history.replaceState(null, "", url);
}

async function start() {
  let me;
  try {
    me = await get("me");
  } catch (error) {
    $("#ticket").replaceChildren(el("div", { class: "empty" }, words(error)));
    return;
  }
  const ticket = createTicket({ onDone: done, onGo: (number) => void open(number) });
  const bulk = createBulk({
    role: me.role,
    list: () => list,
    onOpen: (number) => void open(number),
    onDone: (tickets) => {
      for (const one of tickets) list.heard(one);
      void list.load({ quiet: true });
      void ticket.again();
    },
  });
  const list = createList({
    filters,
    tab: first_tab(me),
    topic: TOPICS.includes(address.get("topic")) ? address.get("topic") : null,
    picks: bulk,
    onOpen: open,
    onTab: (tab, topic) =>
      remember({
        topic,
        overdue: !topic && tab === "overdue" ? "true" : null,
        open: topic ? null : ({ open: "true", closed: "false" }[tab] ?? null),
      }),
  });

  function open(number, { reveal = true } = {}) {
    list.select(number, { reveal });
    remember({ ticket: number });
    return ticket.open(number);
  }

  /** After an action the next ticket opens; the way back is in the message. */
  function done(before, after, name) {
    const next = list.neighbour(1) ?? list.neighbour(-1);
    list.heard(after);
    if (next && next !== before.number && $("#go-on").checked) {
      const message = say(t("desk.done_next", { action: actionWord(name) }));
      message.append(
        el(
          "button",
          {
            class: "button compact",
            type: "button",
            dataset: { testid: "back-to", ticket: before.number },
            onclick: () => open(before.number),
          },
          t("desk.back_to", { number: before.number }),
        ),
      );
      void open(next);
    } else {
      say(t("desk.done", { action: actionWord(name), number: before.number }));
      void ticket.again();
    }
  }

  // A notice of the inbox opens its ticket here, without leaving the page.
  window.addEventListener("inbox:open", (event) => {
    event.preventDefault();
    void open(event.detail.number);
  });
  chips(list, me);
  keys(list, open, bulk);
  search(list);
  go_on();
  if (REGISTERS.has(me.role)) {
    $("#new-report").hidden = false;
    $("#new-report").addEventListener("click", () =>
      newReport({
        me,
        done: (made) => {
          say(t("desk.new_done", { number: made.number }));
          list.heard(made);
          void open(made.number);
        },
      }),
    );
  }
  stream(me, list, ticket);
  await list.load();
  if (address.get("ticket")) await open(address.get("ticket"));
  else if (list.items.length) await open(list.items[0].number, { reveal: false });
  else ticket.close(t("desk.nothing_open"));
  setInterval(() => tick(), 10_000);
}

/** One message at a time: the last thing done is the one that may be taken up again. */
function say(text) {
  document.querySelector(".toasts")?.replaceChildren();
  return toast(text, "done", 10);
}

/** Filters from the address, each shown and each removable. */
async function chips(list) {
  const box = $("#chips");
  const name_of = async (name, value) => {
    if (name === "node") return t(`node.${value}`);
    if (name === "tier") return t(`tier.${value}`);
    if (name === "region") return (await get(`regions/${value}`)).name;
    return value;
  };
  for (const [name, value] of Object.entries(filters)) {
    const shown = await name_of(name, value).catch(() => value);
    const chip = el(
      "button",
      {
        class: "button compact",
        type: "button",
        dataset: { filter: name },
        "aria-label": t("desk.filter_remove", { name: shown }),
        onclick: () => {
          delete filters[name];
          remember({ [name]: null });
          chip.remove();
          void list.load();
          void list.counts({ now: true });
        },
      },
      `${t(`desk.filter_${name}`)}${shown} ×`,
    );
    box.append(chip);
  }
}

function keys(list, open, bulk) {
  let timer = null;
  const step = (by) => {
    const number = list.neighbour(by);
    if (!number) return;
    list.select(number);
    // Holding a key down runs through the list; only where it stops is fetched.
    clearTimeout(timer);
    timer = setTimeout(() => void open(number), 120);
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (event.key === "Escape" && typing?.id === "search") {
      typing.value = "";
      typing.dispatchEvent(new Event("input"));
      $("#rows").focus();
    }
    if (typing || document.querySelector("dialog[open]")) return;
    const in_list = event.target.closest?.("#rows");
    if (event.key === "/") {
      event.preventDefault();
      $("#search").focus();
    } else if (event.key === "j" || (event.key === "ArrowDown" && in_list)) {
      event.preventDefault();
      step(1);
    } else if (event.key === "k" || (event.key === "ArrowUp" && in_list)) {
      event.preventDefault();
      step(-1);
    } else if (event.key === "x" && bulk) {
      bulk.toggle(list.selected);
    } else if (event.key === "Escape" && bulk?.size) {
      bulk.clear();
    } else if (event.key === "Enter" && in_list) {
      document.querySelector("#ticket [data-action]")?.focus();
    }
  });
}

function search(list) {
  let timer = null;
  $("#search").addEventListener("input", (event) => {
    clearTimeout(timer);
    timer = setTimeout(() => void list.search(event.target.value.trim()), 250);
  });
}

/** Whether the next ticket opens after an action: yes, unless this person said no at this computer. */
function go_on() {
  const box = $("#go-on");
  box.checked = window.localStorage.getItem(GO_ON) !== "no";
  box.addEventListener("change", () => window.localStorage.setItem(GO_ON, box.checked ? "yes" : "no"));
}

function stream(me, list, ticket) {
  const line = $("#live");
  let first = true;
  follow({
    region: me.region.code,
    onState: (state) => showState(line, state, t(`common.state_${state}`)),
    onReady: () => {
      // The list is loaded by the page itself; what happened between the two is fetched once more here.
      if (!first) return;
      first = false;
      void list.load({ quiet: true });
    },
    onTicket: (message) => {
      list.heard(message.ticket);
      ticket.heard(message.ticket);
    },
    onReset: () => {
      void ticket.again();
      return list.load({ quiet: true });
    },
  });
}

void start();
