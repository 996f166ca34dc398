// What one must know to decide, shown above the fields of a form: who asked, why, and what the answer will do.
import { el } from "/static/shared/dom.js";
import { t } from "/static/shared/texts.js";
import { short } from "/static/shared/time.js";
import { called, limitWord, listed, plainTime } from "./words.js";

/** The deadline as it is, and as it will be when the extension is granted. */
export function extended(ticket) {
  const limit = limitWord(ticket.limit);
  const then = ticket.due_if_extended;
  return t(then ? "desk.extension_to" : "desk.extension_by", {
    now: short(ticket.due_at),
    limit,
    then: then ? short(then) : "",
  });
}

const asked = (ticket) =>
  ticket.request
    ? el(
        "blockquote",
        { class: "asked" },
        el(
          "span",
          { class: "small muted" },
          t("desk.asked_by", { name: ticket.request.asked_by, time: plainTime(ticket.request.asked_at) }),
        ),
        el("p", {}, ticket.request.note),
        ticket.request.first_by
          ? el("span", { class: "small muted" }, t("desk.first_agreed", { name: ticket.request.first_by }))
          : null,
      )
    : null;

const fact = (...content) => el("p", { class: "notice" }, el("span", {}, ...content));

const SHOWN = {
  request_extension: (ticket) => [
    fact(extended(ticket), " ", t("desk.extension_left", { n: 2 - (ticket.extensions ?? 0) })),
  ],
  decide_extension: (ticket) => [asked(ticket), fact(extended(ticket))],
  decide_appeal: (ticket) => [asked(ticket), fact(t("desk.appeal_effect"))],
  follow_up: (ticket) =>
    ticket.follow_up
      ? [
          el(
            "blockquote",
            { class: "asked" },
            el("span", { class: "small muted" }, t(`desk.follow_up_from_${ticket.follow_up.source}`)),
            el("p", {}, ticket.follow_up.words || t("desk.no_words")),
          ),
          fact(t("desk.follow_up_due", { time: plainTime(ticket.follow_up_due_at) })),
        ]
      : [],
  resume: (ticket) => [fact(t("desk.resumes_at", { time: plainTime(ticket.suspended_until) }))],
  callback: (ticket) =>
    ticket.reporter && (ticket.reporter.name || ticket.reporter.phone)
      ? [fact(t("desk.call", { who: `${ticket.reporter.name ?? ""} ${ticket.reporter.phone ?? ""}`.trim() }))]
      : [],
  // Whoever assists sees its own task, not the whole ticket's.
  resolve: (ticket) => tasks(ticket),
};

function tasks(ticket) {
  const open = (ticket.assists ?? []).filter((one) => !one.answered_at && !one.overruled);
  if (!open.length || ticket.actions?.resolve?.may?.includes("overrule")) return [];
  return [
    el(
      "blockquote",
      { class: "asked" },
      el("span", { class: "small muted" }, t("desk.task_of", { names: listed(open.map((o) => called(o.department))) })),
      ...open.map((one) => el("p", {}, one.task)),
    ),
  ];
}

export const context = (name, ticket) => (ticket.number ? (SHOWN[name]?.(ticket) ?? []) : []).filter(Boolean);
