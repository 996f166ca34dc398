// After "send": what is safe, how far it is, and the number once the center has it.

import { progress } from "./lists.js";
import { el, replace } from "./dom.js";
import { online } from "./api.js";
import * as outbox from "./outbox.js";
import { correct } from "./report.js";
import * as store from "./store.js";
import { t } from "./texts.js";
import { place_word } from "./words.js";

export async function sent_view({ go }, key) {
  const box = el("section", { class: "card sent", role: "status" });
  const thumb = el("div", { class: "thumb" });
  const element = el("div", { class: "view" }, box, thumb);
  const another = () =>
    el(
      "button",
      { type: "button", class: "primary wide", data: { testid: "report-another" }, on: { click: () => go("#report") } },
      t("phone.sent.another"),
    );
  const again = (entry) =>
    el(
      "button",
      {
        type: "button",
        class: "primary wide",
        data: { action: "correct" },
        on: {
          click: () => void correct(entry).then(() => go("#report")),
        },
      },
      t("phone.outbox.correct"),
    );

  async function draw() {
    const entry = await store.entry(key);
    if (!entry) return go("#mine");
    const sent = entry.state === "sent";
    const title = sent
      ? "phone.sent.done"
      : entry.state === "refused"
        ? "phone.sent.refused"
        : online()
          ? "phone.sent.sending"
          : "phone.sent.offline";
    replace(
      box,
      el("span", {
        class: `mark large ${sent ? "done" : entry.state === "refused" ? "red" : "blue"}`,
        "aria-hidden": "true",
      }),
      el("h2", {}, t(title)),
      sent
        ? el(
            "button",
            {
              type: "button",
              class: "number",
              data: { testid: "sent-number", ticket: entry.number },
              on: { click: () => go(`#ticket/${entry.number}`) },
            },
            entry.number,
          )
        : null,
      sent ? el("p", { class: "faint" }, place_word(entry.ticket)) : null,
      el("p", { class: "faint" }, sent ? t("phone.sent.follow") : await progress(entry)),
    );
    replace(
      thumb,
      entry.state === "refused" ? again(entry) : another(),
      el("button", { type: "button", class: "button wide", on: { click: () => go("#mine") } }, t("phone.sent.mine")),
    );
    return null;
  }
  await draw();
  const forget = outbox.on_change((entry) => entry.key === key && void draw());
  return { element, title: t("phone.tab.report"), remove: forget };
}
