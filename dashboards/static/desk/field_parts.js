// What the fields of a form are made of: a label above a control, a choice of a few, and what is missing.
import { el } from "/static/shared/dom.js";
import { t } from "/static/shared/texts.js";

export class Missing extends Error {
  constructor(text, at) {
    super(text);
    this.at = at;
  }
}

let serial = 0;
export const unique = (name) => `field-${name}-${++serial}`;

/** A label above a control, the control named for tests by its need. */
export function labelled(name, control, hint = null) {
  control.id ||= unique(name);
  control.dataset.field = name;
  return el(
    "div",
    { class: "field" },
    el("label", { for: control.id }, t(`desk.field_${name}`)),
    control,
    hint ? el("span", { class: "hint" }, hint) : null,
  );
}

export const required = (value, name, at) => {
  if (value === "" || value === null || value === undefined)
    throw new Missing(t("desk.missing", { field: t(`desk.field_${name}`) }), at);
  return value;
};

export function radios(name, choices, chosen, changed) {
  const group = unique(name);
  return el(
    "div",
    { class: "radios", role: "radiogroup", "aria-label": t(`desk.field_${name}`), dataset: { field: name } },
    ...choices.map(([value, text]) =>
      el(
        "label",
        { class: "radio" },
        el("input", { type: "radio", name: group, value, checked: value === chosen, onchange: () => changed(value) }),
        el("span", {}, text),
      ),
    ),
  );
}
