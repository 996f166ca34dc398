// What I may do with the ticket: exactly the allowed actions, the usual one first; its form; sending it.
import { call, Problem } from "/static/shared/api.js";
import { el } from "/static/shared/dom.js";
import { t } from "/static/shared/texts.js";
import { short } from "/static/shared/time.js";
import { uuid } from "/static/shared/uuid.js";
import { ask } from "./ask.js";
import { consequence, isAsked, isDangerous } from "./consequences.js";
import { reportBack } from "./fields.js";
import { actionForm } from "./form.js";
import { menuButton } from "./menu.js";
import { actionWord, plainly } from "./words.js";

// What stands beside the usual action, in this order; the rest is in the menu.
const FIRST = [
  "decide_extension", "decide_appeal", "follow_up", "callback", "resume",
  "escalate", "merge", "return", "close", "assist", "transfer", "reject", "request_extension", "reopen", "start",
];
// Somebody waits for this answer: it is the main thing when nothing is usual.
const AWAITED = ["decide_extension", "decide_appeal", "follow_up", "callback"];
const BESIDE = 3;
const COLOURS = ["red", "yellow", "blue"];

/** What was typed for a ticket is kept while one looks at another. number → {name, values, key} */
const typed = new Map();

/** Sorts the names into {main, beside, more}; supervision has a button of its own. */
export function arrange(names, actions = {}) {
  const rest = names.filter((name) => name !== "supervise");
  const main = rest.find((name) => actions[name]?.usual) ?? AWAITED.find((name) => rest.includes(name)) ?? null;
  const rank = (name) => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
  const others = rest.filter((name) => name !== main).sort((a, b) => rank(a) - rank(b));
  // A menu of one is more trouble than a button.
  const shown = others.length === BESIDE + 1 ? BESIDE + 1 : BESIDE;
  return { main, beside: others.slice(0, shown), more: others.slice(shown) };
}

/** actionBar({onDone(before, after, name), onStale(number)}) → {element, show(ticket), begin(name, values), number}. */
export function actionBar({ onDone, onStale }) {
  const element = el("footer", { class: "ticket-actions", dataset: { testid: "actions" } });
  let ticket = null;
  let form = null;
  let sending = false;

  /** Shows the actions of a ticket; a form that is open stays, and says so when the ticket changed under it. */
  function show(next, { changed = false } = {}) {
    const same = ticket?.number === next.number;
    const moved = same && ticket.version !== next.version;
    ticket = next;
    if (same && form && !moved) return;
    if (same && form && element.contains(form.element) && ticket.allowed_actions.includes(form.name)) {
      form.warn(t("desk.changed_meanwhile"));
      form.again();
      return;
    }
    form = null;
    const kept = typed.get(ticket.number);
    if (kept && ticket.allowed_actions.includes(kept.name)) {
      open(kept.name, kept.values, { focus: false });
      if (changed) form.warn(t("desk.changed_meanwhile"));
    } else buttons(kept);
  }

  function buttons(kept = null) {
    form = null;
    const names = ticket.allowed_actions;
    const lost = kept?.values.note
      ? el(
          "p",
          { class: "notice warn" },
          el("span", {}, t("desk.kept_note", { action: actionWord(kept.name) }), " ", el("q", {}, kept.values.note)),
        )
      : null;
    if (!names.length) {
      const why = t(ticket.closed_at ? "desk.no_actions_closed" : "desk.no_actions");
      const none = el("p", { class: "muted", dataset: { testid: "no-actions" } }, why);
      element.replaceChildren(...[lost, none].filter(Boolean));
      return;
    }
    const { main, beside, more } = arrange(names, ticket.actions);
    const rest = more.map((name) => ({
      text: actionWord(name),
      kind: isDangerous(name) ? "danger" : "",
      dataset: { action: name },
      onclick: () => begin(name),
    }));
    // Done by one press; whoever must correct the category first finds the form here.
    if (main && at_once(main) && ticket.actions?.[main]?.may?.includes("category"))
      rest.push({
        text: t("desk.correct_and", { action: actionWord(main) }),
        dataset: { correct: main },
        onclick: () => open(main, { correct: true }),
      });
    const row = el(
      "div",
      { class: "row actions-row", role: "group", "aria-label": t("desk.actions") },
      main ? button(main, "primary big") : null,
      ...beside.map((name) => button(name, isDangerous(name) ? "danger" : "")),
      names.includes("supervise") ? supervise() : null,
      rest.length ? menuButton({ label: t("desk.more_plain"), testid: "more-actions", items: rest }).element : null,
    );
    element.replaceChildren(...[lost, row].filter(Boolean));
  }

  const button = (name, kind) =>
    el(
      "button",
      { class: `button ${kind}`, type: "button", dataset: { action: name }, onclick: () => begin(name) },
      actionWord(name),
    );

  /** 督办: the button opens its form; beside it the three colours, each done at once with the usual words. */
  function supervise() {
    const colours = menuButton({
      label: "▾",
      title: t("desk.supervise_at_once"),
      kind: "split-more",
      testid: "supervise-colours",
      items: COLOURS.map((colour) => ({
        text: t("desk.supervise_by", { order: t(`desk.order_${colour}`), time: short(reportBack(colour)) }),
        kind: `order ${colour}`,
        dataset: { colour },
        onclick: () => void send("supervise", { colour, note: t("desk.supervise_note") }),
      })),
    });
    return el("span", { class: "split" }, button("supervise", "split-main"), colours.element);
  }

  function at_once(name) {
    const { needs = [], may = [] } = ticket.actions?.[name] ?? {};
    return !needs.length && !may.some((need) => need !== "category") && !WORDS_WELCOME.has(name) && !isAsked(name);
  }

  /** An action that needs nothing and ends nothing is done by the one press. */
  function begin(name, values = null) {
    if (!ticket.allowed_actions.includes(name)) return undefined;
    if (at_once(name)) return void send(name, {});
    const kept = typed.get(ticket.number);
    return open(name, values ?? (kept?.name === name ? kept.values : {}));
  }

  function open(name, values, { focus = true } = {}) {
    const kept = typed.get(ticket.number);
    typed.set(ticket.number, { name, values, key: kept?.name === name ? kept.key : uuid() });
    form = actionForm({
      ticket,
      name,
      values,
      onSend: (body, filled) => void confirm_and_send(name, body, filled),
      onCancel: () => {
        typed.delete(ticket.number);
        buttons();
        element.querySelector("button")?.focus();
      },
    });
    element.replaceChildren(form.element);
    element.scrollTop = 0;
    if (focus) form.focus();
  }

  async function confirm_and_send(name, body, values) {
    if (isAsked(name, body)) {
      const agreed = await ask({
        title: t("desk.ask", { action: actionWord(name), number: ticket.number }),
        what: consequence(name, ticket, body, values),
        yes: actionWord(name),
        danger: isDangerous(name),
      });
      if (!agreed) return;
    }
    await send(name, body);
  }

  async function send(name, body) {
    if (sending) return;
    const before = ticket;
    const kept = typed.get(before.number);
    sending = true;
    form?.problem("");
    form?.busy(true);
    for (const one of element.querySelectorAll("[data-action]")) one.disabled = true;
    try {
      const { data } = await call("POST", `tickets/${before.number}/actions/${name}`, {
        body,
        headers: { "If-Match": `"${before.version}"`, "Idempotency-Key": kept?.key ?? uuid() },
      });
      typed.delete(before.number);
      form = null;
      onDone(before, data, name);
    } catch (error) {
      for (const one of element.querySelectorAll("[data-action]")) one.disabled = false;
      // Refused: what is sent after a correction is something else. Unreachable: the same, with the same key.
      if (kept && error instanceof Problem && error.status < 500) kept.key = uuid();
      await failed(error, before);
    } finally {
      sending = false;
      form?.busy(false);
    }
  }

  async function failed(error, before) {
    const status = error instanceof Problem ? error.status : 0;
    const text = status === 412 ? t("desk.changed_meanwhile") : plainly(error);
    if (ticket.number !== before.number) return;
    // 403 and 409 too: what I wanted is no longer possible, so the ticket must be seen as it is now.
    if ([403, 409, 412].includes(status)) await onStale(before.number);
    if (ticket.number !== before.number) return;
    if (form) {
      // The warning on top says that it changed; it is not said twice.
      if (status === 412) form.again();
      form.problem(status === 412 ? "" : text, error.field);
      if (status === 412) form.warn(text);
    } else {
      element.querySelector(".fault")?.remove();
      element.prepend(el("p", { class: "fault", role: "alert", dataset: { testid: "problem" } }, text));
    }
  }

  return {
    element,
    show,
    begin,
    get number() {
      return ticket?.number;
    },
  };
}

// Needs nothing, yet words are usual.
const WORDS_WELCOME = new Set(["remind", "resume", "request_extension"]);
