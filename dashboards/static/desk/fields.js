// The fields of action forms, one builder for each thing an action may need.
// A builder takes (ticket, values) and returns {element, read()}: read gives what goes into the body, or throws Missing.
import { call, words } from "/static/shared/api.js";
import { el } from "/static/shared/dom.js";
import { distance, knows, t } from "/static/shared/texts.js";
import { department } from "./dispatch_field.js";
import { labelled, radios, required, unique } from "./field_parts.js";

function note(ticket, values, { needed }) {
  const box = el("textarea", {
    class: "input",
    rows: 3,
    maxlength: 2000,
    required: needed,
    placeholder: t(needed ? "desk.note_needed" : "desk.note_optional"),
    oninput: () => {
      values.note = box.value;
    },
  });
  box.value = values.note ?? "";
  return {
    element: labelled("note", box),
    read: () => ({ note: needed ? required(box.value.trim(), "note", box) : box.value.trim() }),
  };
}

function passed(ticket, values) {
  const element = radios(
    "passed",
    [
      ["true", t("desk.passed")],
      ["false", t("desk.not_passed")],
    ],
    values.passed,
    (value) => {
      values.passed = value;
    },
  );
  return {
    element,
    read: () => ({ passed: required(values.passed, "passed", element.querySelector("input")) === "true" }),
  };
}

/** Where the check was made: what this device says, or the ticket's own place, said plainly. */
function place(ticket, values) {
  values.place ??= { lon: ticket.lon, lat: ticket.lat };
  const said = el(
    "span",
    { class: "small" },
    t(values.place.located ? "desk.place_located" : "desk.place_ticket", { distance: distance(values.place.accuracy ?? 0) }),
  );
  const find = el(
    "button",
    {
      class: "button compact",
      type: "button",
      onclick: () => {
        said.textContent = t("desk.place_finding");
        navigator.geolocation?.getCurrentPosition(
          ({ coords }) => {
            values.place = {
              lon: coords.longitude,
              lat: coords.latitude,
              located: true,
              accuracy: Math.round(coords.accuracy),
            };
            said.textContent = t("desk.place_located", { distance: distance(values.place.accuracy) });
          },
          () => {
            said.textContent = t("desk.place_refused");
          },
          { enableHighAccuracy: true, timeout: 15000 },
        );
      },
    },
    t("desk.place_find"),
  );
  return {
    element: el(
      "div",
      { class: "field", dataset: { field: "place" } },
      el("span", { class: "label" }, t("desk.field_place")),
      el("div", { class: "row" }, said, find),
    ),
    read: () => ({ lon: values.place.lon, lat: values.place.lat, datum: "wgs84" }),
  };
}

function colour(ticket, values) {
  values.colour ??= "yellow";
  return {
    element: el(
      "div",
      { class: "field" },
      el("span", { class: "label" }, t("desk.field_colour")),
      radios(
        "colour",
        ["red", "yellow", "blue"].map((one) => [one, t(`desk.order_choice_${one}`)]),
        values.colour,
        (value) => {
          values.colour = value;
        },
      ),
    ),
    read: () => ({ colour: values.colour }),
  };
}

function photos(ticket, values) {
  values.photos ??= [];
  const said = el("span", { class: "hint" }, "");
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

/** A date, a number from 1 to 5, another ticket's number, a person or region: one plain input each. */
const plain =
  (name, attributes, convert = (value) => value) =>
  (ticket, values) => {
    const input = el("input", {
      class: "input",
      ...attributes,
      oninput: () => {
        values[name] = input.value;
      },
    });
    input.value = values[name] ?? "";
    return {
      element: labelled(name, input),
      read: () => ({ [name]: convert(required(input.value.trim(), name, input)) }),
    };
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
  department,
  passed,
  place,
  colour,
  photos,
  until: plain("until", { type: "date" }, (day) => `${day}T18:00:00+08:00`),
  score: plain("score", { type: "number", min: 1, max: 5 }, Number),
  into: plain("into", {}),
  to: plain("to", {}),
};

export function field(need, ticket, values) {
  return (BUILDERS[need] ?? unknown(need))(ticket, values);
}
export const noteField = note;
