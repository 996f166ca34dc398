// To whom a matter is dispatched.
import { get, words } from "/static/shared/api.js";
import { el } from "/static/shared/dom.js";
import { t } from "/static/shared/texts.js";
import { labelled, radios, required, titled } from "./field_parts.js";
import { called } from "./words.js";

/** A department, the authority list's first; or one of our own people (自行处置). */
export function department(ticket, values, { name } = {}) {
  const usual = name === "transfer" ? null : ticket.default_department;
  const select = el(
    "select",
    {
      class: "input",
      onchange: () => {
        values.department = select.value;
      },
    },
    el("option", { value: "" }, t("common.loading")),
  );
  const people = el(
    "select",
    {
      class: "input",
      onchange: () => {
        values.to = people.value;
      },
    },
    el("option", { value: "" }, t("common.loading")),
  );
  const who = {
    department: labelled("department", select, { needed: true }),
    own: labelled("to_own", people, { needed: true, hint: t("desk.own_hint") }),
  };
  let chosen = values.self ? "own" : "department";
  const ways = radios(
    "way",
    [
      ["department", t("desk.to_department")],
      ["own", t("desk.to_own")],
    ],
    chosen,
    (value) => {
      chosen = value;
      values.self = value === "own";
      show();
    },
  );
  const show = () => {
    who.department.hidden = chosen !== "department";
    who.own.hidden = chosen !== "own";
    if (chosen === "own" && !people.dataset.asked) void load_people();
  };
  async function load_people() {
    people.dataset.asked = "true";
    await options(
      people,
      () => get("users", { mine: "assignable", region: ticket.region.village.code, ticket: ticket.number }),
      (one) => [one.username, one.name],
      values.to,
    );
  }
  void options(
    select,
    () => get("departments"),
    (one) => [one.code, called(one)],
    values.department ?? usual?.code,
    usual,
    // Handed over to another: not to the one that has it.
    name === "transfer" ? ticket.department?.code : null,
  );
  show();
  return {
    element: el("div", { class: "field-group" }, titled("way", ways), who.department, who.own),
    read: () =>
      chosen === "own"
        ? { to: required(people.value, "to_own", people) }
        : { department: required(select.value, "department", select) },
  };
}

/** Fills a select from the server; the usual one is there at once, so that no one waits for the rest. */
async function options(select, load, spell, wanted, usual = null, not = null) {
  const build = (items) =>
    items.map((one) => {
      const [value, text] = spell(one);
      const is_usual = usual && value === usual.code;
      return el(
        "option",
        { value, selected: value === wanted },
        is_usual ? t("desk.usual_department", { name: text }) : text,
      );
    });
  if (usual) select.replaceChildren(...build([usual]));
  try {
    const items = (await load()).items.filter((one) => !not || one.code !== not);
    const first = usual ? [usual, ...items.filter((one) => one.code !== usual.code)] : items;
    const now = select.value || wanted;
    select.replaceChildren(
      ...(usual ? [] : [el("option", { value: "" }, t(items.length ? "desk.choose" : "desk.nobody_to_choose"))]),
      ...build(first),
    );
    if (now) select.value = now;
  } catch (error) {
    if (!usual) select.replaceChildren(el("option", { value: "" }, words(error)));
  }
}
