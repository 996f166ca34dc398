// The fields of action forms, one builder for each thing an action may need.
// A builder takes (ticket, values) and returns {element, read()}; read gives what goes into the body, or throws a Missing.
import { call, get, words } from "/static/shared/api.js";
import { el } from "/static/shared/dom.js";
import { knows, t } from "/static/shared/texts.js";

export class Missing extends Error {
  constructor(text, at) {
    super(text);
    this.at = at;
  }
}

let serial = 0;
const unique = (name) => `field-${name}-${++serial}`;

/** A label above a control, the control named for tests by its need. */
function labelled(name, control, hint = null) {
  control.id ||= unique(name);
  control.dataset.field = name;
  return el("div", { class: "field" }, el("label", { for: control.id }, t(`desk.field_${name}`)), control, hint ? el("span", { class: "hint" }, hint) : null);
}

const required = (value, name, at) => {
  if (value === "" || value === null || value === undefined) throw new Missing(t("desk.missing", { field: t(`desk.field_${name}`) }), at);
  return value;
};

function note(ticket, values, { needed }) {
  const box = el("textarea", { class: "input", rows: 3, maxlength: 2000, required: needed, placeholder: t(needed ? "desk.note_needed" : "desk.note_optional"),
    oninput: () => { values.note = box.value; } });
  box.value = values.note ?? "";
  return { element: labelled("note", box), read: () => ({ note: needed ? required(box.value.trim(), "note", box) : box.value.trim() }) };
}

/** A department, the authority list's first; or one of our own people (自行处置). */
function department(ticket, values) {
  const select = el("select", { class: "input", onchange: () => { values.department = select.value; } }, el("option", { value: "" }, t("common.loading")));
  const people = el("select", { class: "input", onchange: () => { values.to = people.value; } }, el("option", { value: "" }, t("common.loading")));
  const who = { department: labelled("department", select), own: labelled("to_own", people, t("desk.own_hint")) };
  let chosen = values.self ? "own" : "department";
  const ways = radios("way", [["department", t("desk.to_department")], ["own", t("desk.to_own")]], chosen, (value) => {
    chosen = value;
    values.self = value === "own";
    show();
  });
  const show = () => {
    who.department.hidden = chosen !== "department";
    who.own.hidden = chosen !== "own";
    if (chosen === "own" && !people.dataset.asked) void load_people();
  };
  async function load_people() {
    people.dataset.asked = "true";
    await options(people, () => get("users", { mine: "assignable", region: ticket.region.village.code, ticket: ticket.number }), (one) => [one.username, one.name], values.to);
  }
  void options(select, () => get("departments"), (one) => [one.code, one.name], values.department ?? ticket.default_department?.code, ticket.default_department);
  show();
  return {
    element: el("div", { class: "field-group" }, ways, who.department, who.own),
    read: () => (chosen === "own" ? { to: required(people.value, "to_own", people) } : { department: required(select.value, "department", select) }),
  };
}

/** Fills a select from the server; the usual one is there at once, so that no one waits for the rest. */
async function options(select, load, spell, wanted, usual = null) {
  const build = (items) => items.map((one) => {
    const [value, text] = spell(one);
    const is_usual = usual && value === usual.code;
    return el("option", { value, selected: value === wanted }, is_usual ? t("desk.usual_department", { name: text }) : text);
  });
  if (usual) select.replaceChildren(...build([usual]));
  try {
    const { items } = await load();
    const first = usual ? [usual, ...items.filter((one) => one.code !== usual.code)] : items;
    const now = select.value || wanted;
    select.replaceChildren(...(usual ? [] : [el("option", { value: "" }, t(items.length ? "desk.choose" : "desk.nobody_to_choose"))]), ...build(first));
    if (now) select.value = now;
  } catch (error) {
    if (!usual) select.replaceChildren(el("option", { value: "" }, words(error)));
  }
}

function radios(name, choices, chosen, changed) {
  const group = unique(name);
  return el("div", { class: "radios", role: "radiogroup", "aria-label": t(`desk.field_${name}`), dataset: { field: name } }, ...choices.map(([value, text]) =>
    el("label", { class: "radio" }, el("input", { type: "radio", name: group, value, checked: value === chosen, onchange: () => changed(value) }), el("span", {}, text))));
}

function passed(ticket, values) {
  const element = radios("passed", [["true", t("desk.passed")], ["false", t("desk.not_passed")]], values.passed, (value) => { values.passed = value; });
  return { element, read: () => ({ passed: required(values.passed, "passed", element.querySelector("input")) === "true" }) };
}

/** Where the check was made: what this device says, or the ticket's own place, said plainly. */
function place(ticket, values) {
  values.place ??= { lon: ticket.lon, lat: ticket.lat };
  const said = el("span", { class: "small" }, t(values.place.located ? "desk.place_located" : "desk.place_ticket", { metres: values.place.accuracy ?? "" }));
  const find = el("button", { class: "button compact", type: "button", onclick: () => {
    said.textContent = t("desk.place_finding");
    navigator.geolocation?.getCurrentPosition(({ coords }) => {
      values.place = { lon: coords.longitude, lat: coords.latitude, located: true, accuracy: Math.round(coords.accuracy) };
      said.textContent = t("desk.place_located", { metres: values.place.accuracy });
    }, () => { said.textContent = t("desk.place_refused"); }, { enableHighAccuracy: true, timeout: 15000 });
  } }, t("desk.place_find"));
  return { element: el("div", { class: "field", dataset: { field: "place" } }, el("span", { class: "label" }, t("desk.field_place")), el("div", { class: "row" }, said, find)),
    read: () => ({ lon: values.place.lon, lat: values.place.lat, datum: "wgs84" }) };
}

function colour(ticket, values) {
  values.colour ??= "yellow";
  return { element: el("div", { class: "field" }, el("span", { class: "label" }, t("desk.field_colour")),
    radios("colour", ["red", "yellow", "blue"].map((one) => [one, t(`desk.order_choice_${one}`)]), values.colour, (value) => { values.colour = value; })),
  read: () => ({ colour: values.colour }) };
}

function photos(ticket, values) {
  values.photos ??= [];
  const said = el("span", { class: "hint" }, "");
  const tell = () => { said.textContent = values.photos.length ? t("desk.photos_added", { n: values.photos.length }) : ""; };
  const input = el("input", { class: "visually-hidden", id: unique("photos"), type: "file", accept: "image/*", multiple: true, dataset: { field: "photos" }, onchange: async () => {
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
  } });
  tell();
  const element = el("div", { class: "row file-row" }, input, el("label", { class: "button compact", for: input.id }, t("desk.field_photos")), said);
  return { element, read: () => (values.photos.length ? { photos: values.photos } : {}) };
}

/** A date, a number from 1 to 5, another ticket's number, a person or region: one plain input each. */
const plain = (name, attributes, convert = (value) => value) => (ticket, values) => {
  const input = el("input", { class: "input", ...attributes, oninput: () => { values[name] = input.value; } });
  input.value = values[name] ?? "";
  return { element: labelled(name, input), read: () => ({ [name]: convert(required(input.value.trim(), name, input)) }) };
};

/** A need that this page does not know yet is asked for as a text, so that a newer server is not stuck. */
function unknown(name) {
  return (ticket, values) => {
    const built = plain(name, {})(ticket, values);
    if (!knows(`desk.field_${name}`)) built.element.querySelector("label").textContent = name;
    return built;
  };
}

const BUILDERS = {
  department, passed, place, colour, photos,
  until: plain("until", { type: "date" }, (day) => `${day}T18:00:00+08:00`),
  score: plain("score", { type: "number", min: 1, max: 5 }, Number),
  into: plain("into", {}),
  to: plain("to", {}),
};

export function field(need, ticket, values) {
  return (BUILDERS[need] ?? unknown(need))(ticket, values);
}
export const noteField = note;
