// The place of a report or a check: found by the phone, corrected by hand, named by its grid.

import { el, icon } from "./dom.js";
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
  const element = el(
    "section",
    { class: "card place" },
    head,
    el("div", { class: "map-frame" }, box, again, synthetic()),
  );
  const moved = ({ lon, lat }) => choose({ lon, lat, accuracy_m: null, by: "hand" }, { centre: false });
  let by_hand = !fixed;
  let map = pin_map(box, { moved: by_hand ? moved : null });
  const loading = own_grids(region);
  let asked = 0;
  let gone = false;

  async function choose(where, options) {
    const turn = ++asked;
    map.show(where, options);
    name.textContent = t("phone.place.naming");
    detail.textContent = [near && how_far(where, near), how_exact(where, by_hand)].filter(Boolean).join(t("phone.comma"));
    changed({ ...where, name: null, outside: false });
    const found = await place_name(where.lon, where.lat, loading);
    if (turn !== asked || gone) return;
    if (found?.outside) {
      name.textContent = problem_text(found.outside);
      changed({ ...where, name: null, outside: true });
      return;
    }
    name.textContent = found ? place_word({ region: found }) : t("phone.place.unnamed");
    changed({ ...where, name: name.textContent, outside: false });
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
      if (middle && !place) map.look_at(middle);
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
