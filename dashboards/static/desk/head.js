// The head of a ticket: what it is, where, how late, how far, and in whose hands.
import { el, mark } from "/static/shared/dom.js";
import { distance, t } from "/static/shared/texts.js";
import { timeElement } from "/static/shared/time.js";
import { clockCard, matter, tier } from "./clocks.js";
import { standing } from "./standing.js";
import { called, holderWord, listed, nodeWord } from "./words.js";

const STEPS = ["intake", "claim", "dispatch", "handle", "close"];

export function head(ticket) {
  const category = ticket.category;
  const rules = ticket.policy_version ? t("desk.clock_rules", { version: ticket.policy_version }) : null;
  return el(
    "header",
    { class: "ticket-head" },
    el(
      "div",
      { class: "ticket-title" },
      el("h1", {}, called(category)),
      ...tags(ticket),
      ticket.simulated ? el("span", { class: "tag" }, t("common.simulated")) : null,
      el("span", { class: "push number ticket-number", dataset: { testid: "number" } }, ticket.number),
      file(ticket),
    ),
    place(ticket),
    el(
      "div",
      { class: "ticket-clocks" },
      clockCard(t("common.matter_clock"), matter(ticket), ticket, { provisional: ticket.deadline_provisional, rules }),
      clockCard(t("desk.tier_clock", { tier: t(`tier.${ticket.tier}`) }), tier(ticket), ticket, { rules }),
      el(
        "div",
        { class: "hands" },
        el("span", { class: "small" }, t("common.holder")),
        el("strong", { dataset: { testid: "holder" } }, holderWord(ticket.holder)),
        el("span", { class: "small muted" }, t(`desk.holder_kind_${ticket.holder?.kind ?? "none"}`)),
      ),
    ),
    strip(ticket),
    standing(ticket),
  );
}

/** What is counted over a ticket's life: done again, opened again, given more time, urged. */
function tags(ticket) {
  const counted = [
    ["reopened", ticket.reopened_count, ticket.reopened_count + 1],
    ["rework", ticket.rework_count, ticket.rework_count],
    ["extended", ticket.extensions, ticket.extensions],
    ["reminded", ticket.reminders, ticket.reminders],
  ];
  return counted
    .filter(([, n]) => n)
    .map(([name, , n]) =>
      el("span", { class: `tag ${name === "rework" ? "yellow" : ""}`, dataset: { tag: name } }, t(`desk.${name}`, { n })),
    );
}

/** The whole file as PDF, in a tab of its own: drawing it takes a second or two. */
function file(ticket) {
  const address = `/api/v1/tickets/${encodeURIComponent(ticket.number)}/file.pdf`;
  return el(
    "a",
    { class: "small", href: address, target: "_blank", rel: "noopener", dataset: { testid: "file" }, title: t("desk.file_hint") },
    t("desk.file"),
  );
}

/** How it came into its grid, where that is not plain: nearest, border, chosen by a person. */
export function placedHow({ placed_how: how }) {
  if (how?.rule === "nearest") return [t("desk.placed_nearest", { distance: distance(how.distance_m ?? 0) })];
  if (how?.rule === "border") {
    const also = listed(how.also.map((one) => one.name));
    return [also ? t("desk.placed_border_with", { names: also }) : t("desk.placed_border")];
  }
  if (how?.rule === "chosen")
    return [how.instead_of ? t("desk.placed_chosen_not", { name: how.instead_of.name }) : t("desk.placed_chosen")];
  return [];
}

function place(ticket) {
  const { county, town, village, grid } = ticket.region;
  const names = [county, town, village, grid].filter(Boolean);
  const beside = [];
  if (ticket.grid_kind) beside.push(t(`kind.${ticket.grid_kind}`));
  if (ticket.base_grid) beside.push(t("desk.within", { grid: ticket.base_grid.name }));
  beside.push(...placedHow(ticket));
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
