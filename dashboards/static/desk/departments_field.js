// Several departments at once: type to find one, Enter or a click takes it, each becomes a chip that can be removed.
import { get, words } from "/static/shared/api.js";
import { el } from "/static/shared/dom.js";
import { t } from "/static/shared/texts.js";
import { Missing, labelled, unique } from "./field_parts.js";
import { called } from "./words.js";

const MOST = 20;
const SHOWN = 8;

/** Not offered: the department in charge, and those who owe an answer already. */
const taken = (ticket) =>
  new Set([
    ticket.department?.code,
    ...(ticket.assists ?? []).filter((one) => !one.answered_at && !one.overruled).map((one) => one.department.code),
  ]);

export function departments(ticket, values) {
  values.departments ??= [];
  const not = taken(ticket);
  let all = [];
  let found = [];
  let at = 0;
  const chips = el("div", { class: "chosen", role: "list" });
  const list = el("div", { class: "choices-list", role: "listbox", id: unique("departments-list"), hidden: true });
  const input = el("input", {
    class: "input",
    role: "combobox",
    "aria-expanded": "false",
    "aria-controls": list.id,
    "aria-autocomplete": "list",
    autocomplete: "off",
    placeholder: t("desk.departments_search"),
    oninput: () => show(),
    onfocus: () => show(),
    onblur: () => hide(),
    onkeydown: keys,
  });
  get("departments")
    .then(({ items }) => {
      all = items.filter((one) => !not.has(one.code));
      if (document.activeElement === input) show();
    })
    .catch((error) => {
      input.placeholder = words(error);
    });

  function show() {
    const typed = input.value.trim().toLowerCase();
    const chosen = new Set(values.departments.map((one) => one.code));
    found = all
      .filter((one) => !chosen.has(one.code))
      .filter((one) => `${one.name} ${one.name_en ?? ""} ${one.code}`.toLowerCase().includes(typed));
    at = 0;
    list.hidden = !all.length;
    draw();
  }
  function hide() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
  }
  function draw() {
    input.setAttribute("aria-expanded", String(!list.hidden));
    const from = Math.max(0, at - SHOWN + 1);
    list.replaceChildren(
      ...(found.length
        ? found.slice(from, from + SHOWN).map((one, n) =>
            el(
              "div",
              {
                class: "choice",
                role: "option",
                id: `${list.id}-${from + n}`,
                "aria-selected": String(from + n === at),
                dataset: { department: one.code },
                onmousedown: (event) => (event.preventDefault(), take(one)),
              },
              called(one),
            ),
          )
        : [el("div", { class: "choice muted" }, t("desk.departments_none"))]),
    );
    input.setAttribute("aria-activedescendant", found.length ? `${list.id}-${at}` : "");
  }
  function keys(event) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) return show();
      at = Math.max(0, Math.min(found.length - 1, at + (event.key === "ArrowDown" ? 1 : -1)));
      draw();
    } else if (event.key === "Enter") {
      // Enter in a search takes what is found; it never sends the form.
      event.preventDefault();
      if (!list.hidden && found[at]) take(found[at]);
    } else if (event.key === "Backspace" && !input.value && values.departments.length) {
      drop(values.departments.at(-1));
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      hide();
    }
    return undefined;
  }
  function take(one) {
    if (values.departments.length >= MOST) return;
    values.departments.push({ code: one.code, name: called(one) });
    input.value = "";
    tell();
    show();
  }
  function drop(one) {
    values.departments = values.departments.filter((other) => other.code !== one.code);
    tell();
    input.focus();
  }
  function tell() {
    chips.hidden = !values.departments.length;
    chips.replaceChildren(
      ...values.departments.map((one) =>
        el(
          "span",
          { class: "chip", role: "listitem", dataset: { chosen: one.code } },
          one.name,
          el(
            "button",
            { type: "button", "aria-label": t("desk.departments_drop", { name: one.name }), onclick: () => drop(one) },
            "×",
          ),
        ),
      ),
    );
  }
  tell();
  const element = labelled("departments", input, { needed: true });
  element.classList.add("category-field");
  element.insertBefore(chips, input);
  element.append(list);
  return {
    element,
    read: () => {
      if (!values.departments.length)
        throw new Missing(t("desk.missing", { field: t("desk.field_departments") }), input, "departments");
      return { departments: values.departments.map((one) => one.code) };
    },
  };
}
