// My notices: what I was told, newest first. Without network the last list is shown, and nothing can be marked.

import { call, Later, Offline, read, Refused } from "./api.js";
import { el, icon, replace } from "./dom.js";
import { language, moment, problem_text, t } from "./texts.js";

const PATH = "/notices?limit=50";
const REFRESH = 60_000;
const watchers = new Set();
let unread = 0;

/** Called with the number of unread notices whenever it may have changed. */
export const on_unread = (watcher) => watchers.add(watcher);

function noticed(count) {
  unread = count;
  for (const watcher of watchers) watcher(unread);
}

/** Asks how many are unread, and keeps the list for when there is no network. */
export async function count_unread() {
  const answer = await read(PATH).catch(() => null);
  if (answer) noticed(answer.data.unread);
}

export const forget_unread = () => noticed(0);

/** The bell in the header: to the list, with how many are unread. */
export const bell = () =>
  el(
    "a",
    {
      href: "#notices",
      class: "round plain bell",
      "aria-label": t("phone.notices.bell", { n: unread }),
      data: { testid: "bell" },
    },
    icon("bell"),
    unread ? el("span", { class: "badge", "aria-hidden": "true" }, unread > 99 ? "99+" : String(unread)) : null,
  );

export async function notices_view({ go }) {
  const state = el("p", { class: "as-of", role: "status" });
  const rows = el(
    "div",
    { class: "rows", data: { testid: "notices" } },
    el("p", { class: "empty" }, t("phone.loading")),
  );
  const all = el(
    "button",
    { type: "button", class: "button wide", hidden: true, data: { testid: "read-all" }, on: { click: () => void read_all() } },
    t("phone.notices.read_all"),
  );
  const fault = el("p", { class: "notice refused", role: "alert", hidden: true });
  const element = el("div", { class: "view" }, state, fault, all, rows);
  let items = [];
  let gone = false;

  function why(error) {
    if (error instanceof Offline || error instanceof Later) return t("phone.notices.offline");
    return error instanceof Refused ? problem_text(error.problem) : t("phone.error.unknown");
  }

  function draw() {
    if (gone) return;
    all.hidden = unread === 0;
    replace(rows, ...(items.length ? items.map(row) : [el("p", { class: "empty" }, t("phone.notices.empty"))]));
  }

  async function load() {
    try {
      const { data, at, fresh } = await read(PATH);
      if (gone) return;
      items = data.items;
      noticed(data.unread);
      fault.hidden = true;
      state.hidden = fresh;
      state.textContent = fresh ? "" : t("phone.list.as_of", { time: moment(new Date(at).toISOString()) });
      draw();
    } catch (error) {
      if (!gone) replace(rows, el("p", { class: "empty" }, why(error)));
    }
  }

  /** Tells the server; without network the list stays as it is, and says why. */
  async function tell(path, body) {
    try {
      const { data } = await call("POST", path, { body });
      noticed(data.unread);
      fault.hidden = true;
      void count_unread(); // the list that is kept should say the same
      return data;
    } catch (error) {
      fault.hidden = false;
      fault.textContent = why(error);
      return null;
    }
  }

  async function open(item) {
    go(`#ticket/${item.number}`);
    if (!item.read_at) await tell("/notices/read", { ids: [item.id] });
  }

  async function read_all() {
    if (!(await tell("/notices/read", { all: true }))) return;
    items = items.map((item) => ({ ...item, read_at: item.read_at ?? new Date().toISOString() }));
    draw();
  }

  async function acknowledge(item) {
    const answer = await tell(`/notices/${item.id}/acknowledge`);
    if (!answer) return;
    items = items.map((one) => (one.id === item.id ? answer : one));
    draw();
  }

  const row = (item) =>
    el(
      "div",
      { class: `notice-row${item.read_at ? "" : " unread"}`, data: { notice: item.id, kind: item.kind } },
      el(
        "button",
        { type: "button", class: "notice-open", on: { click: () => void open(item) } },
        item.read_at ? null : el("span", { class: "visually-hidden" }, t("phone.notices.unread")),
        el("span", { class: "notice-words" }, language() === "en" ? item.text_en : item.text_zh),
        el("span", { class: "ticket-meta faint" }, moment(item.created_at), " ", item.number),
      ),
      item.acknowledged_at ? el("p", { class: "faint" }, t("phone.notices.acknowledged")) : null,
      item.to_acknowledge && !item.acknowledged_at
        ? el(
            "button",
            {
              type: "button",
              class: "button",
              data: { testid: "acknowledge" },
              on: { click: () => void acknowledge(item) },
            },
            t("phone.notices.acknowledge"),
          )
        : null,
    );

  await load();
  const timer = setInterval(() => document.hidden || load(), REFRESH);
  return { element, title: t("phone.notices.title"), back: true, remove: () => ((gone = true), clearInterval(timer)) };
}
