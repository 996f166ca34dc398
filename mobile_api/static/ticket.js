// One ticket: where it stands, in whose hands, what happened; and below the thumb what I may do with it.

import { action_form } from "./action_form.js";
import { Later, Offline, read } from "./api.js";
import { el, icon, replace } from "./dom.js";
import * as outbox from "./outbox.js";
import { place_view } from "./place.js";
import * as store from "./store.js";
import { action_word, called, clock_tag, holder_word, node_word, place_word } from "./words.js";
import { duration, moment, named, problem_text, t } from "./texts.js";

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

  async function draw() {
    let ticket, timeline;
    try {
      ({ data: ticket } = await read(`/tickets/${number}`));
      ({ data: timeline } = await read(`/tickets/${number}/timeline?limit=200`));
    } catch (error) {
      const offline = error instanceof Offline || error instanceof Later;
      replace(element, el("p", { class: "empty" }, offline ? t("phone.list.offline") : problem_text(error.problem)));
      return;
    }
    if (gone) return;
    clear();
    const map = place_view({ region: user.region, lon: ticket.lon, lat: ticket.lat });
    const pictures = photos(ticket.photos);
    parts = [map, pictures];
    const queued = (await store.entries(user.username)).find(
      (one) => one.kind === "action" && one.action.number === number && one.state === "waiting",
    );
    replace(
      element,
      el(
        "section",
        { class: "card head" },
        el("div", { class: "ticket-top" }, el("h2", {}, called(ticket.category)), clock_tag(ticket)),
        el("p", { class: "faint" }, place_word(ticket)),
        strip(ticket),
        el(
          "p",
          { class: "hands" },
          t("phone.ticket.hands"),
          el("strong", { data: { testid: "holder" } }, holder_word(ticket.holder)),
        ),
      ),
      queued
        ? el("p", { class: "notice" }, t("phone.ticket.queued", { action: action_word(queued.action.name) }))
        : actions(ticket),
      ticket.description ? el("section", { class: "card words" }, ticket.description) : null,
      ticket.photos.length ? el("section", { class: "card" }, pictures.element) : null,
      el("section", { class: "card place" }, map.element),
      el("section", { class: "card" }, el("h3", {}, t("phone.ticket.timeline")), steps(timeline.items, !ticket.closed_at)),
    );
  }

  /** Verifying is what the phone is for; the rest is there for a worker who was given the matter to settle. */
  function actions(ticket) {
    if (!ticket.allowed_actions.length) return null;
    const box = el("section", { class: "card actions" });
    const known = ticket.allowed_actions.filter((name) =>
      ticket.actions[name].needs.every((need) => ["note", "passed", "place"].includes(need)),
    );
    replace(
      box,
      ...known.map((name, n) =>
        el(
          "button",
          {
            type: "button",
            class: n === 0 ? "primary wide" : "button wide",
            data: { action: name },
            on: {
              click: () => {
                const form = action_form({
                  user,
                  ticket,
                  name,
                  done: () => (window.scrollTo(0, 0), void draw()),
                  cancel: () => replace(box, ...known_buttons),
                });
                parts.push(form);
                const known_buttons = [...box.childNodes];
                replace(box, form.element);
                form.element.scrollIntoView({ block: "start" });
              },
            },
          },
          action_word(name),
        ),
      ),
    );
    return known.length ? box : null;
  }

  void draw();
  const forget = outbox.on_change((entry) => entry.action?.number === number && void draw());
  return { element, title, back: true, remove: () => ((gone = true), clear(), forget()) };
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
          step.note ? el("div", { class: "step-note" }, step.note) : null,
        ),
      ),
  );

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
