// The form of one action on the phone: what it needs, a note, pictures. Saved first, sent after; what the server refused
// comes back as the same form, with its reason above it and nothing of what was written lost.

import { el } from "./dom.js";
import { fields_of, Missing } from "./form_fields.js";
import * as outbox from "./outbox.js";
import { photo_strip } from "./photo_strip.js";
import * as store from "./store.js";
import { action_word } from "./words.js";
import { problem_text, t } from "./texts.js";
import { uuid } from "/static/shared/uuid.js";

const WITH_PHOTOS = new Set(["verify", "resolve", "return"]);
export const TOO_FAR = "/problems/too-far-away";

/**
 * `refused`: an entry of the outbox that the server did not take, to be corrected. Returns {element, remove()}.
 * `done` is called when the action is safe on the phone and on its way.
 */
export function action_form({ user, ticket, name, refused = null, done, cancel }) {
  const rule = ticket.actions[name];
  const needs = new Set(rule.needs);
  const values = refused?.action.body ?? {};
  const far = refused?.problem?.type === TOO_FAR;
  const key = uuid();
  const parts = [];
  const missing = el("p", { class: "missing", role: "alert", hidden: true });
  const say = (text) => {
    missing.hidden = !text;
    missing.textContent = text;
  };
  const fields = fields_of(rule, { user, ticket, name, values, say });
  parts.push(...fields);
  const wanted = far ? "phone.verify.why" : needs.has("note") ? "phone.form.note_needed" : "phone.form.note";
  const note = el("textarea", {
    class: "field",
    rows: 3,
    maxlength: name === "rate" ? 500 : 2000,
    "aria-label": t(wanted),
    data: { testid: "note" },
    placeholder: t(wanted),
  });
  note.value = values.note ?? "";
  const send = el(
    "button",
    { type: "button", class: "primary wide", data: { testid: "send-action" }, on: { click: () => void submit() } },
    name === "verify" ? t("phone.verify.send") : action_word(name),
  );

  async function submit() {
    const body = { note: note.value.trim() };
    try {
      for (const field of fields) Object.assign(body, field.read());
    } catch (error) {
      if (!(error instanceof Missing)) throw error;
      return say(error.message);
    }
    // Who went there meanwhile and located again owes no reason.
    const still_there = body.lon === values.lon && body.lat === values.lat;
    if (far && still_there && !body.note) return say(t("phone.verify.why_missing"));
    if ((needs.has("note") || (needs.has("passed") && body.passed === false)) && !body.note)
      return say(t("phone.form.note_missing"));
    send.disabled = true;
    // A corrected action is another action: it gets a key of its own, and keeps the pictures.
    if (refused) await store.rename_entry(refused.key, key);
    await outbox.hand_over({
      key,
      owner: user.username,
      kind: "action",
      created_at: Date.now(),
      action: { number: ticket.number, name, version: ticket.version, body },
    });
    return done();
  }

  const element = el("div", { class: "form", data: { form: name } }, el("h3", {}, action_word(name)));
  if (refused) element.append(el("p", { class: "notice refused", role: "alert" }, problem_text(refused.problem)));
  for (const field of fields) element.append(field.element);
  if (WITH_PHOTOS.has(name)) {
    const strip = photo_strip({ key: () => refused?.key ?? key });
    parts.push(strip);
    element.append(strip.element);
  }
  if (far) element.append(el("p", { class: "shown" }, t("phone.verify.why_shown")));
  element.append(
    note,
    missing,
    el(
      "div",
      { class: "buttons" },
      send,
      el("button", { type: "button", class: "button wide", on: { click: () => void give_up() } }, t("phone.cancel")),
    ),
  );

  /** What was never sent is gone with its pictures; what was refused stays until a person deletes it. */
  async function give_up() {
    if (!refused) for (const picture of await store.photos(key)) await store.drop_photo(picture.id);
    cancel();
  }

  return { element, remove: () => parts.forEach((part) => part.remove?.()) };
}
