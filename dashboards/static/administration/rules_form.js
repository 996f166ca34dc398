// The policy as a form: each field knows its path in the document, so that the server's refusal finds its place.
import { $, $$, el } from "/static/shared/dom.js";
import { t } from "/static/shared/texts.js";
import { COLOURS, MINUTES, TIERS, shareOf } from "/static/administration/document.js";
import { number, percent, unique, unitSelect, whole } from "/static/administration/fields.js";
import { overrides } from "/static/administration/overrides.js";

/**
 * rulesForm(document, conditions, {changes, onChange}) → {element, read(), blame(path, words)}.
 * `read` gives the whole document as it stands in the form; whether it is right, the server says.
 */
export function rulesForm(document, conditions, { changes, onChange }) {
  const own = overrides(document.conditions, conditions, { changes, onChange });
  const spans = workingHours(document.hours.spans, onChange);
  const later = document.later_steps.find((one) => one.step === "bulletin");
  const element = el("form", { class: "rules", onsubmit: (event) => event.preventDefault(), oninput: onChange },
    el("div", { class: "rules-columns" },
      block("shares", t("administration.shares_text"),
        ...TIERS.map((tier) => percent(`shares.${tier}`, t(`tier.${tier}`), document.shares[tier])),
        el("p", { class: "hint full", dataset: { sum: "" } })),
      block("warn", t("administration.warn_text"),
        ...["matter", "tier"].map((clock) => percent(`warn_share.${clock}`, t(`administration.warn_${clock}`), document.warn_share[clock]))),
      block("minutes", t("administration.minutes_text"),
        ...MINUTES.map((name) => whole(`minutes.${name}`, t(`administration.minutes_${name}`), document.minutes[name], t("administration.unit_minutes"), 1440))),
      block("hours", t("administration.hours_text", { zone: document.hours.timezone }), spans.element),
      block("supervision", t("administration.supervision_text"),
        ...COLOURS.map((colour) => whole(`supervision_days.${colour}`, t(`administration.supervision_${colour}`), document.supervision_days[colour], t("administration.unit_days"), 366))),
      block("after", t("administration.after_text"),
        bulletin(later),
        whole("follow_up_days", t("administration.follow_up_days"), document.follow_up_days, t("administration.unit_work_days"), 366),
        number("verification_distance_m", t("administration.verification"), document.verification_distance_m, t("administration.unit_metres"), { min: 10, max: 10000 }))),
    own.element);
  const value = (path) => element.elements[path].value.trim();
  const figure = (path) => (/^\d+$/.test(value(path)) ? Number(value(path)) : value(path));
  const table = (name, keys, read) => Object.fromEntries(keys.map((key) => [key, read(`${name}.${key}`)]));

  function read() {
    return {
      shares: table("shares", TIERS, (path) => shareOf(value(path))),
      warn_share: table("warn_share", ["matter", "tier"], (path) => shareOf(value(path))),
      hours: { timezone: document.hours.timezone, spans: spans.read() },
      minutes: table("minutes", MINUTES, figure),
      later_steps: element.elements.bulletin.checked ? [{ step: "bulletin", value: value("later_steps.0.value"), unit: value("later_steps.0.unit") }] : [],
      supervision_days: table("supervision_days", COLOURS, figure),
      follow_up_days: figure("follow_up_days"),
      verification_distance_m: value("verification_distance_m"),
      conditions: own.read(),
    };
  }

  function showSum() {
    const sum = TIERS.reduce((total, tier) => total + Math.round(Number(value(`shares.${tier}`)) * 100), 0) / 100;
    const note = $("[data-sum]", element);
    note.textContent = t("administration.sum", { n: sum });
    note.classList.toggle("fault", !(sum <= 100));
  }

  /** Marks the field that the server found wrong; a path that leads deeper marks the field it begins with. */
  function blame(path, words) {
    for (const old of $$("[aria-invalid]", element)) old.removeAttribute("aria-invalid");
    for (const old of $$(".fault[data-blame]", element)) old.remove();
    const fields = $$("[name], [data-path]", element);
    const field = fields.find((one) => (one.name || one.dataset.path) === path)
      ?? fields.find((one) => path.startsWith(`${one.name || one.dataset.path}.`)) ?? fields.find((one) => (one.name || one.dataset.path).startsWith(`${path}.`));
    if (!field) return;
    field.setAttribute("aria-invalid", "true");
    const place = field.closest(".override") ?? field.closest(".rules-fields") ?? field;
    place.append(el("p", { class: "fault full", dataset: { blame: "" } }, words));
    field.scrollIntoView({ block: "center" });
    field.focus?.();
  }

  element.addEventListener("input", showSum);
  showSum();
  if (!changes) for (const field of element.elements) field.disabled = true;
  return { element, read, blame };
}

const block = (name, text, ...fields) => el("section", { class: "card rules-block", dataset: { block: name } },
  el("h3", {}, t(`administration.block_${name}`)), el("p", { class: "muted small" }, text), el("div", { class: "rules-fields" }, ...fields));

/** A matter that is late for so long is named in the bulletin; or none is. */
function bulletin(later) {
  const id = unique();
  const amount = el("input", { class: "input number", name: "later_steps.0.value", type: "number", step: "any", min: 0, value: later?.value ?? "5", "aria-label": t("administration.later_bulletin") });
  const unit = unitSelect("later_steps.0.unit", later?.unit ?? "work_day");
  const toggle = () => { amount.disabled = unit.disabled = !box.checked; };
  const box = el("input", { type: "checkbox", id, name: "bulletin", checked: Boolean(later), onchange: toggle });
  toggle();
  return el("div", { class: "field full" }, el("div", { class: "row" }, box, el("label", { for: id }, t("administration.later_bulletin"))), el("div", { class: "with-unit two" }, amount, unit));
}

function workingHours(spans, onChange) {
  const rows = el("div", { class: "spans", dataset: { path: "hours.spans" } });
  const time = (value, label) => el("input", { class: "input", type: "time", value: value.slice(0, 5), "aria-label": label, required: true });
  const add = ([from, to]) => {
    const row = el("div", { class: "span" }, time(from, t("administration.from")), el("span", {}, "–"), time(to, t("administration.to")),
      el("button", { type: "button", class: "button quiet compact", "aria-label": t("administration.remove"), onclick: () => { row.remove(); onChange(); } }, "✕"));
    rows.append(row);
  };
  spans.forEach(add);
  const more = el("button", { type: "button", class: "button compact", onclick: () => { add(["", ""]); onChange(); } }, t("administration.add_span"));
  return {
    element: el("div", { class: "field full" }, rows, more),
    read: () => [...rows.children].map((row) => $$("input", row).map((input) => input.value)),
  };
}
