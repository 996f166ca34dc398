// A form for any action, built from what the server says the action needs and may bring along.
import { el } from "/static/shared/dom.js";
import { knows, t } from "/static/shared/texts.js";
import { context } from "./context.js";
import { Missing, unique } from "./field_parts.js";
import { field, noteField, WITHIN } from "./fields.js";
import { actionWord } from "./words.js";

// Where a picture helps although it is not asked for.
const PHOTOS_WELCOME = new Set(["resolve", "verify", "close", "follow_up"]);
// What is known before anybody types.
const PREFILLED = { supervise: "desk.supervise_note" };

/**
 * actionForm({ticket, name, values, heading, yes, photos, onSend(body), onCancel})
 * → {element, problem(text, field), warn(text), again(), busy(on), focus(), values, name}.
 */
export function actionForm({ ticket, name, values = {}, heading, yes, photos = true, onSend, onCancel }) {
  const { needs = [], may = [] } = ticket.actions?.[name] ?? {};
  if (PREFILLED[name]) values.note ??= t(PREFILLED[name]);
  const wanted = needs.filter((need) => need !== "note");
  const further = may.filter((need) => !WITHIN[need] && !wanted.includes(need));
  const build = (need, needed) => field(need, ticket, values, { name, needed, changed: () => weigh() });
  const note = noteField(ticket, values, { name, needed: needs.includes("note") });
  const fields = [
    ...wanted.map((need) => build(need, true)),
    ...further.filter((need) => need === "until" || need === "overrule").map((need) => build(need, false)),
    note,
    ...further.filter((need) => need !== "until" && need !== "overrule").map((need) => build(need, false)),
  ];
  if (photos && PHOTOS_WELCOME.has(name)) fields.push(build("photos", false));
  const spots = fields.map((one) =>
    el("p", { class: "fault", role: "alert", id: unique("fault"), hidden: true, dataset: { faultOf: one.names[0] } }),
  );
  const weigh = () => note.setNeeded(fields.some((one) => one.asksForWords?.()));
  const fault = el("p", { class: "fault", role: "alert", hidden: true, dataset: { testid: "problem" } });
  const notice = el("p", { class: "notice warn", role: "status", hidden: true });
  const send = el(
    "button",
    { class: "button primary", type: "submit", dataset: { testid: "submit-action" } },
    yes ?? actionWord(name),
  );
  const element = el(
    "form",
    {
      class: "action-form",
      novalidate: true,
      dataset: { form: name },
      "aria-label": heading ?? actionWord(name),
      onsubmit: (event) => {
        event.preventDefault();
        submit();
      },
    },
    el(
      "div",
      { class: "action-form-head" },
      el("h3", {}, heading ?? actionWord(name)),
      knows(`desk.hint_action_${name}`) ? el("p", { class: "small muted" }, t(`desk.hint_action_${name}`)) : null,
    ),
    notice,
    ...context(name, ticket),
    ...fields.map((one, n) => el("div", { class: "form-field" }, one.element, spots[n])),
    fault,
    el(
      "div",
      { class: "row action-form-foot" },
      send,
      el(
        "button",
        { class: "button", type: "button", dataset: { testid: "cancel-action" }, onclick: onCancel },
        t("common.cancel"),
      ),
    ),
  );
  weigh();

  function submit() {
    problem("");
    const body = {};
    let first = null;
    for (const one of fields) {
      try {
        Object.assign(body, one.read());
      } catch (error) {
        if (!(error instanceof Missing)) throw error;
        at_field(error.message, error.field, error.at);
        first ??= error.at;
      }
    }
    if (first) first.focus();
    else onSend(body, values);
  }

  /** Shows a fault beside the field it is about; false when there is no such field. */
  function at_field(text, name_of_field, control = null) {
    const n = fields.findIndex((one) => one.names.includes(String(name_of_field ?? "").split(".")[0]));
    if (n === -1) return false;
    spots[n].hidden = false;
    spots[n].textContent = text;
    const at = control ?? fields[n].element.querySelector("textarea, input:not([hidden]), select, button");
    if (at) {
      at.setAttribute("aria-invalid", "true");
      at.setAttribute("aria-describedby", spots[n].id);
    }
    if (fields[n].element.tagName === "DETAILS") fields[n].element.open = true;
    return at ?? true;
  }

  function problem(text, name_of_field = null) {
    for (const spot of spots) spot.hidden = true;
    for (const control of element.querySelectorAll("[aria-invalid]")) {
      control.removeAttribute("aria-invalid");
      control.removeAttribute("aria-describedby");
    }
    const at = text && name_of_field ? at_field(text, name_of_field) : false;
    fault.hidden = !text || Boolean(at);
    fault.textContent = at ? "" : text;
    if (at instanceof HTMLElement) at.focus();
    else if (text) fault.scrollIntoView({ block: "nearest" });
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
    /** The ticket changed under the form: the button says that one has looked. */
    again() {
      send.textContent = t("desk.send_again");
    },
    busy(on) {
      send.disabled = on;
      send.setAttribute("aria-busy", String(on));
    },
    focus: () => element.querySelector(".form-field textarea, .form-field select, .form-field input")?.focus(),
  };
}
