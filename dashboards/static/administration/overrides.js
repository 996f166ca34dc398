// What single case conditions have of their own: a limit, shares of the tiers. Found by search, changed in place.
import { $, el } from "/static/shared/dom.js";
import { count, nameOf, t } from "/static/shared/texts.js";
import { TIERS, limitWords, percentOf, shareOf } from "/static/administration/document.js";
import { unitSelect } from "/static/administration/fields.js";

const MOST_FOUND = 30;

/** conditions: Map of code → {code, name, name_en, minor, limit}. Returns {element, read()}. */
export function overrides(given, conditions, { changes, onChange }) {
  const rows = el("div", { class: "overrides", dataset: { path: "conditions" } });
  const nothing = el("p", { class: "muted" }, t("administration.overrides_none"));
  const found = el("ul", { class: "found", hidden: true });
  const search = el("input", {
    class: "input", type: "search", id: "override-search", maxlength: 60, autocomplete: "off", dataset: { testid: "override-search" },
    oninput: (event) => { event.stopPropagation(); look(); },
  });
  const has = (code) => Boolean($(`[data-condition="${code}"]`, rows));
  const told = () => { nothing.hidden = rows.childElementCount > 0; };

  function look() {
    const words = search.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const opens = found.hidden && words.length > 0;
    found.hidden = words.length === 0;
    if (!words.length) return;
    const hits = [...conditions.values()].filter((one) => words.every((word) => one.words.includes(word)));
    found.replaceChildren(...hits.slice(0, MOST_FOUND).map((one) => el("li", {},
      el("button", { type: "button", disabled: has(one.code), onclick: () => choose(one) },
        el("span", { class: "number muted" }, one.code), el("span", {}, nameOf(one)), el("span", { class: "muted small" }, `${nameOf(one.minor)} · ${limitWords(one.limit.value, one.limit.unit)}`)))),
    ...(hits.length > MOST_FOUND ? [el("li", { class: "muted small" }, t("administration.found_more", { n: count(hits.length - MOST_FOUND) }))] : []),
    ...(hits.length ? [] : [el("li", { class: "muted" }, t("administration.found_none"))]));
    if (opens) search.closest(".field").scrollIntoView({ block: "start" });   // the bar below would cover the list
  }

  function choose(one) {
    add(one.code, { limit_value: String(one.limit.value), limit_unit: one.limit.unit });
    search.value = "";
    found.hidden = true;
    onChange();
    $(`[data-condition="${one.code}"] input`, rows).focus();
  }

  function add(code, own) {
    const known = conditions.get(code);
    const field = (path, value, label) => el("input", { class: "input number", name: `conditions.${code}.${path}`, type: "number", step: "any", min: 0, value: value ?? "", "aria-label": label });
    const row = el("div", { class: "override", dataset: { condition: code, path: `conditions.${code}` } },
      el("div", { class: "override-name" }, el("span", { class: "number muted" }, code), el("b", {}, known ? nameOf(known) : t("administration.retired")),
        known ? el("span", { class: "muted small" }, t("administration.usual_limit", { limit: limitWords(known.limit.value, known.limit.unit) })) : null),
      el("div", { class: "override-limit" }, field("limit_value", own.limit_value, t("administration.limit")), unitSelect(`conditions.${code}.limit_unit`, own.limit_unit, t("administration.as_usual"))),
      el("div", { class: "override-shares" }, ...TIERS.map((tier) => el("label", {}, el("span", {}, t(`tier.${tier}`)),
        field(`shares.${tier}`, own.shares ? percentOf(own.shares[tier]) : "", `${t("administration.shares")} ${t(`tier.${tier}`)}`), el("span", {}, "%")))),
      changes ? el("button", { type: "button", class: "button quiet compact", "aria-label": t("administration.remove_override", { code }), onclick: () => { row.remove(); told(); onChange(); } }, "✕") : null);
    rows.append(row);
    told();
  }

  for (const [code, own] of Object.entries(given)) add(code, own);
  told();
  const element = el("section", { class: "card" },
    el("header", {}, el("h3", {}, t("administration.overrides")), el("span", { class: "muted small" }, t("administration.overrides_text"))),
    changes ? el("div", { class: "field override-search" }, el("label", { for: "override-search" }, t("administration.overrides_search")), search, found) : null,
    nothing, rows);

  return { element, read: () => Object.fromEntries([...rows.children].map((row) => [row.dataset.condition, readRow(row)])) };
}

/** What is empty is as everybody's; what is half filled goes to the server, which says what is missing. */
function readRow(row) {
  const code = row.dataset.condition;
  const value = (path) => $(`[name="conditions.${code}.${path}"]`, row).value.trim();
  const own = {};
  if (value("limit_value")) own.limit_value = value("limit_value");
  if (value("limit_unit")) own.limit_unit = value("limit_unit");
  const shares = TIERS.filter((tier) => value(`shares.${tier}`)).map((tier) => [tier, shareOf(value(`shares.${tier}`))]);
  if (shares.length) own.shares = Object.fromEntries(shares);
  return own;
}
