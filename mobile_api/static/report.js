// Report in four taps: photo, category, place, send. Every touch is kept, so a call in between loses nothing.

import { el, icon, replace } from "./dom.js";
import { pick, recent, tree, used } from "./categories.js";
import * as outbox from "./outbox.js";
import { photo_strip } from "./photo_strip.js";
import { place_picker } from "./place.js";
import * as store from "./store.js";
import { problem_text, t } from "./texts.js";
import { uuid } from "/static/shared/uuid.js";

const LONGEST_TEXT = 5000;
const SHORTCUTS = 3;

async function open_draft(user) {
  const kept = (await store.entries(user.username)).find((one) => one.state === "draft" && one.kind === "report");
  return (
    kept ?? {
      key: uuid(),
      owner: user.username,
      kind: "report",
      state: "draft",
      created_at: Date.now(),
      attempts: 0,
      next_at: 0,
      report: { category: null, description: "", place: null },
    }
  );
}

/** Takes a refused report back into the form; a new UUID, since what is sent next is another report. */
export async function correct(entry) {
  const old = (await store.entries(entry.owner)).find((one) => one.state === "draft" && one.kind === "report");
  if (old) await store.drop_entry(old.key);
  const key = uuid();
  if (entry.problem?.field?.startsWith("photos")) {
    for (const picture of await store.photos(entry.key)) await store.put_photo({ ...picture, attachment: null });
  }
  await store.rename_entry(entry.key, key);
  await store.put_entry({ ...(await store.entry(key)), state: "draft", attempts: 0, next_at: 0 });
}

export async function report_view({ user, go }) {
  const entry = await open_draft(user);
  const draft = entry.report;
  const keep = () => store.put_entry(entry);
  const chosen = el("div", { class: "chosen" });
  const missing = el("p", { class: "missing", role: "alert", hidden: true });
  const send = el(
    "button",
    { type: "button", class: "primary wide", data: { testid: "send" }, on: { click: submit } },
    t("phone.report.send"),
  );

  async function show_category() {
    // Without a tree (first start, no network) the button still says what is wrong when touched.
    const items = await tree().catch(() => []);
    const shortcuts = draft.category ? [] : (await recent(items)).slice(0, SHORTCUTS);
    replace(
      chosen,
      el(
        "button",
        {
          type: "button",
          class: `row-button picked${draft.category ? "" : " open"}`,
          data: { testid: "category" },
          on: { click: choose },
        },
        draft.category
          ? el("span", { class: "row-main" }, draft.category.name, el("small", {}, draft.category.major))
          : el("span", { class: "row-main" }, t("phone.category.choose")),
        icon("next"),
      ),
      shortcuts.length
        ? el(
            "div",
            { class: "chips" },
            ...shortcuts.map((one) =>
              el(
                "button",
                { type: "button", class: "chip", data: { category: one.code }, on: { click: () => take(one) } },
                one.name,
              ),
            ),
          )
        : null,
    );
  }

  async function choose() {
    try {
      const one = await pick();
      if (one) await take(one);
    } catch {
      say(t("phone.category.unavailable"));
    }
  }

  async function take(one) {
    draft.category = { code: one.code, name: one.name, major: one.major };
    say("");
    await keep();
    await show_category();
  }

  function say(text) {
    missing.hidden = !text;
    missing.textContent = text;
  }

  async function submit() {
    if (!draft.category) return say(t("phone.report.no_category"));
    if (!draft.place) return say(t("phone.report.no_place"));
    if (draft.place.outside) return say(t("phone.report.outside"));
    send.disabled = true;
    const { lon, lat, accuracy_m, grid = null } = draft.place;
    await used(draft.category.code);
    await outbox.hand_over({
      ...entry,
      created_at: Date.now(),
      report: {
        ...draft,
        lon,
        lat,
        accuracy_m,
        grid,
        category: draft.category.code,
        chosen: draft.category,
        captured_at: await outbox.now_by_server(),
      },
    });
    go(`#sent/${entry.key}`);
  }

  const words = el("textarea", {
    class: "field",
    rows: 1,
    maxlength: LONGEST_TEXT,
    placeholder: t("phone.report.words"),
    "aria-label": t("phone.report.words"),
    data: { testid: "description" },
    value: draft.description,
    on: { input: () => ((draft.description = words.value), void keep()) },
  });
  await keep();
  const strip = photo_strip({ key: () => entry.key, refused: entry.problem?.photo });
  // A refused report comes back with chosen category as {code, name}; see `outbox.hand_over`.
  if (draft.chosen) draft.category = draft.chosen;
  const place = place_picker({
    region: user.region,
    place: draft.place,
    changed: (where) => ((draft.place = where), void keep()),
  });
  await show_category();
  const element = el(
    "div",
    { class: "view" },
    entry.problem
      ? el("p", { class: "notice refused", role: "alert" }, t("phone.report.refused"), " ", problem_text(entry.problem))
      : null,
    el("section", { class: "card" }, strip.element),
    el("section", { class: "card slim" }, chosen),
    place.element,
    el("section", { class: "card" }, words),
    el("div", { class: "thumb" }, missing, send),
  );
  return { element, title: t("phone.tab.report"), remove: () => (strip.remove(), place.remove()) };
}
