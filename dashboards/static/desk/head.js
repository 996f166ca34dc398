// The head of a ticket: what it is, where, how late, how far, and in whose hands.
import { el, mark } from "/static/shared/dom.js";
import { distance, t } from "/static/shared/texts.js";
import { full, relative, timeElement } from "/static/shared/time.js";
import { clockCard, matter, tier } from "./clocks.js";
import { supervised } from "./row.js";
import { called, holderWord, nodeWord } from "./words.js";

const STEPS = ["intake", "claim", "dispatch", "handle", "close"];

export function head(ticket) {
  const category = ticket.category;
  return el(
    "header",
    { class: "ticket-head" },
    el(
      "div",
      { class: "ticket-title" },
      el("h1", {}, called(category)),
      supervised(ticket),
      ticket.simulated ? el("span", { class: "tag" }, t("common.simulated")) : null,
      ticket.rework_count ? el("span", { class: "tag yellow" }, t("desk.rework", { n: ticket.rework_count })) : null,
      el("span", { class: "push number ticket-number", dataset: { testid: "number" } }, ticket.number),
    ),
    place(ticket),
    el(
      "div",
      { class: "ticket-clocks" },
      clockCard(t("common.matter_clock"), matter(ticket), ticket, { provisional: ticket.deadline_provisional }),
      clockCard(t("desk.tier_clock", { tier: t(`tier.${ticket.tier}`) }), tier(ticket), ticket),
      el(
        "div",
        { class: "hands" },
        el("span", { class: "small" }, t("common.holder")),
        el("strong", { dataset: { testid: "holder" } }, holderWord(ticket.holder)),
        el("span", { class: "small muted" }, t(`desk.holder_kind_${ticket.holder?.kind ?? "none"}`)),
      ),
    ),
    strip(ticket),
    order(ticket),
  );
}

function place(ticket) {
  const { county, town, village, grid } = ticket.region;
  const names = [county, town, village, grid].filter(Boolean);
  const beside = [];
  if (ticket.grid_kind) beside.push(t(`kind.${ticket.grid_kind}`));
  if (ticket.base_grid) beside.push(t("desk.within", { grid: ticket.base_grid.name }));
  if (ticket.placed === "nearest")
    beside.push(t("desk.placed_nearest", { distance: distance(ticket.distance_m ?? 0) }));
  if (ticket.placed === "border") beside.push(t("desk.placed_border"));
  return el(
    "div",
    { class: "ticket-place" },
    el(
      "ol",
      { class: "crumbs", "aria-label": t("common.place") },
      ...names.map((one) => el("li", {}, el("span", { title: one.code }, one.name))),
    ),
    el("span", { class: "small muted" }, beside.join(" · ")),
  );
}

/** The five nodes; done ones ticked, the present one strong. A rejected or merged ticket says so instead. */
function strip(ticket) {
  const at = STEPS.indexOf(ticket.node);
  const closed = ticket.node === "closed";
  if (at === -1 && !closed) {
    return el(
      "p",
      { class: "notice", dataset: { node: ticket.node } },
      el("b", {}, nodeWord(ticket.node)),
      " ",
      ticket.closed_at ? timeElement(ticket.closed_at) : "",
    );
  }
  return el(
    "ol",
    { class: "ticket-steps", dataset: { testid: "steps", node: ticket.node } },
    ...STEPS.map((node, n) => {
      const state = closed || n < at ? "past" : n === at ? "now" : "ahead";
      return el(
        "li",
        { class: state, "aria-current": state === "now" ? "step" : null },
        el("span", { class: "ticket-step-mark" }, state === "past" ? mark("done") : String(n + 1)),
        el("span", {}, nodeWord(node)),
      );
    }),
  );
}

function order(ticket) {
  const one = ticket.supervision;
  if (!one || ticket.closed_at) return null;
  const kind = one.colour === "red" ? "fault" : one.colour === "yellow" ? "warn" : "";
  return el(
    "p",
    { class: `notice ${kind}` },
    el(
      "span",
      {},
      el("b", {}, t(`desk.order_${one.colour}`)),
      one.note ? ` ${one.note} ` : " ",
      one.report_back_at
        ? el(
            "span",
            { class: "muted", title: full(one.report_back_at) },
            t("desk.report_back", { when: relative(one.report_back_at) }),
          )
        : "",
    ),
  );
}
