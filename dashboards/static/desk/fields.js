// The fields of action forms, one builder for each thing an action may need.
// A builder takes (ticket, values, form) and returns {element, read(), names?}: read gives what goes into the body, or
// throws Missing; `names` are the fields of a problem document that belong to it. form: {name, needed, changed()}.
import { call, words } from "/static/shared/api.js";
import { el } from "/static/shared/dom.js";
import { distance, knows, t } from "/static/shared/texts.js";
import { now, short } from "/static/shared/time.js";
import { categoryField } from "./category_field.js";
import { departments } from "./departments_field.js";
import { department } from "./dispatch_field.js";
import { labelled, Missing, needWord, radios, required, titled, unique } from "./field_parts.js";
import { grid } from "./grid_field.js";
import { into } from "./into_field.js";
import { until } from "./until_field.js";
import { called, listed } from "./words.js";

const ONE_DAY = 86_400_000;
const REPORT_DAYS = { red: 1, yellow: 2, blue: 3 };

/** The day by which an order of this colour is to be reported back. */
export const reportBack = (one) => new Date(now().getTime() + REPORT_DAYS[one] * ONE_DAY);

/** The words of an action: each asks for what it needs to know. `setNeeded` when an answer beside it makes them so. */
export function noteField(ticket, values, { name, needed }) {
  const own = knows(`desk.note_${name}`) ? t(`desk.note_${name}`) : t("desk.field_note");
  let must = needed;
  const box = el("textarea", {
    class: "input",
    rows: 3,
    maxlength: 2000,
    oninput: () => {
      values.note = box.value;
    },
  });
  box.value = values.note ?? "";
  const element = labelled("note", box, { needed, label: own });
  const label = element.querySelector("label");
  function setNeeded(on) {
    must = needed || on;
    box.required = must;
    box.placeholder = t(must ? "desk.note_needed" : "desk.note_optional");
    label.lastChild.replaceWith(needWord(must));
  }
  setNeeded(false);
  return {
    element,
    names: ["note", "words"],
    setNeeded,
    read() {
      const text = box.value.trim();
      if (must && !text) throw new Missing(t("desk.missing", { field: own }), box, "note");
      return { note: text };
    },
  };
}

/** A yes or no with words of its own for each action; a no must be explained. */
function passed(ticket, values, { name, changed }) {
  const word = (kind) => {
    const own = `desk.${kind}_${name}`;
    return knows(own) ? t(own) : t(`desk.${kind}`);
  };
  const label = knows(`desk.field_passed_${name}`) ? t(`desk.field_passed_${name}`) : t("desk.field_passed");
  const group = radios(
    "passed",
    [
      ["true", word("passed"), "yes"],
      ["false", word("not_passed"), "no"],
    ],
    values.passed,
    (value) => {
      values.passed = value;
      changed();
    },
    label,
  );
  return {
    element: titled("passed", group, { label }),
    asksForWords: () => values.passed === "false",
    read() {
      if (!values.passed) throw new Missing(t("desk.choose_one", { field: label }), group.querySelector("input"), "passed");
      return { passed: values.passed === "true" };
    },
  };
}

/** Where the check was made: what this device says, and how far that is from the ticket. Nothing else is sent. */
function place(ticket, values) {
  const said = el("span", { class: "small", role: "status" });
  const find = el("button", { class: "button compact", type: "button", onclick: () => look() }, t("desk.place_find"));
  function look() {
    if (!navigator.geolocation) return tell("desk.place_refused");
    tell("desk.place_finding");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        values.place = { lon: coords.longitude, lat: coords.latitude, accuracy: Math.round(coords.accuracy) };
        located();
      },
      () => tell("desk.place_refused"),
      { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 },
    );
    return undefined;
  }
  const tell = (key, facts) => {
    said.textContent = t(key, facts);
  };
  const located = () =>
    tell("desk.place_located", {
      distance: distance(metres(values.place, ticket)),
      accuracy: distance(values.place.accuracy),
    });
  if (values.place) located();
  else look();
  const row = el("div", { class: "row", dataset: { field: "place" } }, said, find);
  return {
    element: titled("place", row, { hint: t("desk.place_hint") }),
    names: ["lon", "lat", "datum", "place"],
    read: () => {
      if (!values.place) throw new Missing(t("desk.place_missing"), find, "place");
      return { lon: values.place.lon, lat: values.place.lat, datum: "wgs84" };
    },
  };
}

const EARTH_M = 6_371_000;
const radians = (degrees) => (degrees * Math.PI) / 180;
function metres(a, b) {
  const x = radians(b.lon - a.lon) * Math.cos(radians((a.lat + b.lat) / 2));
  return Math.hypot(x, radians(b.lat - a.lat)) * EARTH_M;
}

function colour(ticket, values) {
  values.colour ??= "yellow";
  const said = el("span", { class: "hint", role: "status" });
  const tell = () => {
    said.textContent = t("desk.report_back_by", { time: short(reportBack(values.colour)) });
  };
  const group = radios(
    "colour",
    ["red", "yellow", "blue"].map((one) => [one, t(`desk.order_choice_${one}`), `order ${one}`]),
    values.colour,
    (value) => {
      values.colour = value;
      tell();
    },
  );
  tell();
  const element = titled("colour", group);
  element.append(said);
  return { element, read: () => ({ colour: values.colour }) };
}

function photos(ticket, values) {
  values.photos ??= [];
  const said = el("span", { class: "hint", role: "status" });
  const tell = () => {
    said.textContent = values.photos.length ? t("desk.photos_added", { n: values.photos.length }) : "";
  };
  const input = el("input", {
    class: "visually-hidden",
    id: unique("photos"),
    type: "file",
    accept: "image/*",
    multiple: true,
    dataset: { field: "photos" },
    onchange: async () => {
      for (const file of input.files) {
        const form = new FormData();
        form.append("file", file);
        said.textContent = t("desk.photos_sending");
        try {
          values.photos.push((await call("POST", "attachments", { body: form })).data.id);
          tell();
        } catch (error) {
          said.textContent = words(error);
          return;
        }
      }
      input.value = "";
    },
  });
  tell();
  const element = el(
    "div",
    { class: "row file-row" },
    input,
    el("label", { class: "button compact", for: input.id }, t("desk.field_photos")),
    said,
  );
  return { element, read: () => (values.photos.length ? { photos: values.photos } : {}) };
}

function score(ticket, values) {
  const group = radios(
    "score",
    ["1", "2", "3", "4", "5"].map((n) => [n, t(`desk.score_${n}`)]),
    values.score,
    (value) => {
      values.score = value;
    },
  );
  return {
    element: titled("score", group),
    read: () => ({ score: Number(required(values.score, "score", group.querySelector("input"))) }),
  };
}

/** The hotline's call: whether somebody answered, and if so whether they are content. */
function reached(ticket, values, { changed }) {
  const yes_or_no = (name) =>
    radios(
      name,
      [
        ["true", t(`desk.${name}_yes`), "yes"],
        ["false", t(`desk.${name}_no`), "no"],
      ],
      values[name],
      (value) => {
        values[name] = value;
        show();
        changed();
      },
    );
  const first = yes_or_no("reached");
  const second = yes_or_no("satisfied");
  const second_field = titled("satisfied", second, { hint: t("desk.satisfied_hint") });
  const show = () => {
    second_field.hidden = values.reached !== "true";
  };
  show();
  return {
    element: el("div", { class: "field-group" }, titled("reached", first), second_field),
    names: ["reached", "satisfied"],
    // What somebody is not content with is what the follow-up starts from.
    asksForWords: () => values.reached === "true" && values.satisfied === "false",
    read() {
      const answered = required(values.reached, "reached", first.querySelector("input")) === "true";
      if (!answered) return { reached: false };
      const content = required(values.satisfied, "satisfied", second.querySelector("input")) === "true";
      return { reached: true, satisfied: content };
    },
  };
}

/** A correction of what the matter is about: folded away, as it is rare. */
function category(ticket, values) {
  const search = categoryField({ label: t("desk.category_new") });
  const element = el(
    "details",
    { class: "fold", dataset: { field: "category" } },
    el(
      "summary",
      {},
      t("desk.category_correct"),
      " ",
      el("span", { class: "muted" }, ticket.category ? t("desk.category_now", { name: called(ticket.category) }) : ""),
    ),
    el("p", { class: "small muted" }, t("desk.category_effect")),
    search.element,
  );
  element.open = Boolean(values.correct || values.category);
  return {
    element,
    names: ["category"],
    read: () => {
      values.category = element.open ? search.value() : null;
      return values.category ? { category: values.category } : {};
    },
  };
}

/** No longer waiting for those who have not answered; the words say why. */
function overrule(ticket, values, { changed }) {
  const owing = (ticket.assists ?? []).filter((one) => !one.answered_at && !one.overruled);
  const names = listed(owing.map((one) => called(one.department)));
  const box = el("input", {
    type: "checkbox",
    id: unique("overrule"),
    checked: Boolean(values.overrule),
    dataset: { field: "overrule" },
    onchange: () => {
      values.overrule = box.checked;
      changed();
    },
  });
  return {
    element: el(
      "div",
      { class: "notice warn field-group" },
      el("span", {}, t("desk.overrule_owing", { names })),
      el("label", { class: "check", for: box.id }, box, el("span", {}, t("desk.field_overrule"))),
    ),
    asksForWords: () => Boolean(values.overrule),
    read: () => {
      if (!box.checked) throw new Missing(t("desk.overrule_missing", { names }), box, "overrule");
      return { overrule: true };
    },
  };
}

/** A need that this page does not know yet is asked for as a text, so that a newer server is not stuck. */
const unknown =
  (name) =>
  (ticket, values, { needed }) => {
    const input = el("input", {
      class: "input",
      oninput: () => {
        values[name] = input.value;
      },
    });
    input.value = values[name] ?? "";
    const label = knows(`desk.field_${name}`) ? t(`desk.field_${name}`) : name;
    return {
      element: labelled(name, input, { needed, label }),
      read: () => {
        const text = input.value.trim();
        if (needed && !text) throw new Missing(t("desk.missing", { field: label }), input, name);
        return text ? { [name]: text } : {};
      },
    };
  };

const BUILDERS = { department, departments, passed, place, colour, photos, until, score, reached, into, category, overrule, grid };
const NAMES = { department: ["department", "to"], departments: ["departments", "department"] };
// Asked within another field.
export const WITHIN = { satisfied: "reached" };

export function field(need, ticket, values, form) {
  const built = (BUILDERS[need] ?? unknown(need))(ticket, values, form);
  return { names: NAMES[need] ?? [need], ...built };
}
