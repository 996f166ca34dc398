// One ticket: where it stands, in whose hands, what happened; and below the thumb what I may do with it.

import { action_form, TOO_FAR } from "./action_form.js";
import { Later, Offline, read } from "./api.js";
import { el, icon, replace } from "./dom.js";
import { can_ask } from "./form_fields.js";
import * as outbox from "./outbox.js";
import { place_how, place_view } from "./place.js";
import * as store from "./store.js";
import { assists_card, main_card, state_card } from "./ticket_state.js";
import { action_word, called, clock_tag, holder_word, node_word, place_word } from "./words.js";
import { distance, duration, moment, named, problem_text, t } from "./texts.js";

const STEPS = ["intake", "claim", "dispatch", "handle", "close"];

export async function ticket_view({ user, go }, number) {
  const element = el(
    "div",
    { class: "view", data: { testid: "ticket" } },
    el("p", { class: "empty" }, t("phone.loading")),
  );
  const title = number;
  let parts = [];
  let gone = false;
  const clear = () => {
    parts.forEach((part) => part.remove());
    parts = [];
  };

  let turn = 0;

  /** Only the last of several draws is shown: an earlier one that comes late would take a form from under the hand. */
  async function draw() {
    const mine_turn = ++turn;
    let ticket, timeline;
    try {
      ({ data: ticket } = await read(`/tickets/${number}`));
      ({ data: timeline } = await read(`/tickets/${number}/timeline?limit=200`));
    } catch (error) {
      const offline = error instanceof Offline || error instanceof Later;
      if (mine_turn === turn) replace(element, el("p", { class: "empty" }, offline ? t("phone.list.offline") : problem_text(error.problem)));
      return;
    }
    const mine = (await store.entries(user.username)).filter((one) => one.action?.number === number);
    if (gone || mine_turn !== turn) return;
    clear();
    const map = place_view({ region: user.region, lon: ticket.lon, lat: ticket.lat });
    const pictures = photos(ticket.photos);
    parts = [map, pictures];
    const queued = mine.find((one) => one.state === "waiting");
    const refused = mine.filter((one) => one.state === "refused").pop();
    replace(
      element,
      el(
        "section",
        { class: "card head" },
        el("div", { class: "ticket-top" }, el("h2", {}, called(ticket.category)), clock_tag(ticket)),
        el("p", { class: "faint" }, [place_word(ticket), place_how(ticket)].filter(Boolean).join(t("phone.comma"))),
        strip(ticket),
        el(
          "p",
          { class: "hands" },
          t("phone.ticket.hands"),
          el("strong", { data: { testid: "holder" } }, holder_word(ticket.holder)),
        ),
      ),
      main_card(ticket, go),
      state_card(ticket),
      queued
        ? el("p", { class: "notice" }, t("phone.ticket.queued", { action: action_word(queued.action.name) }))
        : actions(ticket, refused),
      assists_card(ticket),
      ticket.description ? el("section", { class: "card words" }, ticket.description) : null,
      ticket.photos.length ? el("section", { class: "card" }, pictures.element) : null,
      el("section", { class: "card place" }, map.element),
      el("section", { class: "card" }, el("h3", {}, t("phone.ticket.timeline")), steps(timeline.items, !ticket.closed_at)),
    );
  }

  /** What I may do: the usual first and large, what is rarely wanted folded away. A refused one comes back on top. */
  function actions(ticket, refused) {
    const known = ticket.allowed_actions.filter((name) => can_ask(ticket.actions[name]));
    const again = refused && known.includes(refused.action.name);
    if (!known.length && !refused) return null;
    const box = el("section", { class: "card actions" });
    const [main, rest] = split(known, ticket);
    const overview = () =>
      replace(
        box,
        refused && returned(refused, again ? () => open(refused.action.name, refused) : null),
        ...main.map((name) => button(name, "primary wide")),
        ...(rest.length > 2
          ? [el("details", { class: "fold" }, el("summary", {}, t("phone.ticket.more")), el("div", { class: "actions" }, ...rest.map((name) => button(name))))]
          : rest.map((name) => button(name))),
      );
    const button = (name, look = "button wide") =>
      el("button", { type: "button", class: look, data: { action: name }, on: { click: () => open(name) } }, action_word(name));
    function open(name, entry = null) {
      const form = action_form({
        user,
        ticket,
        name,
        refused: entry,
        done: () => (window.scrollTo(0, 0), void draw()),
        cancel: overview,
      });
      parts.push(form);
      replace(box, form.element);
      form.element.scrollIntoView({ block: "start" });
    }
    // Too far away is no refusal but a question: it is asked at once.
    if (again && refused.problem?.type === TOO_FAR) window.setTimeout(() => gone || open(refused.action.name, refused));
    overview();
    return box;
  }

  void draw();
  const forget = outbox.on_change((entry) => entry.action?.number === number && void draw());
  return { element, title, back: true, remove: () => ((gone = true), clear(), forget()) };
}

/** The one main action: the usual one, or the rating that only its reporter can give. */
function split(names, ticket) {
  const main = names.find((name) => ticket.actions[name].usual) ?? names.find((name) => name === "rate");
  return [main ? [main] : [], names.filter((name) => name !== main)];
}

/** What the server did not take, with its reason; nothing of it is lost until a person says so. */
function returned(entry, correct) {
  const discard = () => {
    if (window.confirm(t("phone.outbox.discard_sure"))) void store.drop_entry(entry.key).then(() => outbox.announce(entry));
  };
  return el(
    "div",
    { class: "notice refused", role: "alert", data: { testid: "refused" } },
    el("p", {}, el("strong", {}, action_word(entry.action.name)), " · ", t("phone.outbox.refused", { why: problem_text(entry.problem) })),
    correct ? null : el("p", {}, t("phone.ticket.no_longer")),
    entry.action.body.note ? el("p", { class: "step-note" }, entry.action.body.note) : null,
    el(
      "div",
      { class: "buttons" },
      correct && el("button", { type: "button", class: "button", data: { testid: "correct" }, on: { click: correct } }, t("phone.outbox.correct")),
      el("button", { type: "button", class: "button quiet", on: { click: discard } }, t("phone.outbox.discard")),
    ),
  );
}

function strip(ticket) {
  const at = STEPS.indexOf(ticket.node);
  const past = at === -1 ? (ticket.node === "closed" ? STEPS.length : 0) : at;
  return el(
    "ol",
    { class: "strip", "aria-label": node_word(ticket.node) },
    ...STEPS.map((node, n) =>
      el(
        "li",
        { class: n < past ? "past" : n === at ? "now" : "", "aria-current": n === at ? "step" : null },
        node_word(node),
      ),
    ),
  );
}

/** Newest first; of an open ticket the newest tells in whose hands it still is. */
const steps = (items, open) =>
  el(
    "ol",
    { class: "timeline", data: { testid: "timeline" } },
    ...[...items]
      .reverse()
      .map((step, n) =>
        el(
          "li",
          { data: { what: step.what } },
          el(
            "div",
            { class: "step-top" },
            el("strong", {}, action_word(step.what)),
            el("time", { datetime: step.when }, moment(step.when)),
          ),
          el(
            "div",
            {},
            // The system has a name in one language only; its role has one in both.
            [step.who?.role === "system" ? "" : step.who?.name, named(`phone.role.${step.who?.role}`, step.who?.role)]
              .filter(Boolean)
              .join(" · "),
          ),
          step.to.holder?.kind === "none"
            ? null
            : el(
                "div",
                { class: "faint" },
                t(open && n === 0 ? "phone.ticket.now" : "phone.ticket.then", {
                  holder: holder_word(step.to.holder),
                  length: duration(1000 * (step.held_seconds ?? 0)),
                }),
              ),
          more_of(step),
          step.note ? el("div", { class: "step-note" }, step.note) : null,
        ),
      ),
  );

/** What a step's own facts add: who verified from afar says so here, as was promised when the reason was asked for. */
function more_of({ what, details = {} }) {
  if (what === "verify")
    return el(
      "div",
      { class: details.away ? "away" : "faint" },
      t(details.passed ? "phone.verify.passed" : "phone.verify.failed"),
      details.away ? ` · ${t("phone.ticket.away", { distance: distance(details.distance_m ?? 0) })}` : "",
    );
  if (what === "rate") return el("div", { class: "faint" }, t(`phone.rate.score_${details.score}`));
  if (what === "assist") return el("div", { class: "faint" }, (details.assists ?? []).map((one) => one.name).join(t("phone.form.and")));
  if (what === "merge" && details.into) return el("div", { class: "faint" }, t("phone.merged.follows", { number: details.into }));
  return null;
}

/** Pictures need the bearer token, which an <img> cannot send: they are fetched, then shown. */
function photos(list) {
  const urls = [];
  const element = el("div", { class: "photos" });
  for (const photo of list) {
    const image = el("img", { alt: t("phone.ticket.photo") });
    const show = () => void bytes(photo.url).then((url) => url && full_screen((urls.push(url), url)));
    element.append(
      el(
        "button",
        { type: "button", class: "photo", "aria-label": t("phone.ticket.photo"), on: { click: show } },
        image,
      ),
    );
    void bytes(photo.thumbnail_url).then((url) => {
      if (url) image.src = (urls.push(url), url);
    });
  }
  return { element, remove: () => urls.forEach((url) => URL.revokeObjectURL(url)) };
}

async function bytes(path) {
  try {
    const token = (await store.get("session"))?.token;
    const answer = await fetch(path, { headers: token ? { Authorization: `Bearer ${token}` } : {} });
    return answer.ok ? URL.createObjectURL(await answer.blob()) : null;
  } catch {
    return null;
  }
}

function full_screen(url) {
  const shown = el(
    "dialog",
    { class: "full-photo", "aria-label": t("phone.ticket.photo") },
    el("img", { src: url, alt: t("phone.ticket.photo") }),
    el(
      "button",
      { type: "button", class: "round", "aria-label": t("phone.close"), on: { click: () => shown.close() } },
      icon("remove"),
    ),
  );
  shown.addEventListener("close", () => shown.remove());
  document.body.append(shown);
  shown.showModal();
}
