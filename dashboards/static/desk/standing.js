// How things stand beyond the clocks, one line each: suspended, supervised, asked for, disputed, complained about.
import { el } from "/static/shared/dom.js";
import { t } from "/static/shared/texts.js";
import { full, relative, timeElement } from "/static/shared/time.js";
import { called, limitWord, plainTime } from "./words.js";

const line = (name, kind, title, ...content) =>
  el(
    "li",
    { class: `notice ${kind}`, dataset: { standing: name } },
    el("b", {}, title),
    el("span", { class: "standing-words" }, ...content.flat()),
  );
const aside = (text, title = null) => el("span", { class: "muted", title }, text);

/** The lines of a ticket, or null. */
export function standing(ticket) {
  const lines = [zone, suspended, order, request, disputed, complaint].map((one) => one(ticket)).filter(Boolean);
  return lines.length ? el("ul", { class: "standing", dataset: { testid: "standing" } }, ...lines) : null;
}

/** Which rule zones the matter lies in, and what each of them does to it. */
function zone(ticket) {
  const rules = ticket.zone_rules ?? [];
  if (!rules.length || ticket.closed_at) return null;
  return line(
    "zone",
    ticket.urgent ? "fault" : "",
    t(ticket.urgent ? "desk.zone_urgent" : "desk.zone_applies"),
    ...rules.flatMap((rule, n) => [
      n ? t("desk.zone_comma") : "",
      called(rule),
      " ",
      aside([t("desk.zone_version", { code: rule.zone, n: rule.version }), rule.limits ? t("desk.zone_limits", { limit: limitWord(ticket.limit) }) : null].filter(Boolean).join(" · ")),
    ]),
  );
}

function suspended(ticket) {
  if (!ticket.suspended_until || ticket.closed_at) return null;
  return line(
    "suspended",
    "hatched",
    t("colour.grey"),
    t("desk.suspended_until", { time: plainTime(ticket.suspended_until), when: relative(ticket.suspended_until) }),
  );
}

function order(ticket) {
  const one = ticket.supervision;
  if (!one || ticket.closed_at) return null;
  const kind = { red: "fault", yellow: "warn" }[one.colour] ?? "";
  return line(
    "supervised",
    `supervised ${kind}`,
    t(`desk.order_${one.colour}`),
    one.note ? `${one.note} ` : "",
    aside([one.by, reported_back(one)].filter(Boolean).join(" · "), one.report_back_at ? full(one.report_back_at) : null),
  );
}

function reported_back(one) {
  if (one.answered_at) return t("desk.order_answered", { name: one.answered_by, when: relative(one.answered_at) });
  if (one.missed_at) return t("desk.order_missed", { when: relative(one.report_back_at) });
  return one.report_back_at ? t("desk.report_back", { when: relative(one.report_back_at) }) : "";
}

const DECIDED_BY = {
  extension_1: "desk.decides_extension_1",
  extension_2: "desk.decides_extension_2",
  appeal_1: "desk.decides_appeal_1",
  appeal_2: "desk.decides_appeal_2",
};

function request(ticket) {
  const one = ticket.request;
  if (!one || !DECIDED_BY[ticket.awaits]) return null;
  return line(
    "request",
    "",
    t(`desk.asked_${one.kind}`),
    `${one.note} `,
    aside(
      [
        t("desk.asked_by", { name: one.asked_by, time: relative(one.asked_at) }),
        one.first_by ? t("desk.first_agreed", { name: one.first_by }) : null,
        t(DECIDED_BY[ticket.awaits]),
      ]
        .filter(Boolean)
        .join(" · "),
      full(one.asked_at),
    ),
  );
}

function disputed(ticket) {
  const refused = Object.values(ticket.refusals ?? {}).reduce((sum, n) => sum + n, 0);
  if (ticket.disputed) return line("disputed", "warn", t("desk.marked_disputed"), t("desk.disputed_says", { n: refused }));
  if (!refused || ticket.closed_at) return null;
  return line("refused", "", t("desk.refused", { n: refused }), aside(t("desk.refused_hint")));
}

function complaint(ticket) {
  if (!ticket.follow_up_due_at) return null;
  return line(
    "follow_up",
    "warn",
    t("desk.marked_follow_up"),
    ticket.follow_up?.words ? `${ticket.follow_up.words} ` : "",
    aside(
      t("desk.follow_up_due", { time: plainTime(ticket.follow_up_due_at) }),
      ticket.follow_up?.at ? full(ticket.follow_up.at) : null,
    ),
    " · ",
    timeElement(ticket.follow_up_due_at, "remaining"),
  );
}
