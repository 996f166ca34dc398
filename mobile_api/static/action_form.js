// The form of one action on the phone: verify on site, or a step with a note and pictures. Saved first, sent after.

import { el, replace } from "./dom.js";
import * as outbox from "./outbox.js";
import { photo_strip } from "./photo_strip.js";
import { place_picker } from "./place.js";
import * as store from "./store.js";
import { action_word } from "./words.js";
import { t } from "./texts.js";
import { uuid } from "/static/shared/uuid.js";

const WITH_PHOTOS = new Set(["verify", "resolve"]);

/** Returns {element, remove()}. `done` is called when the action is safe on the phone and on its way. */
export function action_form({ user, ticket, name, done, cancel }) {
  const needs = new Set(ticket.actions[name].needs);
  const entry = {
    key: uuid(),
    owner: user.username,
    kind: "action",
    state: "draft",
    created_at: Date.now(),
    attempts: 0,
    next_at: 0,
  };
  const body = {};
  const parts = [];
  const missing = el("p", { class: "missing", role: "alert", hidden: true });
  const note = el("textarea", {
    class: "field",
    rows: 3,
    maxlength: 2000,
    "aria-label": t("phone.form.note"),
    data: { testid: "note" },
    placeholder: t(needs.has("note") ? "phone.form.note_needed" : "phone.form.note"),
  });
  const send = el(
    "button",
    { type: "button", class: "primary wide", data: { testid: "send-action" }, on: { click: submit } },
    needs.has("passed") ? t("phone.verify.send") : action_word(name),
  );

  function say(text) {
    missing.hidden = !text;
    missing.textContent = text;
  }

  async function submit() {
    body.note = note.value.trim();
    if (needs.has("passed") && body.passed === undefined) return say(t("phone.verify.choose"));
    if ((needs.has("note") || body.passed === false) && !body.note) return say(t("phone.form.note_missing"));
    if (needs.has("place") && body.lon === undefined) return say(t("phone.report.no_place"));
    send.disabled = true;
    await outbox.hand_over({
      ...entry,
      created_at: Date.now(),
      action: { number: ticket.number, name, version: ticket.version, body },
    });
    done();
  }

  const element = el("div", { class: "form", data: { form: name } }, el("h3", {}, action_word(name)));
  if (needs.has("passed")) element.append(verdict(body, say));
  if (needs.has("place")) {
    const place = place_picker({
      region: user.region,
      place: null,
      changed: ({ lon, lat }) => Object.assign(body, { lon, lat, datum: "wgs84" }),
    });
    parts.push(place);
    element.append(place.element);
  }
  if (WITH_PHOTOS.has(name)) {
    const strip = photo_strip({ key: () => entry.key });
    parts.push(strip);
    element.append(strip.element);
  }
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

  async function give_up() {
    for (const picture of await store.photos(entry.key)) await store.drop_photo(picture.id);
    cancel();
  }

  return { element, remove: () => parts.forEach((part) => part.remove()) };
}

/** Two large buttons: it is in order, or it is not. */
function verdict(body, say) {
  const choice = (passed, key, testid) => {
    const button = el(
      "button",
      {
        type: "button",
        class: `verdict ${passed ? "yes" : "no"}`,
        "aria-pressed": "false",
        data: { testid },
        on: {
          click: () => {
            body.passed = passed;
            say("");
            box.querySelectorAll(".verdict").forEach((one) => one.setAttribute("aria-pressed", String(one === button)));
          },
        },
      },
      el("span", { class: `mark ${passed ? "done" : "red"}`, "aria-hidden": "true" }),
      t(key),
    );
    return button;
  };
  const box = el("div", { class: "verdicts", role: "group", "aria-label": t("phone.verify.question") });
  replace(box, choice(true, "phone.verify.passed", "passed"), choice(false, "phone.verify.failed", "not-passed"));
  return el("div", {}, el("p", {}, t("phone.verify.question")), box);
}
