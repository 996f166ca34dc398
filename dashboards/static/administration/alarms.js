// What is wrong with escalation now, how the clock stands, and the word that lets it go on.
import { el, mark } from "/static/shared/dom.js";
import { get, post, words } from "/static/shared/api.js";
import { count, language, t } from "/static/shared/texts.js";
import { full, span } from "/static/shared/time.js";
import { ask } from "/static/administration/ask.js";

const EVERY = 30000;   // ms
const RIGHT = 60;      // s: nearer than that it is right

const own = (item, name) => (language === "zh" ? item[name] : item[`${name}_en`]);
const known = (value, show) => (value === null || value === undefined ? "–" : show(value));

export async function alarmsTab(panel, context) {
  let shown = "";

  async function look() {
    const [list, clock] = await Promise.all([get("alarms"), get("alarms/clock")]);
    context.count(list.items.length);
    const said = JSON.stringify([list.items, { ...clock, as_of: null, off_seconds: null }]);
    if (said === shown) return;
    shown = said;
    panel.replaceChildren(...content(list, clock));
  }

  const content = (list, clock) => [
    el("section", { class: "card" },
      el("header", {}, el("h2", {}, t("administration.alarms_now"))),
      list.items.length ? el("ul", { class: "alarm-list" }, ...list.items.map(line))
        : el("p", { class: "calm" }, mark("done"), t("administration.alarms_none"))),
    el("section", { class: "card" },
      el("header", {}, el("h2", {}, t("administration.clock"))),
      clockState(clock, list.may_agree)),
  ];

  const line = (item) => el("li", { class: "notice fault", dataset: { alarm: item.alarm } },
    el("div", {}, el("b", {}, own(item, "text")), el("p", {}, own(item, "todo"))));

  function clockState(clock, mayAgree) {
    const facts = clock.frozen
      ? [["clock_state", t("administration.clock_frozen")],
        ["clock_since", full(clock.frozen_at)],
        ["clock_jump", known(clock.jump_seconds, signed)],
        ["clock_off", known(clock.off_seconds, (off) => (Math.abs(off) < RIGHT ? t("administration.clock_right") : signed(off)))],
        ["clock_seen_by", clock.seen_by ?? "–"],
        ["clock_due", count(clock.due)],
        ["clock_due_by_jump", known(clock.due_by_jump, count)]]
      : [["clock_state", t("administration.clock_runs")],
        ["clock_due", count(clock.due)],
        ...(clock.agreed_at ? [["clock_agreed", `${full(clock.agreed_at)} · ${clock.agreed_by}`]] : [])];
    return el("div", { class: "stack" },
      el("dl", { class: "pairs" }, ...facts.flatMap(([key, value]) => [el("dt", {}, t(`administration.${key}`)), el("dd", { dataset: { fact: key } }, value)])),
      clock.frozen && mayAgree
        ? el("button", { type: "button", class: "button primary", dataset: { testid: "agree" }, onclick: agree }, t("administration.agree"))
        : null,
      clock.frozen && !mayAgree ? el("p", { class: "muted" }, t("administration.agree_not_you")) : null);
  }

  /** Looks again first: what would fall due changes by the minute, and the freeze that is agreed to must be this one. */
  async function agree() {
    const clock = await get("alarms/clock");
    const done = await ask({
      title: t("administration.agree"),
      what: [
        el("p", {}, t("administration.agree_time", { time: full(clock.as_of) })),
        el("p", {}, t("administration.agree_due", { due: count(clock.due) })),
        clock.due_by_jump ? el("p", { class: "notice warn" }, t("administration.agree_by_jump", { due: count(clock.due_by_jump) })) : null,
      ],
      yes: t("administration.agree_yes"),
      send: () => post("alarms/clock/agree", { frozen_at: clock.frozen_at }),
    });
    shown = done ? "" : shown;
    await look();
  }

  await look();
  setInterval(() => document.hidden || look().catch((error) => console.warn(words(error))), EVERY);
}

/** A jump in the direction it went: "+2 天 3 小时". */
const signed = (seconds) => `${seconds < 0 ? "−" : "+"}${span(seconds * 1000)}`;
