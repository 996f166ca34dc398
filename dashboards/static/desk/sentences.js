// Each event of the timeline told in a sentence or two: what was given, found, decided, and what follows from it.
import { el } from "/static/shared/dom.js";
import { count, distance, knows, t } from "/static/shared/texts.js";
import { full, short } from "/static/shared/time.js";
import { stars, ticketLink } from "./panels.js";
import { called, listed } from "./words.js";

const names = (items) => listed((items ?? []).map((one) => one.name ?? one.department ?? one));
const time = (value) => (value ? el("time", { datetime: value, title: full(value) }, short(value)) : "");
/** A text with elements in the places of its facts. */
function woven(key, facts) {
  const parts = t(key).split(/(\{\w+\})/);
  return parts.map((part) => {
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    return name && name in facts ? facts[name] : part;
  });
}

// action → (details, step, open) → parts of a sentence, or null.
const TOLD = {
  merge: ({ into }, step, open) => into && woven("desk.told_merge", { number: ticketLink(into, open) }),
  merged_in: ({ number }, step, open) => number && woven("desk.told_merged_in", { number: ticketLink(number, open) }),
  unmerged: ({ number }, step, open) => number && woven("desk.told_unmerged", { number: ticketLink(number, open) }),
  assist: ({ assists }) =>
    assists && woven("desk.told_assist", { names: names(assists), time: time(assists[0]?.due_at) }),
  decide_extension: ({ passed, step, granted, due_before, due_at }) => {
    if (granted && due_before) return woven("desk.told_extended", { before: time(due_before), after: time(due_at) });
    return t(passed ? "desk.told_extension_first" : "desk.told_extension_refused", { step });
  },
  suspend: ({ until }) => woven("desk.told_suspend", { until: time(until) }),
  resume: (details, step) => t(by_system(step) ? "desk.told_resume_itself" : "desk.told_resume"),
  verify: ({ distance_m, away }) =>
    distance_m === undefined
      ? null
      : t(away ? "desk.told_away" : "desk.told_there", { distance: distance(distance_m) }),
  supervise: ({ supervision }) => supervision && ordered(supervision),
  overdue: ({ supervision }) => (supervision ? ["→ ", ...ordered(supervision)] : null),
  remind: ({ reminders }) => reminders && t("desk.told_remind", { n: count(reminders) }),
  bulletin: () => t("desk.told_bulletin"),
  report_missed: ({ supervision }) =>
    supervision && woven("desk.told_report_missed", { time: time(supervision.report_back_at) }),
  answer_missed: ({ name, department }) => t("desk.told_answer_missed", { name: name ?? department }),
  follow_up_overdue: () => t("desk.told_follow_up_overdue"),
  recompute: ({ due_before, due_at, provisional }) => [
    ...woven("desk.told_recompute", { before: time(due_before), after: time(due_at) }),
    provisional ? ` ${t("desk.provisional")}` : "",
  ],
  rate: ({ score, satisfied }) => [
    el("span", { class: "score", "aria-hidden": "true" }, stars(score)),
    " ",
    t(satisfied ? "desk.told_rate" : "desk.told_rate_bad", { n: score }),
  ],
  callback: ({ reached, satisfied }) =>
    t(!reached ? "desk.told_not_reached" : satisfied ? "desk.told_satisfied" : "desk.told_not_satisfied"),
  follow_up: ({ outcome }) => outcome && t(`desk.told_follow_up_${outcome}`),
  reopen: ({ generation, parted_from }, step, open) =>
    parted_from
      ? woven("desk.told_parted", { number: ticketLink(parted_from, open) })
      : t("desk.told_reopen", { n: generation }),
  request_extension: () => t("desk.told_request_extension"),
  appeal: () => t("desk.told_appeal"),
  relocate: ({ from_grid, to_grid, edition, outside }, step) => [
    by_system(step) && edition ? `${t("desk.told_edition", { n: edition })} ` : "",
    outside ? t("desk.told_off_the_map") : from_grid && to_grid ? t("desk.told_relocate", { from: from_grid.name, to: to_grid.name }) : "",
  ],
  decide_appeal: ({ outcome }) => t(`desk.told_appeal_${outcome ?? "first"}`),
};

function ordered({ colour, report_back_at }) {
  return woven("desk.told_order", { order: t(`desk.order_${colour}`), time: time(report_back_at) });
}

/** What goes with any action: a correction, a refusal, those no longer waited for. */
function besides(details, step) {
  const follow_up_due = details.follow_up?.due_at;
  return [
    details.corrected ? t("desk.told_corrected", { name: details.corrected.name ?? details.corrected.to }) : null,
    details.zone_rules?.length ? t("desk.told_zone", { names: listed(details.zone_rules.map(called)) }) : null,
    details.zone_rules && !details.zone_rules.length ? t("desk.told_zone_none") : null,
    details.zone_rules?.length && details.due_before ? woven("desk.told_zone_due", { before: time(details.due_before), after: time(details.due_at) }) : null,
    details.refused_by ? t("desk.told_refused", { n: details.refusals ?? 1 }) : null,
    details.disputed === true ? t("desk.told_disputed") : null,
    details.dispute_settled ? t("desk.told_settled") : null,
    details.self_handled ? t("desk.told_self") : null,
    details.overruled ? t("desk.told_overruled", { names: names(details.overruled) }) : null,
    details.withdrawn ? t("desk.told_withdrawn", { names: names(details.withdrawn) }) : null,
    details.extension_lapsed ? t("desk.told_lapsed") : null,
    details.reported_back ? t("desk.told_reported_back") : null,
    follow_up_due ? woven("desk.told_follow_up_opened", { time: time(follow_up_due) }) : null,
    step.what !== "follow_up" && details.outcome === "corrected" ? t("desk.told_follow_up_corrected") : null,
  ].filter(Boolean);
}

/** The sentences of an event, as elements; none when the title says all. */
export function sentences(step, open) {
  const details = step.details ?? {};
  const main = TOLD[step.what]?.(details, step, open);
  return [...(main ? [main] : []), ...besides(details, step)].map((one) =>
    el("div", { class: "timeline-told" }, ...(Array.isArray(one) ? one : [one])),
  );
}

/** What the departments answered, gathered where the lead resolves. */
export const answers = (step) =>
  step.details?.answers?.length
    ? el(
        "ul",
        { class: "timeline-answers" },
        ...step.details.answers.map((one) => el("li", {}, el("b", {}, one.name ?? one.department), " ", one.answer)),
      )
    : null;

/** The system has a name in one language only; its role has one in both. */
export const by_system = (step) => !step.who?.role || step.who.role === "system";

const CLOCKS = { tier: "common.tier_clock", matter: "common.matter_clock" };

/** The name of what happened. */
export function title(step, action_word) {
  const { clock, assist } = step.details ?? {};
  if ((step.what === "warn" || step.what === "overdue") && CLOCKS[clock] && knows(CLOCKS[clock]))
    return `${t(CLOCKS[clock])} · ${action_word(step.what)}`;
  if (step.what === "escalate" && by_system(step)) return t("desk.climbed");
  if (step.what === "resolve" && assist) return t("desk.told_answer", { name: assist.name ?? assist.department });
  return action_word(step.what);
}

const VERDICTS = {
  verify: ["desk.passed", "desk.not_passed"],
  decide_extension: ["desk.passed_decide_extension", "desk.not_passed_decide_extension"],
  decide_appeal: ["desk.passed_decide_appeal", "desk.not_passed_decide_appeal"],
};

/** Yes or no, where that was the question. */
export function verdict(step) {
  const words = VERDICTS[step.what];
  const passed = step.details?.passed;
  if (!words || typeof passed !== "boolean") return null;
  return el("span", { class: `tag ${passed ? "done" : "red"}` }, t(words[passed ? 0 : 1]));
}

const LATE = new Set(["overdue", "bulletin", "report_missed", "answer_missed", "follow_up_overdue"]);
/** How an event looks: late ones and warnings have a shape of their own. */
export const look = (step) => (LATE.has(step.what) ? "late" : step.what === "warn" ? "soon" : "");
