// The bell and its panel: what I was told, newest first, and what of it I have not read or acknowledged.
import { get, post, words } from "/static/shared/api.js";
import { $, $$, el, toast, write } from "/static/shared/dom.js";
import { language, t } from "/static/shared/texts.js";
import { refreshTimes, timeElement } from "/static/shared/time.js";

const PAGE = 30;
const COUNT_EVERY = 60_000;   // ms; screens with a live stream are told at once
const MOST_SHOWN = 99;

/** Wakes the bell of this page, if it has one. */
export function wakeBell() {
  const box = $("#inbox");
  if (!box) return;
  const bell = $("#bell");
  const panel = $("#inbox-panel");
  const others = "BroadcastChannel" in window ? new BroadcastChannel("inbox") : null;
  let items = [];
  let cursor = null;
  let unread = 0;
  let turn = 0;
  let newest = 0;   // the last one heard live: a page may have two streams for a moment

  const isOpen = () => !panel.hidden;
  const textOf = (item) => (language === "zh" ? item.text_zh : item.text_en);
  const addressOf = (item) => box.dataset.ticket + encodeURIComponent(item.number);

  function count(value, { tell = false } = {}) {
    unread = value;
    const badge = $(".bell-count", bell);
    badge.hidden = unread === 0;
    write(badge, unread > MOST_SHOWN ? `${MOST_SHOWN}+` : String(unread));
    bell.setAttribute("aria-label", unread ? t("inbox.bell_unread", { n: unread }) : t("inbox.bell"));
    const all = $("[data-inbox=all]", panel);
    if (all) all.disabled = unread === 0;
    if (tell) others?.postMessage({ unread });
  }

  // ---- the panel

  function frame() {
    panel.replaceChildren(
      el("header", { class: "inbox-head" },
        el("h2", { id: "inbox-title" }, t("inbox.title")),
        el("button", { type: "button", class: "button quiet compact push", dataset: { inbox: "all", testid: "read-all" }, disabled: unread === 0, onclick: readAll }, t("inbox.read_all")),
        el("button", { type: "button", class: "button quiet compact", "aria-label": t("common.close"), dataset: { inbox: "close" }, onclick: () => close() }, "×")),
      el("ol", { class: "inbox-list", dataset: { testid: "notices" } }),
      el("div", { class: "inbox-foot", hidden: true }));
  }

  function foot(...children) {
    const place = $(".inbox-foot", panel);
    place.replaceChildren(...children);
    place.hidden = children.length === 0;
  }

  const fault = (error, again) =>
    foot(el("div", { class: "notice fault", role: "alert" }, el("span", {}, words(error)), el("button", { type: "button", class: "button compact push", onclick: again }, t("common.retry"))));

  function draw() {
    const list = $(".inbox-list", panel);
    if (!list) return;
    const held = document.activeElement?.closest?.("[data-notice]")?.dataset.notice;
    list.replaceChildren(...(items.length ? items.map(line) : [el("li", { class: "empty" }, el("b", {}, t("inbox.empty")), t("inbox.empty_more"))]));
    if (held) $(`[data-notice="${held}"] a`, list)?.focus();
  }

  const line = (item) =>
    el("li", { class: item.read_at ? "read" : "", dataset: { notice: item.id, kind: item.kind } },
      el("span", { class: "inbox-dot" }, item.read_at ? null : el("span", { class: "visually-hidden" }, t("inbox.unread"))),
      el("a", { class: "inbox-text", href: addressOf(item), onclick: (event) => open(event, item) }, textOf(item)),
      el("p", { class: "inbox-meta" },
        timeElement(item.created_at),
        el("span", { class: "number" }, item.number),
        item.acknowledged_at ? el("span", { class: "tag done" }, t("inbox.acknowledged")) : null,
        item.to_acknowledge && !item.acknowledged_at
          ? el("button", { type: "button", class: "button compact", dataset: { testid: "acknowledge" }, onclick: (event) => acknowledge(event.currentTarget, item) }, t("inbox.acknowledge"))
          : null));

  async function load(more = false) {
    const mine = ++turn;
    foot(el("p", { class: "muted", role: "status" }, t("common.loading")));
    try {
      const page = await get("notices", { limit: PAGE, cursor: more ? cursor : null });
      if (mine !== turn) return;
      const known = new Set(more ? items.map((item) => item.id) : []);
      items = more ? [...items, ...page.items.filter((item) => !known.has(item.id))] : page.items;
      cursor = page.next_cursor;
      count(page.unread);
      draw();
      foot(...(cursor ? [el("button", { type: "button", class: "button compact", onclick: () => load(true) }, t("inbox.more"))] : []));
    } catch (error) {
      if (mine === turn) fault(error, () => load(more));
    }
  }

  function show() {
    frame();
    panel.hidden = false;
    bell.setAttribute("aria-expanded", "true");
    panel.focus();
    draw();
    void load();
  }

  function close({ back = true } = {}) {
    turn += 1;
    panel.hidden = true;
    bell.setAttribute("aria-expanded", "false");
    if (back) bell.focus();
  }

  // ---- what can be done

  const markRead = (item) => { item.read_at ??= new Date().toISOString(); };

  /** The page may open the ticket itself (the desk does); else its address is followed. */
  async function open(event, item) {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) {
      void read(item);
      return;
    }
    event.preventDefault();
    const away = window.dispatchEvent(new CustomEvent("inbox:open", { cancelable: true, detail: { number: item.number } }));
    await Promise.race([read(item), new Promise((done) => setTimeout(done, 1500))]);   // a slow server must not hold anybody up
    if (away) window.location.assign(addressOf(item));
    else close({ back: false });
  }

  async function read(item) {
    if (item.read_at) return;
    try {
      const answer = await post("notices/read", { ids: [item.id] });
      markRead(item);
      count(answer.unread, { tell: true });
      draw();
    } catch (error) {
      if (isOpen()) fault(error, () => read(item));
    }
  }

  async function readAll() {
    try {
      const answer = await post("notices/read", { all: true });
      items.forEach(markRead);
      count(answer.unread, { tell: true });
      draw();
      foot();
      panel.focus();
    } catch (error) {
      fault(error, readAll);
    }
  }

  async function acknowledge(button, item) {
    button.disabled = true;
    try {
      const answer = await post(`notices/${item.id}/acknowledge`);
      Object.assign(item, answer);
      count(answer.unread, { tell: true });
      draw();
      $(`[data-notice="${item.id}"] a`, panel)?.focus();
    } catch (error) {
      button.disabled = false;
      fault(error, () => acknowledge(button, item));
    }
  }

  // ---- what happens meanwhile

  function heard({ detail: item }) {
    count(item.unread);
    write($("#inbox-said"), textOf(item));
    if (isOpen() && !items.some((known) => known.id === item.id)) {
      items = [item, ...items].sort((one, other) => other.id - one.id);
      draw();
    }
    // An order must be seen at once, wherever the eyes are; on the wall nobody could close it.
    if (item.id > newest && item.to_acknowledge && !isOpen() && !document.body.classList.contains("wall-page")) toast(textOf(item), "warn", 10);
    newest = Math.max(newest, item.id);
  }

  async function recount() {
    if (document.hidden) return;
    const page = await get("notices", { limit: 1 }).catch(() => null);   // the stream's own state tells of a lost network
    if (page) count(page.unread);
  }

  bell.addEventListener("click", () => (isOpen() ? close() : show()));
  panel.addEventListener("keydown", (event) => {
    event.stopPropagation();   // the desk's own keys move its list
    if (event.key === "Escape") close();
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const links = $$(".inbox-text", panel);
    const at = links.indexOf(document.activeElement?.closest("[data-notice]")?.querySelector("a"));
    links[Math.min(links.length - 1, Math.max(0, at + by))]?.focus();
  });
  document.addEventListener("pointerdown", (event) => isOpen() && !box.contains(event.target) && close({ back: false }));
  window.addEventListener("live:notice", heard);
  window.addEventListener("live:connected", () => void recount());
  others?.addEventListener("message", (event) => count(event.data.unread));
  setInterval(() => { void recount(); if (isOpen()) refreshTimes(panel); }, COUNT_EVERY);
  void recount();
}
