// A form for any action, built from what the server says the action needs.
import { el } from "/static/shared/dom.js";
import { t } from "/static/shared/texts.js";
import { Missing } from "./field_parts.js";
import { field, noteField } from "./fields.js";
import { actionWord } from "./words.js";

// Where a picture helps although it is not asked for.
const PHOTOS_WELCOME = new Set(["resolve", "verify", "close"]);

/** actionForm({ticket, name, values, onSend(body), onCancel}) → {element, problem(text), warn(text), busy(on), focus()}. */
export function actionForm({ ticket, name, values = {}, onSend, onCancel }) {
  const needs = ticket.actions?.[name]?.needs ?? [];
  const wanted = needs.filter((need) => need !== "note");
  if (PHOTOS_WELCOME.has(name) && !wanted.includes("photos")) wanted.push("photos");
  const fields = wanted.map((need) => field(need, ticket, values));
  fields.push(noteField(ticket, values, { needed: needs.includes("note") }));
  const fault = el("p", { class: "fault", role: "alert", hidden: true, dataset: { testid: "problem" } });
  const notice = el("p", { class: "notice warn", role: "status", hidden: true });
  const send = el(
    "button",
    { class: "button primary", type: "submit", dataset: { testid: "submit-action" } },
    actionWord(name),
  );
  const element = el(
    "form",
    {
      class: "action-form",
      novalidate: true,
      dataset: { form: name },
      "aria-label": actionWord(name),
      onsubmit: (event) => {
        event.preventDefault();
        problem("");
        try {
          const body = Object.assign({}, ...fields.map((one) => one.read()));
          // Whoever says "not put right" says why: the department must know what to do again.
          if (body.passed === false && !body.note)
            throw new Missing(t("desk.missing", { field: t("desk.field_note") }), element.querySelector("textarea"));
          onSend(body);
        } catch (error) {
          if (!(error instanceof Missing)) throw error;
          problem(error.message);
          error.at?.focus();
        }
      },
    },
    el("h3", {}, actionWord(name)),
    notice,
    ...fields.map((one) => one.element),
    fault,
    el(
      "div",
      { class: "row" },
      send,
      el(
        "button",
        { class: "button", type: "button", dataset: { testid: "cancel-action" }, onclick: onCancel },
        t("common.cancel"),
      ),
    ),
  );

  function problem(text) {
    fault.hidden = !text;
    fault.textContent = text;
  }
  return {
    element,
    problem,
    values,
    name,
    warn(text) {
      notice.hidden = !text;
      notice.textContent = text;
    },
    busy(on) {
      send.disabled = on;
      send.setAttribute("aria-busy", String(on));
    },
    focus: () => element.querySelector("textarea, select, input")?.focus(),
  };
}
