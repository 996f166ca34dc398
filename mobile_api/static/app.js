// The frame: which view is shown, the tabs below, the strip that says there is no network.

import { on_network, online, read } from "./api.js";
import { el, icon, replace } from "./dom.js";
import { mine_view, to_verify, verify_view } from "./lists.js";
import { bell, count_unread, forget_unread, notices_view, on_unread } from "./notices.js";
import * as outbox from "./outbox.js";
import { me_view, sign_in_view } from "./people.js";
import { report_view } from "./report.js";
import { sent_view } from "./sent.js";
import { adopt_cookie, expire, session } from "./session.js";
import * as store from "./store.js";
import { speak, t } from "./texts.js";
import { ticket_view } from "./ticket.js";

const VIEWS = {
  report: report_view,
  mine: mine_view,
  verify: verify_view,
  me: me_view,
  ticket: ticket_view,
  notices: notices_view,
  sent: sent_view,
  "sign-in": sign_in_view,
};
const TABS = [
  ["report", "report"],
  ["mine", "list"],
  ["verify", "check"],
  ["me", "person"],
];
const COUNT_EVERY = 60_000;
const root = document.getElementById("app");
let shown = null;
let turn = 0;
let address = "";
let last_tab = "report"; // where "back" leads
let lit = "report"; // null while a ticket opened by its address has no tab to belong to
let waiting = 0;

/** The listener below draws a changed address; what has the address already is drawn here. */
const go = (hash) => {
  const drawn = hash.slice(1) === address;
  if (window.location.hash !== hash) window.location.hash = hash;
  if (drawn) void show();
};

async function restart() {
  await speak((await store.get("language")) ?? language_of_page());
  await show();
}

const language_of_page = () => (document.documentElement.dataset.language === "en" ? "en" : "zh");

/** The tab one is on, touched again, must not throw away what is being typed: only another address draws anew. */
const elsewhere = () => (window.location.hash.slice(1) || "report") !== address;

async function show() {
  const mine = ++turn;
  address = window.location.hash.slice(1) || "report";
  const [wanted, detail] = window.location.hash.slice(1).split("/");
  const now = await session();
  const name = now?.token ? (wanted in VIEWS ? wanted : "report") : "sign-in";
  if (now?.token && wanted === "sign-in") return go("#report");
  const view = await VIEWS[name]({ user: now?.user, go, restart }, detail && decodeURIComponent(detail));
  if (mine !== turn) return view.remove();
  const before = shown;
  shown?.remove();
  shown = view;
  // What one person has unread is not the next one's.
  if (view.bare) forget_unread();
  else if (before?.bare) void count_unread();
  if (TABS.some(([tab]) => tab === name)) last_tab = lit = name;
  else if (name === "ticket" && (!before || last_tab === "report")) lit = null;
  replace(
    root,
    view.bare ? null : bar(view),
    strip(),
    el("main", { id: "main", tabindex: "-1" }, view.element),
    view.bare ? null : await tabs(lit),
  );
  window.scrollTo(0, 0);
  return null;
}

const bar = (view) =>
  el(
    "header",
    { class: "bar" },
    view.back
      ? el(
          "button",
          {
            type: "button",
            class: "round plain",
            "aria-label": t("phone.back"),
            data: { testid: "back" },
            on: { click: () => go(`#${last_tab}`) },
          },
          icon("back"),
        )
      : null,
    el("h1", {}, view.title),
    bell(),
  );

const strip = () =>
  el("p", { class: "offline", role: "status", hidden: online(), data: { testid: "offline" } }, t("phone.offline"));

async function tabs(current) {
  const unsent = (await outbox.unsent()).length;
  const badges = { mine: [unsent, "phone.outbox.count"], verify: [waiting, "phone.verify.count"] };
  return el(
    "nav",
    { class: "tabs", "aria-label": t("phone.tabs") },
    ...TABS.map(([name, picture]) =>
      el(
        "a",
        { href: `#${name}`, "aria-current": name === current ? "page" : null, data: { tab: name } },
        icon(picture),
        el("span", {}, t(`phone.tab.${name}`)),
        badges[name]?.[0]
          ? el(
              "span",
              { class: "badge", "aria-label": t(badges[name][1], { n: badges[name][0] }) },
              String(badges[name][0]),
            )
          : null,
      ),
    ),
  );
}

async function refresh_tabs() {
  const old = root.querySelector(".tabs");
  if (old) old.replaceWith(await tabs(lit));
}

function refresh_bell() {
  const old = root.querySelector(".bell");
  if (old) old.replaceWith(bell());
}

/** How many wait for my eyes on site: shown on the tab, so that nobody has to look for it. */
async function count_waiting() {
  const now = await session();
  if (!now?.token || document.hidden) return;
  const answer = await read(to_verify(now.user)).catch(() => null);
  waiting = answer?.data.total ?? answer?.data.items.length ?? waiting;
  await refresh_tabs();
  await count_unread();
}

async function start() {
  document.documentElement.classList.toggle("large", Boolean(await store.get("large")));
  await speak((await store.get("language")) ?? language_of_page());
  if (!(await session())?.token) await adopt_cookie();
  on_network((now) => {
    const line = root.querySelector(".offline");
    if (line) line.hidden = now;
  });
  outbox.on_change(
    (entry) => void (entry.kind === "action" && entry.state === "sent" ? count_waiting() : refresh_tabs()),
  );
  window.addEventListener("hashchange", () => elsewhere() && void show());
  window.addEventListener("phone:sign-in-needed", () => {
    forget_unread();
    void expire().then(show);
  });
  on_unread(refresh_bell);
  await show();
  void outbox.run();
  void count_waiting();
  setInterval(() => void count_waiting(), COUNT_EVERY);
  // Without this the browser may clear the outbox when the phone is full.
  void navigator.storage?.persist?.();
  if ("serviceWorker" in navigator)
    void navigator.serviceWorker.register("/m/sw.js", { scope: "/m/" }).catch(console.warn);
}

void start();
