// What the fields of a form are made of: a label above a control, a choice of a few, and what is missing.
import { el } from "/static/shared/dom.js";
import { knows, t } from "/static/shared/texts.js";

export class Missing extends Error {
  constructor(text, at, field = null) {
    super(text);
    this.at = at;
    this.field = field;
  }
}

let serial = 0;
export const unique = (name) => `field-${name}-${++serial}`;

/** Whether it must be filled in, in words; null: nothing is said. */
export const needWord = (needed) =>
  needed === null || needed === undefined
    ? null
    : el("span", { class: needed ? "must" : "may" }, t(needed ? "desk.must" : "desk.may"));

/** A label above a control, the control named for tests by its need. */
export function labelled(name, control, { hint = null, needed = null, label = t(`desk.field_${name}`) } = {}) {
  control.id ||= unique(name);
  control.dataset.field = name;
  return el(
    "div",
    { class: "field" },
    el("label", { for: control.id }, el("span", {}, label), needWord(needed)),
    control,
    hint ? el("span", { class: "hint" }, hint) : null,
  );
}

/** The same for a group of choices, which names itself. */
export const titled = (name, group, { hint = null, needed = true, label = t(`desk.field_${name}`) } = {}) =>
  el(
    "div",
    { class: "field" },
    el("span", { class: "label" }, el("span", {}, label), needWord(needed)),
    group,
    hint ? el("span", { class: "hint" }, hint) : null,
  );

export const required = (value, name, at) => {
  if (value === "" || value === null || value === undefined) {
    const word = knows(`desk.field_${name}`) ? t(`desk.field_${name}`) : name;
    throw new Missing(t("desk.missing", { field: word }), at, name);
  }
  return value;
};

export function radios(name, choices, chosen, changed, label = t(`desk.field_${name}`)) {
  const group = unique(name);
  return el(
    "div",
    { class: "radios", role: "radiogroup", "aria-label": label, dataset: { field: name } },
    ...choices.map(([value, text, kind = ""]) =>
      el(
        "label",
        { class: `radio ${kind}` },
        el("input", { type: "radio", name: group, value, checked: value === chosen, onchange: () => changed(value) }),
        el("span", {}, text),
      ),
    ),
  );
}
