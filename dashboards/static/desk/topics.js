// Lists that somebody must keep an eye on, as chips under the tabs: each with its number, none when there is nothing.
import { get } from "/static/shared/api.js";
import { $, el } from "/static/shared/dom.js";
import { count, t } from "/static/shared/texts.js";

export const TOPICS = [
  "urgent", "supervised", "suspended", "disputed", "extension", "appeal", "follow_up", "assisted", "provisional",
];
const LATER = 300;
const EVERY = 30_000; // ms between two counts, however much happens

/** createTopics({filters, chosen, onTopic(name or null)}) → {choose(name), count(), stale()}. */
export function createTopics({ filters, chosen, onTopic }) {
  const box = $("#topics");
  const counts = new Map();
  let counted = 0;

  function draw() {
    const shown = TOPICS.filter((name) => name === chosen || counts.get(name));
    box.hidden = !shown.length;
    box.replaceChildren(
      ...shown.map((name) =>
        el(
          "button",
          {
            class: "topic",
            type: "button",
            dataset: { topic: name },
            title: t(`desk.topic_hint_${name}`),
            "aria-pressed": String(name === chosen),
            onclick: () => onTopic(name === chosen ? null : name),
          },
          t(`desk.topic_${name}`),
          counts.has(name) ? el("span", { class: "topic-count" }, said(counts.get(name))) : null,
        ),
      ),
    );
  }
  const said = (n) => (n >= 10000 ? t("desk.many") : count(n));

  return {
    choose(name) {
      chosen = name;
      draw();
    },
    /** Something changed: the next count does not wait. */
    stale() {
      counted = Math.min(counted, Date.now() - EVERY / 2);
    },
    async count() {
      if (Date.now() - counted < EVERY) return;
      counted = Date.now();
      // The list and the ticket come first.
      await new Promise((done) => setTimeout(done, LATER));
      await Promise.all(
        TOPICS.map(async (topic) => {
          try {
            const page = await get("tickets", { topic, ...filters, limit: 1 });
            counts.set(topic, page.total ?? page.items.length);
          } catch {
            // The list itself says what is wrong.
          }
        }),
      );
      draw();
    },
  };
}
