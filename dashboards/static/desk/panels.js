// What most tickets do not have: sub-tasks, links, what citizens said afterwards, and near-duplicates at intake.
import { get } from "/static/shared/api.js";
import { el, mark, toast } from "/static/shared/dom.js";
import { t } from "/static/shared/texts.js";
import { full, now, relative, timeElement } from "/static/shared/time.js";
import { shortly } from "./into_field.js";
import { called } from "./words.js";

const panel = (name, title, ...content) =>
  el("section", { class: "panel", dataset: { panel: name }, "aria-label": title }, el("h2", {}, title), ...content);

/** A number that opens its ticket here. */
export const ticketLink = (number, open) =>
  el(
    "a",
    {
      class: "number",
      href: `/desk?ticket=${encodeURIComponent(number)}`,
      dataset: { link: number },
      onclick: (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        open(number);
      },
    },
    number,
  );

/** All panels of a ticket that have something to say. open(number): another ticket; begin(name, values): a form. */
export const panels = (ticket, { open, begin }) =>
  [assists(ticket), links(ticket, open), aftercare(ticket), near(ticket, open, begin)].filter(Boolean);

/** Who helps, with what, until when, and whether they did. */
function assists(ticket) {
  if (!ticket.assists?.length) return null;
  const answered = ticket.assists.filter((one) => one.answered_at).length;
  const of = t("desk.assists_answered", { n: answered, all: ticket.assists.length });
  return panel(
    "assists",
    t("desk.assists"),
    el("p", { class: "small muted" }, of),
    el("ol", { class: "assists" }, ...ticket.assists.map((one) => assist(one))),
  );
}

function stateOf(one) {
  if (one.answered_at) return one.missed ? ["yellow", "desk.assist_late"] : ["done", "desk.assist_answered"];
  if (one.overruled) return ["grey", "desk.assist_overruled"];
  if (one.missed || new Date(one.due_at) <= now()) return ["red", "desk.assist_missed"];
  return ["blue", "desk.assist_waiting"];
}

function assist(one) {
  const [colour, word] = stateOf(one);
  return el(
    "li",
    { dataset: { assist: one.n, state: colour } },
    el(
      "div",
      { class: "row" },
      el("strong", {}, called(one.department)),
      el("span", { class: `tag ${colour}` }, mark(colour), t(word)),
      el(
        "span",
        { class: "push small muted", title: full(one.answered_at ?? one.due_at) },
        one.answered_at
          ? t("desk.assist_at", { when: relative(one.answered_at) })
          : t("desk.assist_due", { when: relative(one.due_at) }),
      ),
    ),
    el("p", { class: "small" }, one.task),
    one.answer ? el("p", { class: "timeline-note" }, one.answer) : null,
  );
}

/** Merged: what follows this one, or what this one follows. */
function links(ticket, open) {
  if (!ticket.merged_into && !ticket.merged?.length) return null;
  return panel(
    "merged",
    t("desk.links"),
    ticket.merged_into
      ? el("p", {}, t("desk.merged_into"), " ", ticketLink(ticket.merged_into, open))
      : el(
          "p",
          {},
          t("desk.merged_here", { n: ticket.merged.length }),
          " ",
          ...ticket.merged.flatMap((number, n) => [n ? " · " : "", ticketLink(number, open)]),
        ),
  );
}

/** What came after closing: the citizen's score, the hotline's call, what was made of a complaint, the appeal. */
function aftercare(ticket) {
  const { rating, callback, follow_up, appeal, rating_link } = ticket;
  const rows = [
    rating && [
      t("desk.rating"),
      el("span", { class: "score", "aria-label": t("desk.score_of", { n: rating.score }) }, stars(rating.score)),
      rating.words,
      rating.at,
    ],
    callback && [t("action.callback"), called_back(callback), callback.words, callback.at, callback.by],
    follow_up && [
      t("action.follow_up"),
      followed_up(ticket, follow_up),
      follow_up.answer || follow_up.words,
      follow_up.ended_at ?? follow_up.at,
      follow_up.ended_by,
    ],
    appeal && [
      t("action.appeal"),
      appealed(appeal),
      appeal.reason || appeal.note,
      appeal.decided_at ?? appeal.at,
      appeal.decided_by ?? appeal.by,
    ],
  ].filter(Boolean);
  if (!rows.length && !rating_link) return null;
  return panel(
    "aftercare",
    t("desk.aftercare"),
    el("ul", { class: "aftercare" }, ...rows.map((row) => after(...row))),
    rating_link ? copyable(rating_link) : null,
  );
}

const after = (title, verdict, said, at, by) =>
  el(
    "li",
    {},
    el(
      "div",
      { class: "row" },
      el("strong", {}, title),
      verdict,
      el("span", { class: "push small muted" }, by ? `${by} · ` : "", at ? timeElement(at) : ""),
    ),
    said ? el("p", { class: "small" }, said) : null,
  );

const tag = (colour, word) => el("span", { class: `tag ${colour}` }, mark(colour), word);
export const stars = (score) => "★".repeat(score) + "☆".repeat(5 - score);

function called_back({ reached, satisfied }) {
  if (!reached) return tag("grey", t("desk.reached_no"));
  return satisfied ? tag("done", t("desk.satisfied_yes")) : tag("red", t("desk.satisfied_no"));
}

function followed_up(ticket, one) {
  if (one.outcome) return tag(one.outcome === "corrected" ? "done" : "grey", t(`desk.outcome_${one.outcome}`));
  if (one.missed_at) return tag("red", t("desk.follow_up_missed"));
  return tag("yellow", t("desk.follow_up_until", { when: relative(ticket.follow_up_due_at ?? one.at) }));
}

function appealed(one) {
  if (!one.outcome) return tag("blue", t("desk.appeal_pending"));
  return tag(one.outcome === "approved" ? "done" : "grey", t(`desk.outcome_${one.outcome}`));
}

/** The link with which the reporter rates, to be sent on by whoever may see the reporter. */
function copyable(path) {
  const address = new URL(path, window.location.origin).href;
  const input = el("input", {
    class: "input",
    readonly: true,
    "aria-label": t("desk.rating_link"),
    dataset: { testid: "rating-link" },
    onfocus: () => input.select(),
  });
  input.value = address;
  const copy = el(
    "button",
    {
      class: "button compact",
      type: "button",
      onclick: async () => {
        input.select();
        try {
          await navigator.clipboard.writeText(address);
        } catch {
          // An intranet without https has no clipboard of its own: the old way still works.
          document.execCommand("copy");
        }
        toast(t("desk.copied"));
      },
    },
    t("desk.copy"),
  );
  return el(
    "div",
    { class: "field" },
    el("span", { class: "label" }, t("desk.rating_link")),
    el("div", { class: "row copy-row" }, input, copy),
    el("span", { class: "hint" }, t("desk.rating_link_hint")),
  );
}

/** Open tickets that may be about the same matter, while this one can still be merged. */
function near(ticket, open, begin) {
  if (!ticket.allowed_actions.includes("merge")) return null;
  const list = el("div", { class: "short-list" });
  const section = panel("near", t("desk.near"), el("p", { class: "small muted" }, t("desk.near_hint")), list);
  section.hidden = true;
  get(`tickets/${ticket.number}/similar`)
    .then(({ items }) => {
      section.hidden = !items.length;
      list.replaceChildren(
        ...items.slice(0, 3).map((one) =>
          el(
            "div",
            { class: "near" },
            shortly(one, { number: ticketLink(one.number, open) }),
            el(
              "button",
              {
                class: "button compact",
                type: "button",
                dataset: { mergeInto: one.number },
                onclick: () => begin("merge", { into: one }),
              },
              t("desk.near_merge"),
            ),
          ),
        ),
      );
    })
    .catch((error) => console.warn("desk:", error));
  return section;
}
