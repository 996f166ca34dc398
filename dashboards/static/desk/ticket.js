// The ticket on the right: fetched, drawn, and drawn anew when it changes, without touching a form that is open.
import { get, Problem, words } from "/static/shared/api.js";
import { $, el } from "/static/shared/dom.js";
import { distance, t } from "/static/shared/texts.js";
import { full, timeElement } from "/static/shared/time.js";
import { actionBar } from "./actions.js";
import { gallery } from "./gallery.js";
import { candidateWords } from "./grid_field.js";
import { head } from "./head.js";
import { panels } from "./panels.js";
import { ticketMap } from "./place_map.js";
import { timeline } from "./timeline.js";
import { byRule, called, limitWord } from "./words.js";

/** createTicket({onDone(before, after, name), onGo(number)}) → {open(number), heard(summary), close(), number}. */
export function createTicket({ onDone, onGo }) {
  const panel = $("#ticket");
  const bar = actionBar({ onDone, onStale: (number) => refresh(number) });
  const box = el("div", { class: "ticket-map-box", dataset: { testid: "map" } });
  const parts = {
    head: el("div"),
    panels: el("div", { class: "ticket-panels" }),
    facts: el("div", { class: "ticket-facts" }),
    map: el("div", { class: "ticket-map" }, box),
    steps: el("section", { class: "ticket-timeline" }),
  };
  const body = el(
    "div",
    { class: "ticket-body" },
    el("div", { class: "ticket-left" }, parts.panels, parts.facts, parts.map),
    parts.steps,
  );
  let shown = null;
  let map = null;
  let wanted = null;
  let turn = 0;

  async function fetch_both(number) {
    const [ticket, steps] = await Promise.all([
      get(`tickets/${number}`),
      get(`tickets/${number}/timeline`, { limit: 200 }),
    ]);
    return { ticket, steps: Array.isArray(steps) ? steps : steps.items };
  }

  async function open(number) {
    if (wanted === number && shown) return;
    wanted = number;
    const mine = ++turn;
    panel.setAttribute("aria-busy", "true");
    try {
      const { ticket, steps } = await fetch_both(number);
      if (mine !== turn) return;
      shown = null;
      panel.replaceChildren(el("div", { class: "ticket-scroll" }, parts.head, body), bar.element);
      draw(ticket, steps);
      $(".ticket-scroll", panel).scrollTop = 0;
    } catch (error) {
      if (mine === turn)
        empty(
          error instanceof Problem && error.status === 404 ? t("desk.not_found", { number }) : words(error),
          () => ((wanted = null), open(number)),
        );
    } finally {
      if (mine === turn) panel.removeAttribute("aria-busy");
    }
  }

  function draw(ticket, steps, options) {
    parts.head.replaceChildren(head(ticket));
    parts.facts.replaceChildren(...facts(ticket));
    parts.steps.replaceChildren(el("h2", {}, t("desk.timeline")), timeline(steps, { open: !ticket.closed_at, go: onGo }));
    map ??= ticketMap(box);
    map.show(ticket);
    shown = ticket;
    bar.show(ticket, options);
    parts.panels.replaceChildren(...panels(ticket, { open: onGo, begin: bar.begin }));
  }

  async function refresh(number) {
    if (number !== wanted) return;
    const mine = turn;
    try {
      const { ticket, steps } = await fetch_both(number);
      if (mine === turn && number === wanted) draw(ticket, steps, { changed: true });
    } catch (error) {
      // It may just have left my eyes (another department's now); what is on the screen stays until I go on.
      console.warn("desk:", error);
    }
  }

  function empty(text, again = null) {
    shown = null;
    panel.replaceChildren(
      el(
        "div",
        { class: "empty", dataset: { testid: "no-ticket" } },
        text,
        again
          ? el("p", {}, el("button", { class: "button", type: "button", onclick: again }, t("common.retry")))
          : null,
      ),
    );
  }

  return {
    open,
    // A reminder or a helper's answer leaves the version as it is: no form is out of date by it, but it must be seen.
    heard: ({ number, version, updated_at }) => {
      const same = shown && shown.version === version && shown.updated_at === updated_at;
      if (number === wanted && !same) void refresh(number);
    },
    close(text) {
      wanted = null;
      turn++;
      panel.removeAttribute("aria-busy");
      empty(text);
    },
    again: () => wanted && refresh(wanted),
    get number() {
      return wanted;
    },
  };
}

/** Where photos were taken far from the place: a distance to look into, not a verdict. */
function camera(photos) {
  const far = photos.filter((photo) => photo.camera?.large);
  if (!far.length) return null;
  return el(
    "ul",
    { class: "notice camera-far", dataset: { testid: "camera-far" } },
    ...far.map((photo) => {
      const { distance_m, if_gcj02_m, taken_at } = photo.camera;
      const said = [t("desk.camera_far", { n: photos.indexOf(photo) + 1, distance: distance(distance_m) })];
      if (taken_at) said.push(t("desk.camera_time", { time: taken_at.replace("T", " ").slice(0, 19) }));
      if (if_gcj02_m !== null && if_gcj02_m < distance_m) said.push(t("desk.camera_gcj02", { distance: distance(if_gcj02_m) }));
      return el("li", {}, said.join(t("desk.camera_comma")));
    }),
  );
}

/** The other grids that an inexact place may lie in. */
function possible(ticket) {
  const others = (ticket.candidates ?? []).filter((one) => one.grid.code !== ticket.region.grid.code);
  if (!others.length) return null;
  return el(
    "details",
    { class: "fold", dataset: { testid: "candidates" } },
    el("summary", {}, t("desk.candidates", { n: others.length })),
    el("ul", { class: "candidate-list" }, ...others.map((one) => el("li", {}, el("b", {}, one.grid.name), " ", el("span", { class: "muted" }, candidateWords(one))))),
    ticket.candidates_limited ? el("p", { class: "small muted" }, t("desk.candidates_limited")) : null,
  );
}

function facts(ticket) {
  const condition = ticket.category?.condition;
  const limit = limitWord(ticket.limit) || null;
  const rows = [
    [
      t("common.category"),
      [called(ticket.category?.major), called(ticket.category?.minor), called(condition)].filter(Boolean).join(" › "),
    ],
    [t("desk.limit"), limit && t("desk.limit_of", { limit, tier: t(`tier.${ticket.settling_tier}`) })],
    [
      t("common.department"),
      ticket.department?.name ??
        (ticket.default_department ? t(byRule(ticket) ? "desk.by_rule" : "desk.by_list", { name: ticket.default_department.name }) : null),
    ],
    [t("common.reported_at"), timeElement(ticket.created_at, "short")],
    [t("desk.reported_by"), ticket.reported_by?.name ?? null],
    [t("desk.source"), t(`desk.source_${ticket.source}`)],
    [
      t("desk.citizen"),
      ticket.reporter && (ticket.reporter.name || ticket.reporter.phone)
        ? `${ticket.reporter.name ?? ""} ${ticket.reporter.phone ?? ""}`.trim()
        : null,
    ],
    [t("desk.closing"), called({ name: condition?.closing, name_en: condition?.closing_en }) || null],
    [t("desk.closed_at"), ticket.closed_at ? el("time", { datetime: ticket.closed_at }, full(ticket.closed_at)) : null],
  ].filter(([, value]) => value);
  // Pictures of later steps stand with their step.
  const reported = (ticket.photos ?? []).filter((photo) => photo.kind === "report");
  return [
    reported.length ? gallery(reported) : null,
    camera(ticket.photos ?? []),
    el(
      "p",
      { class: `ticket-words${ticket.description ? "" : " muted"}`, dataset: { testid: "description" } },
      ticket.description || t("desk.no_description"),
    ),
    possible(ticket),
    el("dl", { class: "ticket-table" }, ...rows.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])),
  ].filter(Boolean);
}
