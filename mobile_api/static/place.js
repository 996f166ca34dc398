// The place of a report or a check: found by the phone, corrected by hand, named by its grid.

import { el, icon, replace } from "./dom.js";
import { locate, pin_map } from "./pin_map.js";
import { middle_of, own_grids, place_name } from "./regions.js";
import { distance, problem_text, t } from "./texts.js";
import { place_word } from "./words.js";

/**
 * A map with the grid's name above it. `place` is where a draft already was, or null. `near`: how far it is to there is
 * told. `fixed`: the phone says where it is, and only when it cannot, a person may.
 * `changed(place)` is called with {lon, lat, accuracy_m, by: "phone" | "hand", name, outside}.
 * Returns {element, remove()}.
 */
export function place_picker({ region, place, changed, near = null, fixed = false }) {
  const box = el("div", { class: "map", data: { testid: "place-map" } });
  const name = el("strong", { class: "place-name", data: { testid: "place-name" } }, t("phone.place.searching"));
  const detail = el("span", { class: "place-detail" });
  const again = el(
    "button",
    { type: "button", class: "round on-map", "aria-label": t("phone.place.again"), on: { click: () => void find({ fresh: true }) } },
    icon("aim"),
  );
  const head = el(
    "div",
    { class: "place-head", role: "status" },
    icon("place"),
    el("span", { class: "place-words" }, name, detail),
  );
  const which = el("div", { class: "which" });
  const element = el(
    "section",
    { class: "card place" },
    head,
    el("div", { class: "map-frame" }, box, again, synthetic()),
    which,
  );
  const moved = ({ lon, lat }) => choose({ lon, lat, accuracy_m: null, by: "hand" }, { centre: false });
  let by_hand = !fixed;
  let map = pin_map(box, { moved: by_hand ? moved : null });
  const loading = own_grids(region);
  let asked = 0;
  let pinned = false; // then the map stays where the pin is
  let gone = false;

  async function choose(where, options) {
    const turn = ++asked;
    pinned = true;
    map.show(where, options);
    name.textContent = t("phone.place.naming");
    detail.textContent = [near && how_far(where, near), how_exact(where, by_hand)].filter(Boolean).join(t("phone.comma"));
    changed({ ...where, name: null, outside: false });
    replace(which);
    const found = await place_name(where, loading);
    if (turn !== asked || gone) return;
    if (found?.outside) {
      name.textContent = problem_text(found.outside);
      changed({ ...where, name: null, outside: true });
      return;
    }
    name.textContent = found ? place_word({ region: found }) : t("phone.place.unnamed");
    const how = place_how(found);
    if (how) detail.textContent = [detail.textContent, how].filter(Boolean).join(t("phone.comma"));
    ask(where, found, name.textContent);
  }

  /** Over several grids the person says which; unasked, it is the one that holds the point. */
  function ask(where, found, named) {
    const candidates = near || fixed ? [] : (found?.candidates ?? []);
    const known = candidates.find((one) => one.grid.code === where.grid)?.grid;
    const take = (grid) => {
      const other = grid && grid.code !== found.grid.code;
      name.textContent = other ? grid.name : named;
      changed({ ...where, grid: other ? grid.code : null, name: name.textContent, outside: false });
    };
    take(known);
    if (candidates.length > 1) {
      replace(which, grid_choice(candidates, known?.code ?? found.grid.code, take, t("phone.place.which"), found.candidates_limited));
    }
  }

  async function find({ fresh = false } = {}) {
    const turn = ++asked;
    name.textContent = t("phone.place.searching");
    detail.textContent = "";
    try {
      const where = await locate({ fresh });
      if (turn === asked && !gone) await choose({ ...where, by: "phone" });
    } catch {
      if (turn !== asked || gone) return;
      name.textContent = t("phone.place.refused");
      detail.textContent = t(near ? "phone.place.here_by_hand" : "phone.place.by_hand");
      if (!by_hand) await let_hand();
    }
  }

  async function let_hand() {
    by_hand = true;
    pinned = false;
    map.remove();
    map = pin_map(box, { moved });
    await start();
  }

  async function start() {
    const grids = await loading;
    if (gone) return;
    if (grids) {
      map.grids(grids, region);
      const middle = middle_of(grids, region.code);
      if (middle && !pinned) map.look_at(middle);
    }
  }

  void start();
  if (place) void choose(place);
  else void find();
  return {
    element,
    remove() {
      gone = true;
      map.remove();
    },
  };
}

/** Large buttons of the grids that a place may lie in; `taken(grid)` on each touch. */
export function grid_choice(candidates, chosen, taken, question, limited = false) {
  const buttons = candidates.map((one) =>
    el(
      "button",
      {
        type: "button",
        class: "verdict grid-choice",
        "aria-pressed": String(one.grid.code === chosen),
        data: { grid: one.grid.code },
        on: {
          click: (event) => {
            buttons.forEach((button) => button.setAttribute("aria-pressed", String(button === event.currentTarget)));
            taken(one.grid);
          },
        },
      },
      el("span", {}, one.grid.name),
      el("small", {}, t("phone.place.share", { share: Math.round(one.share * 100) })),
    ),
  );
  return el(
    "div",
    { class: "asked", role: "group", "aria-label": question, data: { testid: "which-grid" } },
    el("p", {}, question),
    el("div", { class: "scores" }, ...buttons),
    limited ? el("p", { class: "faint" }, t("phone.place.limited")) : null,
  );
}

/** How the grid was found, where that is not plain. */
export function place_how(found) {
  const how = found?.placed_how;
  if (how?.rule === "border") return t("phone.place.border");
  if (how?.rule === "nearest") return t("phone.place.nearest", { distance: distance(how.distance_m) });
  if (how?.rule === "chosen") return t("phone.place.chosen");
  return how?.special_over ? t("phone.place.school", { name: how.special_over.name }) : "";
}

/** The outlines are made up for the demonstration, and say so wherever they are shown. */
const synthetic = () => el("span", { class: "synthetic" }, t("phone.place.synthetic"));

function how_exact({ accuracy_m, by }, movable) {
  if (by === "hand") return t("phone.place.set_by_hand");
  const words = movable ? "phone.place.accuracy" : "phone.place.accuracy_fixed";
  return accuracy_m ? t(words, { distance: distance(accuracy_m) }) : "";
}

const how_far = (here, there) => t("phone.place.away", { distance: distance(metres(here, there)) });

/** Metres between two places that are near each other: the earth is flat enough for that. */
function metres(one, other) {
  const degree = 111_320;
  const east = (one.lon - other.lon) * degree * Math.cos((one.lat * Math.PI) / 180);
  return Math.hypot(east, (one.lat - other.lat) * degree);
}

/** The same map to look at only, for a ticket. */
export function place_view({ region, lon, lat }) {
  const box = el("div", { class: "map" });
  const element = el("div", { class: "map-frame" }, box, synthetic());
  const map = pin_map(box, { start: { lon, lat } });
  map.show({ lon, lat });
  void own_grids(region)
    .then((grids) => grids && map.grids(grids, region))
    .catch(() => {});
  return { element, remove: () => map.remove() };
}
