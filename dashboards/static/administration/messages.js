// Messages that leave the house: those that could not be delivered first, each to be tried again.
import { el, toast } from "/static/shared/dom.js";
import { get, post, words } from "/static/shared/api.js";
import { count, t } from "/static/shared/texts.js";
import { timeElement } from "/static/shared/time.js";

const STATES = ["dead", "pending", "sent"];
const MARKS = { dead: "red", pending: "yellow", sent: "done" };
const AT_ONCE = 50;

export async function messagesTab(panel, context) {
  let state = "dead";
  let turn = 0;
  const chooser = el("div", { class: "segments", role: "group", "aria-label": t("administration.messages_state") },
    ...STATES.map((one) => el("button", { type: "button", "aria-pressed": String(one === state), dataset: { state: one }, onclick: () => choose(one) }, t(`administration.messages_${one}`))));
  const rows = el("tbody", {});
  const table = el("table", { class: "table" },
    el("thead", {}, el("tr", {}, ...["created", "channel", "recipient", "matters", "attempts", "error", "state"].map((key) =>
      el("th", { scope: "col", class: ["matters", "attempts"].includes(key) ? "figure" : null }, t(`administration.messages_${key}`))))),
    rows);
  const nothing = el("p", { class: "empty", hidden: true });
  const more = el("button", { type: "button", class: "button", hidden: true, onclick: () => load(more.dataset.cursor) }, t("administration.messages_more"));
  const wrap = el("div", { class: "table-wrap" }, table);
  panel.replaceChildren(el("section", { class: "card" },
    el("header", {}, el("h2", {}, t("administration.tab_messages")), chooser,
      el("button", { type: "button", class: "button compact push", onclick: () => load() }, t("administration.look_again"))),
    el("p", { class: "muted small" }, t("administration.messages_text")), wrap, nothing, more));

  function choose(wanted) {
    state = wanted;
    for (const button of chooser.children) button.setAttribute("aria-pressed", String(button.dataset.state === state));
    load();
  }

  async function load(cursor = null) {
    const mine = ++turn;
    try {
      const page = await get("outgoing", { state, cursor, limit: AT_ONCE });
      if (mine !== turn) return;
      context.count(page.dead);
      if (!cursor) rows.replaceChildren();
      rows.append(...page.items.map(row));
      wrap.hidden = rows.childElementCount === 0;
      nothing.hidden = !wrap.hidden;
      nothing.textContent = t(`administration.messages_none_${state}`);
      more.hidden = !page.next_cursor;
      more.dataset.cursor = page.next_cursor ?? "";
    } catch (error) {
      if (!panel.dataset.shown) throw error;
      toast(words(error), "fault");
    }
    panel.dataset.shown = "true";
  }

  function row(item) {
    const node = el("tr", { dataset: { message: item.id } },
      el("td", { class: "nowrap" }, timeElement(item.created_at, "short")),
      el("td", {}, t(`administration.channel_${item.channel}`)),
      el("td", { class: "number" }, item.recipient.replace(/^phone:/, "")),
      el("td", { class: "figure" }, count(item.matters)),
      el("td", { class: "figure" }, count(item.attempts)),
      el("td", { class: "error" }, item.last_error ?? "–"),
      el("td", {}, el("div", { class: "row" },
        el("span", { class: `tag ${MARKS[item.state]}` }, el("span", { class: `mark ${MARKS[item.state]}`, "aria-hidden": "true" }), t(`administration.messages_${item.state}`)),
        item.state === "dead"
          ? el("button", { type: "button", class: "button compact", dataset: { testid: "retry" }, "aria-label": t("administration.retry_one", { id: item.id }), onclick: (event) => retry(item, event.currentTarget) }, t("administration.retry"))
          : null)));
    return node;
  }

  async function retry(item, button) {
    button.disabled = true;
    try {
      await post(`outgoing/${item.id}/retry`, {});
      toast(t("administration.retried"));
    } catch (error) {
      toast(words(error), "fault");
    }
    await load();
  }

  await load();
}
