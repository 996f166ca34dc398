// Into which ticket: those near by first, or any found by number or words; what is chosen is shown before it is sent.
import { get, words } from "/static/shared/api.js";
import { el } from "/static/shared/dom.js";
import { distance, t } from "/static/shared/texts.js";
import { timeElement } from "/static/shared/time.js";
import { clockTag, matter } from "./clocks.js";
import { labelled, Missing } from "./field_parts.js";
import { called, holderWord, nodeWord, placeWord } from "./words.js";

const WAIT = 250;
const FOUND = 6;

/** A ticket in a few words; `onChoose` makes it a choice; `number`: an element in its place, such as a link. */
export function shortly(ticket, { onChoose = null, chosen = false, number = ticket.number } = {}) {
  const beside = [
    ticket.distance_m === undefined ? null : t("desk.near_distance", { distance: distance(ticket.distance_m) }),
    ticket.same_category ? t("desk.near_same") : null,
  ].filter(Boolean);
  const content = [
    el(
      "span",
      { class: "short-top" },
      el("strong", {}, called(ticket.category)),
      clockTag(matter(ticket), ticket),
      el("span", { class: "push number small" }, number),
    ),
    el("span", { class: "short-words" }, ticket.description || t("desk.no_description")),
    el(
      "span",
      { class: "small muted" },
      [placeWord(ticket.region), nodeWord(ticket.node), holderWord(ticket.holder), ...beside].join(" · "),
      " · ",
      timeElement(ticket.created_at),
    ),
  ];
  if (!onChoose) return el("div", { class: "short" }, ...content);
  return el(
    "button",
    {
      type: "button",
      class: "short",
      "aria-pressed": String(chosen),
      dataset: { into: ticket.number },
      onclick: () => onChoose(ticket),
    },
    ...content,
  );
}

export function into(ticket, values) {
  let near = [];
  let found = null;
  let turn = 0;
  let timer = null;
  const list = el("div", { class: "short-list" });
  const said = el("span", { class: "hint", role: "status" });
  const input = el("input", {
    class: "input",
    autocomplete: "off",
    spellcheck: "false",
    placeholder: t("desk.into_search"),
    oninput: () => {
      clearTimeout(timer);
      timer = setTimeout(() => void search(), WAIT);
    },
    onkeydown: (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      clearTimeout(timer);
      void search({ take: true });
    },
  });
  get(`tickets/${ticket.number}/similar`)
    .then(({ items }) => {
      near = items;
      draw();
    })
    .catch((error) => {
      said.textContent = words(error);
    });

  async function search({ take = false } = {}) {
    const mine = ++turn;
    const q = input.value.trim();
    if (!q) {
      found = null;
      return draw();
    }
    try {
      const { items } = await get("tickets", { q, open: true, limit: FOUND + 1 });
      if (mine !== turn) return null;
      found = items.filter((one) => one.number !== ticket.number).slice(0, FOUND);
      const exact = found.find((one) => one.number.toLowerCase() === q.toLowerCase());
      if (exact || (take && found.length)) values.into = exact ?? found[0];
    } catch (error) {
      if (mine === turn) said.textContent = words(error);
      return null;
    }
    return draw();
  }
  function draw() {
    const chosen = values.into;
    const shown = found ?? near;
    const others = shown.filter((one) => one.number !== chosen?.number);
    said.textContent = found
      ? found.length
        ? ""
        : t("desk.into_none")
      : near.length
        ? t("desk.into_near")
        : t("desk.into_no_near");
    if (chosen) said.textContent = t("desk.into_chosen");
    list.replaceChildren(
      ...(chosen ? [shortly(chosen, { chosen: true, onChoose: () => ((values.into = null), draw()) })] : []),
      ...others.map((one) => shortly(one, { onChoose: () => ((values.into = one), draw()) })),
    );
  }
  draw();
  const element = labelled("into", input, { needed: true });
  element.append(said, list);
  return {
    element,
    read: () => {
      if (!values.into) throw new Missing(t("desk.into_missing"), input, "into");
      return { into: values.into.number };
    },
  };
}
