// What I may do with the ticket: exactly the allowed actions, the usual one first; its form; sending it.
import { call, Problem, words } from "/static/shared/api.js";
import { el } from "/static/shared/dom.js";
import { knows, t } from "/static/shared/texts.js";
import { uuid } from "/static/shared/uuid.js";
import { ask } from "./ask.js";
import { actionForm } from "./form.js";
import { actionWord } from "./words.js";

// Final, or putting the matter into other hands against their will: asked once.
const ASKED = new Set(["reject", "close", "return", "escalate", "merge", "transfer", "suspend"]);
const DANGEROUS = new Set(["reject", "return", "merge", "suspend"]);

/** What was typed for a ticket is kept while one looks at another. number → {name, values} */
const typed = new Map();

/** actionBar({onDone(before, after, name), onStale(number)}) → {element, show(ticket), hasText()}. */
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
      element.replaceChildren(
        ...[
          lost,
          el(
            "p",
            { class: "muted", dataset: { testid: "no-actions" } },
            t(ticket.closed_at ? "desk.no_actions_closed" : "desk.no_actions"),
          ),
        ].filter(Boolean),
      );
      return;
    }
    element.replaceChildren(
      ...[
        lost,
        el(
          "div",
          { class: "row", role: "group", "aria-label": t("desk.actions") },
          ...names.map((name, n) =>
            el(
              "button",
              {
                class: `button ${n === 0 ? "primary" : DANGEROUS.has(name) ? "danger" : ""}`,
                type: "button",
                dataset: { action: name },
                onclick: () => begin(name),
              },
              actionWord(name),
            ),
          ),
        ),
      ].filter(Boolean),
    );
  }

  /** An action that needs nothing and ends nothing is done by the one press. */
  function begin(name) {
    const { needs = [] } = ticket.actions?.[name] ?? {};
    if (!needs.length && !ASKED.has(name)) return void send(name, {});
    const kept = typed.get(ticket.number);
    return open(name, kept?.name === name ? kept.values : {});
  }

  function open(name, values, { focus = true } = {}) {
    typed.set(ticket.number, { name, values });
    form = actionForm({
      ticket,
      name,
      values,
      onSend: (body) => void confirm_and_send(name, body),
      onCancel: () => {
        typed.delete(ticket.number);
        buttons();
        element.querySelector("button")?.focus();
      },
    });
    element.replaceChildren(form.element);
    if (focus) form.focus();
  }

  async function confirm_and_send(name, body) {
    if (ASKED.has(name)) {
      const what = knows(`desk.consequence_${name}`)
        ? t(`desk.consequence_${name}`)
        : t("desk.consequence", { action: actionWord(name) });
      const agreed = await ask({
        title: t("desk.ask", { action: actionWord(name), number: ticket.number }),
        what,
        yes: actionWord(name),
        danger: DANGEROUS.has(name),
      });
      if (!agreed) return;
    }
    await send(name, body);
  }

  async function send(name, body) {
    if (sending) return;
    const before = ticket;
    sending = true;
    form?.busy(true);
    for (const button of element.querySelectorAll("[data-action]")) button.disabled = true;
    try {
      const { data } = await call("POST", `tickets/${before.number}/actions/${name}`, {
        body,
        headers: { "If-Match": `"${before.version}"`, "Idempotency-Key": uuid() },
      });
      typed.delete(before.number);
      form = null;
      onDone(before, data, name);
    } catch (error) {
      for (const button of element.querySelectorAll("[data-action]")) button.disabled = false;
      await failed(error, before);
    } finally {
      sending = false;
      form?.busy(false);
    }
  }

  async function failed(error, before) {
    const stale = error instanceof Problem && [409, 412].includes(error.status);
    const text = error instanceof Problem && error.status === 412 ? t("desk.changed_meanwhile") : words(error);
    if (ticket.number !== before.number) return;
    // 409 too: what I wanted is no longer possible, so the ticket must be seen as it is now.
    if (stale) await onStale(before.number);
    if (form) form.problem(text);
    else if (ticket.number === before.number) {
      element.querySelector(".fault")?.remove();
      element.prepend(el("p", { class: "fault", role: "alert", dataset: { testid: "problem" } }, text));
    }
  }

  return {
    element,
    show,
    get number() {
      return ticket?.number;
    },
  };
}
