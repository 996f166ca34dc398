// Two fields of the form: which matters a rule is about, and whom it tells.
import { el } from "/static/shared/dom.js";
import { nameOf, t } from "/static/shared/texts.js";
import { ROLES, recipientOf } from "/static/zones/words.js";

/** Chosen codes as tags that can be taken away, and a search that adds. `all`: Map of code → {code, name, level, words}. */
export function categoryChooser(all, chosen, changed) {
  let codes = new Set(chosen);
  const tags = el("div", { class: "row zones-tags", dataset: { testid: "zone-categories" } });
  const list = el("div", { class: "zones-choices", role: "listbox", id: "zone-category-choices", hidden: true });
  const input = el("input", {
    class: "input", id: "zone-category", type: "search", autocomplete: "off", placeholder: t("zones.category_search"), role: "combobox",
    "aria-expanded": "false", "aria-controls": "zone-category-choices", oninput: search, onkeydown: keys,
  });

  function draw() {
    tags.replaceChildren(...[...codes].sort().map((code) => {
      const one = all.get(code);
      return el("span", { class: "tag" }, one ? nameOf(one) : code,
        el("button", { type: "button", class: "zones-x", "aria-label": t("zones.take_away", { name: one ? nameOf(one) : code }), onclick: () => { codes.delete(code); draw(); changed(); } }, "×"));
    }));
    if (!codes.size) tags.append(el("span", { class: "muted small" }, t("zones.no_category")));
  }

  function search() {
    const wanted = input.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const found = wanted.length ? [...all.values()].filter((one) => !codes.has(one.code) && wanted.every((word) => one.words.includes(word))).slice(0, 12) : [];
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(Boolean(found.length)));
    list.replaceChildren(...found.map((one) => el("button", { type: "button", class: "zones-choice", role: "option", dataset: { code: one.code }, onclick: () => add(one.code) },
      el("span", {}, nameOf(one)), el("span", { class: "muted small" }, t(`zones.level_${one.level}`, { code: one.code })))));
  }

  function add(code) {
    codes.add(code);
    input.value = "";
    search();
    draw();
    changed();
    input.focus();
  }

  function keys(event) {
    if (event.key === "Enter") {
      event.preventDefault();
      list.querySelector("button")?.click();
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      list.querySelector("button")?.focus();
    } else if (event.key === "Escape") {
      input.value = "";
      search();
    }
  }
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    if (!step) return;
    event.preventDefault();
    (document.activeElement[step] ?? input).focus();
  });
  draw();
  return {
    element: el("div", { class: "field" }, el("label", { for: "zone-category" }, t("zones.what")), tags, input, list),
    value: () => [...codes].sort(),
    set(next) { codes = new Set(next); draw(); },
  };
}

/** Roles, departments and users that are told besides. */
export function recipientChooser(departments, chosen, changed) {
  let told = [...chosen];
  const tags = el("div", { class: "row zones-tags" });
  const role = el("option", { value: "" }, t("zones.add_recipient"));
  const select = el("select", { class: "input", id: "zone-recipient", onchange: pick }, role,
    el("optgroup", { label: t("zones.roles") }, ...ROLES.map((one) => el("option", { value: `role ${one}` }, t("zones.role_there", { role: t(`role.${one}`) })))),
    el("optgroup", { label: t("zones.departments") }, ...[...departments.values()].map((one) => el("option", { value: `department ${one.code}` }, nameOf(one)))));
  const user = el("input", { class: "input", id: "zone-user", placeholder: t("zones.username"), "aria-label": t("zones.username"), autocomplete: "off", maxlength: 64,
    onkeydown: (event) => { if (event.key === "Enter") { event.preventDefault(); addUser(); } } });

  function add(kind, code) {
    if (code && !told.some((one) => one.kind === kind && one.code === code)) told.push({ kind, code });
    draw();
    changed();
  }
  function pick() {
    const [kind, code] = select.value.split(" ");
    select.value = "";
    add(kind, code);
  }
  function addUser() {
    add("user", user.value.trim());
    user.value = "";
  }
  function draw() {
    tags.replaceChildren(...told.map((one) => el("span", { class: "tag" }, recipientOf(one, departments),
      el("button", { type: "button", class: "zones-x", "aria-label": t("zones.take_away", { name: recipientOf(one, departments) }), onclick: () => { told = told.filter((other) => other !== one); draw(); changed(); } }, "×"))));
    if (!told.length) tags.append(el("span", { class: "muted small" }, t("zones.nobody")));
  }
  draw();
  return {
    element: el("div", { class: "field" }, el("label", { for: "zone-recipient" }, t("zones.told")), tags, select,
      el("div", { class: "row" }, user, el("button", { type: "button", class: "button compact", onclick: addUser }, t("zones.add_user")))),
    value: () => told,
    set(next) { told = [...next]; draw(); },
  };
}
