// After "send": what is safe, how far it is, and the number once the center has it.

import { progress } from "./lists.js";
import { el, replace } from "./dom.js";
import { online } from "./api.js";
import * as outbox from "./outbox.js";
import * as store from "./store.js";
import { t } from "./texts.js";

export async function sent_view({ go }, key) {
  const box = el("section", { class: "card sent", role: "status" });
  const element = el("div", { class: "view" }, box, el("div", { class: "thumb" },
    el("button", { type: "button", class: "primary wide", data: { testid: "report-another" }, on: { click: () => go("#report") } }, t("phone.sent.another")),
    el("button", { type: "button", class: "button wide", on: { click: () => go("#mine") } }, t("phone.sent.mine"))));

  async function draw() {
    const entry = await store.entry(key);
    if (!entry) return go("#mine");
    const sent = entry.state === "sent";
    const title = sent ? "phone.sent.done" : entry.state === "refused" ? "phone.sent.refused" : online() ? "phone.sent.sending" : "phone.sent.offline";
    replace(box,
      el("span", { class: `mark large ${sent ? "done" : entry.state === "refused" ? "red" : "blue"}`, "aria-hidden": "true" }),
      el("h2", {}, t(title)),
      sent ? el("button", { type: "button", class: "number", data: { testid: "sent-number", ticket: entry.number }, on: { click: () => go(`#ticket/${entry.number}`) } }, entry.number) : null,
      sent ? el("p", { class: "faint" }, [entry.ticket.region?.village?.name, entry.ticket.region?.grid?.name].filter(Boolean).join(" · ")) : null,
      el("p", { class: "faint" }, sent ? t("phone.sent.follow") : await progress(entry)));
    return null;
  }
  await draw();
  const forget = outbox.on_change((entry) => entry.key === key && void draw());
  return { element, title: t("phone.tab.report"), remove: forget };
}
