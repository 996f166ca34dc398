// My tickets, and those that wait for my eyes on site. What is not yet sent stands above what the server has.

import { Later, Offline, read } from "./api.js";
import { correct } from "./report.js";
import { el, icon, replace } from "./dom.js";
import * as outbox from "./outbox.js";
import * as store from "./store.js";
import { action_word, called, clock_tag, holder_word, node_word, place_word } from "./words.js";
import { moment, problem_text, t } from "./texts.js";

const REFRESH = 30_000;
const MOST = 100;

/** A view with a list of tickets: `path` is asked, `empty` is the text when nothing came, `unsent` adds the outbox. */
async function list_view({ path, tab, empty, unsent, user, go }) {
  const state = el("p", { class: "as-of", role: "status" });
  const waiting = el("div", { class: "outbox" });
  const rows = el(
    "div",
    { class: "rows", data: { testid: "tickets" } },
    el("p", { class: "empty" }, t("phone.loading")),
  );
  const element = el("div", { class: "view" }, waiting, state, rows);
  let gone = false;

  async function load() {
    try {
      const { data, at, fresh } = await read(path);
      if (gone) return;
      const more = (data.total ?? data.items.length) > data.items.length;
      state.textContent = fresh
        ? t("phone.list.count", { n: data.total ?? data.items.length }) +
          (more ? t("phone.list.cut", { n: data.items.length }) : "")
        : t("phone.list.as_of", { time: moment(new Date(at).toISOString()) });
      replace(
        rows,
        ...(data.items.length
          ? data.items.map((ticket) => row(ticket, () => go(`#ticket/${ticket.number}`)))
          : [el("p", { class: "empty" }, empty)]),
      );
    } catch (error) {
      const offline = error instanceof Offline || error instanceof Later;
      if (!gone)
        replace(rows, el("p", { class: "empty" }, offline ? t("phone.list.offline") : problem_text(error.problem)));
    }
  }

  async function draw_outbox() {
    const mine = (await store.entries(user.username)).filter((one) => ["waiting", "refused"].includes(one.state));
    const built = await Promise.all(mine.map((one) => outbox_row(one, go)));
    if (!gone) replace(waiting, ...built);
  }

  await (unsent ? draw_outbox() : null);
  void load();
  const timer = setInterval(() => document.hidden || load(), REFRESH);
  const forget = outbox.on_change((entry) => {
    if (unsent) void draw_outbox();
    if (entry.state === "sent") void load();
  });
  return { element, title: t(tab), remove: () => ((gone = true), clearInterval(timer), forget()) };
}

export const mine_view = (context) =>
  list_view({
    ...context,
    path: `/tickets?mine=true&order=newest&limit=${MOST}`,
    tab: "phone.tab.mine",
    empty: t("phone.mine.empty"),
    unsent: true,
  });

export const to_verify = (user) => `/tickets?node=close&region=${user.region.code}&limit=${MOST}`;

export const verify_view = (context) =>
  list_view({
    ...context,
    path: to_verify(context.user),
    tab: "phone.tab.verify",
    empty: t("phone.verify.empty"),
    unsent: false,
  });

function row(ticket, open) {
  return el(
    "button",
    { type: "button", class: "ticket-row", data: { ticket: ticket.number, node: ticket.node }, on: { click: open } },
    el("span", { class: "ticket-top" }, el("strong", {}, called(ticket.category)), clock_tag(ticket)),
    ticket.description ? el("span", { class: "ticket-words" }, ticket.description) : null,
    el(
      "span",
      { class: "ticket-meta" },
      el("span", { class: "node" }, node_word(ticket.node)),
      el("span", {}, holder_word(ticket.holder)),
      el("span", {}, moment(ticket.created_at)),
    ),
    el("span", { class: "ticket-meta faint" }, place_word(ticket)),
  );
}

/** One unsent entry: how far it is, or why it was refused and what to do. */
export async function outbox_row(entry, go) {
  const head =
    entry.kind === "report" ? entry.report.chosen?.name : `${action_word(entry.action.name)} ${entry.action.number}`;
  const buttons =
    entry.state === "refused"
      ? [
          entry.kind === "report"
            ? el(
                "button",
                {
                  type: "button",
                  class: "button",
                  data: { action: "correct" },
                  on: {
                    click: async () => {
                      await correct(entry);
                      go("#report");
                    },
                  },
                },
                t("phone.outbox.correct"),
              )
            : el(
                "button",
                { type: "button", class: "button", on: { click: () => go(`#ticket/${entry.action.number}`) } },
                t("phone.outbox.look"),
              ),
          el(
            "button",
            { type: "button", class: "button quiet", data: { action: "discard" }, on: { click: () => discard(entry) } },
            t("phone.outbox.discard"),
          ),
        ]
      : [
          el(
            "button",
            { type: "button", class: "button", on: { click: () => outbox.run({ at_once: true }) } },
            icon("again"),
            t("phone.outbox.now"),
          ),
        ];
  return el(
    "div",
    { class: `unsent ${entry.state}`, data: { draft: entry.key, state: entry.state } },
    el("strong", {}, head ?? t("phone.tab.report")),
    el("p", {}, await progress(entry)),
    el("div", { class: "buttons" }, ...buttons),
  );
}

async function discard(entry) {
  if (!window.confirm(t("phone.outbox.discard_sure"))) return;
  await store.drop_entry(entry.key);
  outbox.announce(entry);
}

/** "3 of 4 photos sent"; what is safe where. */
export async function progress(entry) {
  if (entry.state === "refused") return t("phone.outbox.refused", { why: problem_text(entry.problem) });
  if (entry.state === "sent") return t("phone.outbox.sent");
  const pictures = await store.photos(entry.key);
  if (!pictures.length) return t("phone.outbox.waiting");
  return t("phone.outbox.photos", { sent: pictures.filter((one) => one.attachment).length, all: pictures.length });
}
