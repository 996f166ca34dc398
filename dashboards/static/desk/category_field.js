// A search for a category: type, choose with the arrows or a click. Chosen is a minor class.
import { get } from "/static/shared/api.js";
import { el } from "/static/shared/dom.js";
import { t } from "/static/shared/texts.js";
import { unique } from "./field_parts.js";
import { called } from "./words.js";

const MOST = 12;

const minors = (items) =>
  items.flatMap((major) =>
    (major.children ?? []).map((minor) => ({
      code: minor.code,
      name: called(minor),
      major: called(major),
      words: [major, minor, ...(minor.children ?? [])]
        .map((one) => `${one.name} ${one.name_en ?? ""}`)
        .join(" ")
        .toLowerCase(),
    })),
  );

/** Returns {element, value(), focus()}; value is the code, or null. */
export function categoryField({ label = t("common.category") } = {}) {
  const own = unique("category");
  let all = [];
  let chosen = null;
  let found = [];
  let at = 0;
  const list = el("div", { class: "choices-list", role: "listbox", id: `${own}-choices`, hidden: true });
  const input = el("input", {
    class: "input",
    id: own,
    role: "combobox",
    "aria-expanded": "false",
    "aria-controls": `${own}-choices`,
    "aria-autocomplete": "list",
    autocomplete: "off",
    placeholder: t("desk.category_search"),
    dataset: { testid: "category-search" },
    oninput: () => ((chosen = null), show()),
    onfocus: () => show(),
    onkeydown: keys,
  });
  const loaded = get("categories").then(({ items }) => {
    all = minors(items);
  });
  loaded.catch(() => {
    input.placeholder = t("desk.category_failed");
  });

  function show() {
    const typed = input.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    found = chosen ? [] : all.filter((one) => typed.every((word) => one.words.includes(word))).slice(0, MOST);
    at = 0;
    draw();
  }
  function draw() {
    list.hidden = !found.length && (Boolean(chosen) || !input.value.trim());
    input.setAttribute("aria-expanded", String(!list.hidden));
    list.replaceChildren(
      ...(found.length
        ? found.map((one, n) =>
            el(
              "div",
              {
                class: "choice",
                role: "option",
                id: `${own}-${n}`,
                "aria-selected": String(n === at),
                dataset: { category: one.code },
                onmousedown: (event) => (event.preventDefault(), take(one)),
              },
              el("span", {}, one.name),
              el("span", { class: "muted small" }, one.major),
            ),
          )
        : [el("div", { class: "choice muted" }, t("desk.category_none"))]),
    );
    input.setAttribute("aria-activedescendant", found.length ? `${own}-${at}` : "");
  }
  function keys(event) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      at = Math.max(0, Math.min(found.length - 1, at + (event.key === "ArrowDown" ? 1 : -1)));
      draw();
    } else if (event.key === "Enter" && found[at]) {
      event.preventDefault();
      take(found[at]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      list.hidden = true;
    }
  }
  function take(one) {
    chosen = one;
    input.value = t("desk.category_of", { name: one.name, major: one.major });
    found = [];
    draw();
  }
  input.addEventListener("blur", () => {
    list.hidden = true;
  });
  return {
    element: el(
      "div",
      { class: "field category-field" },
      el("label", { for: own }, label),
      input,
      list,
    ),
    value: () => chosen?.code ?? null,
    focus: () => input.focus(),
  };
}
