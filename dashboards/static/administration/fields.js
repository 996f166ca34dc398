// The fields of the policy's form: a figure with its unit, and the choice of a unit of time.
import { el } from "/static/shared/dom.js";
import { t } from "/static/shared/texts.js";
import { UNITS, percentOf } from "/static/administration/document.js";

let ids = 0;
export const unique = () => `rule-${++ids}`;

export function number(path, label, value, unit, attributes = {}) {
  const id = unique();
  const input = el("input", { class: "input number", id, name: path, type: "number", inputmode: "decimal", step: "any", value: value ?? "", ...attributes });
  return el("div", { class: "field" }, el("label", { for: id }, label), el("div", { class: "with-unit" }, input, el("span", {}, unit)));
}

export const whole = (path, label, value, unit, max) => number(path, label, value, unit, { step: 1, min: 1, max, inputmode: "numeric" });
export const percent = (path, label, share) => number(path, label, percentOf(share), "%", { min: 0, max: 100 });

export const unitSelect = (path, chosen, empty = null) => el("select", { class: "input", name: path, "aria-label": t("administration.unit") },
  empty === null ? null : el("option", { value: "" }, empty),
  ...UNITS.map((unit) => el("option", { value: unit, selected: unit === chosen }, t(`administration.unit_${unit}`))));
