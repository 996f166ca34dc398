// What is special about a ticket: merged, suspended, a request that awaits a decision, sub-tasks, orders, a rating.

import { read } from "./api.js";
import { el, replace } from "./dom.js";
import { called, clock_tag, holder_word, node_word } from "./words.js";
import { day, moment, named, remaining, t } from "./texts.js";

/** A card of facts, or null when there is nothing special. */
export function state_card(ticket) {
  const facts = [
    ticket.zone_rules?.length > 0 &&
      !ticket.closed_at &&
      line(ticket.urgent ? "red" : "blue", t(ticket.urgent ? "phone.state.urgent" : "phone.state.zone"), ticket.zone_rules.map(called).join(" · ")),
    ticket.suspended_until && line("grey", t("phone.state.suspended", { date: day(ticket.suspended_until) })),
    ticket.supervision &&
      !ticket.closed_at &&
      line(
        `order ${ticket.supervision.colour}`,
        named(`phone.order.${ticket.supervision.colour}`, ""),
        ticket.supervision.report_back_at &&
          !ticket.supervision.answered_at &&
          t("phone.state.report_back", { time: moment(ticket.supervision.report_back_at) }),
        ticket.supervision.note,
      ),
    ticket.awaits && line("yellow", t(`phone.state.${ticket.awaits}`), ticket.request?.note),
    !ticket.awaits && ticket.extensions > 0 && line("blue", t("phone.state.extended", { n: ticket.extensions })),
    ticket.disputed && line("yellow", t("phone.state.disputed")),
    ticket.rework_count > 0 && !ticket.closed_at && line("yellow", t("phone.state.rework", { n: ticket.rework_count })),
    ticket.reopened_count > 0 && line("blue", t("phone.state.reopened", { n: ticket.reopened_count })),
    ticket.deadline_provisional && !ticket.closed_at && line("grey", t("phone.state.provisional")),
    ticket.rating &&
      line("done", t("phone.state.rated", { score: t(`phone.rate.score_${ticket.rating.score}`) }), ticket.rating.words),
    ticket.follow_up_due_at && line("yellow", t("phone.state.follow_up", { time: day(ticket.follow_up_due_at) })),
  ].filter(Boolean);
  if (!facts.length) return null;
  return el("section", { class: "card facts", data: { testid: "state" } }, ...facts);
}

const line = (mark, words, ...more) =>
  el(
    "div",
    { class: "fact" },
    el("span", { class: `mark ${mark}`, "aria-hidden": "true" }),
    el("div", {}, el("strong", {}, words), ...more.filter(Boolean).map((one) => el("p", {}, one))),
  );

/** The sub-tasks: who was asked, for what, by when, and what they answered. */
export function assists_card(ticket) {
  if (!ticket.assists?.length) return null;
  return el(
    "section",
    { class: "card", data: { testid: "assists" } },
    el("h3", {}, t("phone.assist.title")),
    ...ticket.assists.map((one) =>
      el(
        "div",
        { class: "assist" },
        el("div", { class: "ticket-top" }, el("strong", {}, called(one.department)), standing(one)),
        one.task ? el("p", {}, one.task) : null,
        one.answer ? el("div", { class: "step-note" }, one.answer) : null,
      ),
    ),
  );
}

function standing(one) {
  const tag = (colour, words) =>
    el("span", { class: `tag ${colour}` }, el("span", { class: `mark ${colour}`, "aria-hidden": "true" }), words);
  if (one.answered_at) return tag("done", t("phone.assist.answered"));
  if (one.overruled) return tag("grey", t("phone.assist.overruled"));
  return tag(one.missed || Date.parse(one.due_at) < Date.now() ? "red" : "blue", remaining(one.due_at));
}

/** A report that was merged follows the main ticket: how that stands is what its reporter wants to know. */
export function main_card(ticket, go) {
  if (!ticket.merged_into) return null;
  const state = el("div", {}, el("p", { class: "faint" }, t("phone.loading")));
  void read(`/tickets/${ticket.merged_into}`).then(
    ({ data }) =>
      replace(
        state,
        el("div", { class: "ticket-top" }, el("strong", {}, called(data.category)), clock_tag(data)),
        el("p", {}, node_word(data.node), " · ", holder_word(data.holder)),
      ),
    () => replace(state, el("p", { class: "faint" }, t("phone.merged.unknown"))),
  );
  return el(
    "section",
    { class: "card head", data: { testid: "main-ticket" } },
    el("h3", {}, t("phone.merged.follows", { number: ticket.merged_into })),
    state,
    el(
      "button",
      { type: "button", class: "button wide", on: { click: () => go(`#ticket/${ticket.merged_into}`) } },
      t("phone.merged.open"),
    ),
  );
}
