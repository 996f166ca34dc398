// Which grid a ticket lies in: those within the accuracy of its place, chosen from a list or on a map.
import { get, words } from "/static/shared/api.js";
import { el } from "/static/shared/dom.js";
import { part } from "/static/shared/layers.js";
import { L, createMap, outlines, token } from "/static/shared/map.js";
import { count, distance, t } from "/static/shared/texts.js";
import { Missing, titled, unique } from "./field_parts.js";

// An officer may go so much farther: what a place is given for drift anyway.
const MARGIN_M = 100;
const WORST_ACCURACY_M = 100_000;

/** How far a possible grid is from the place, and which part of the circle of accuracy it has. */
export function candidateWords({ distance_m, share }) {
  const away =
    distance_m >= 1
      ? t("desk.candidate_away", { distance: distance(distance_m) })
      : t(distance_m > 0 ? "desk.candidate_close" : "desk.candidate_here");
  return share > 0 ? t("desk.candidate", { away, share: count(Math.round(share * 100)) }) : away;
}

export function grid(ticket, values) {
  const own = ticket.region.grid.code;
  const list = el("div", { class: "grid-choices radios", role: "radiogroup", "aria-label": t("desk.field_grid"), dataset: { field: "grid" } });
  const ground = el("div", { class: "grid-map" });
  const box = el("div", { class: "grid-pick" }, list, ground);
  let shapes = null;

  function choose(code) {
    values.grid = code;
    for (const input of list.querySelectorAll("input")) input.checked = input.value === code;
    shapes?.setStyle((shape) => look(shape.properties.code));
  }

  const look = (code) => ({
    color: token(code === values.grid ? "accent" : "map-line-town"),
    weight: code === values.grid ? 3 : 1,
    dashArray: code === own ? "6 4" : null,
    fillColor: token(code === values.grid ? "accent" : "surface"),
    fillOpacity: code === values.grid ? 0.3 : 0.8,
  });

  function choice(one, name) {
    const now = one.grid.code === own;
    const input = el("input", {
      type: "radio",
      name,
      value: one.grid.code,
      disabled: now,
      checked: one.grid.code === values.grid,
      onchange: () => choose(one.grid.code),
    });
    const beside = now ? t("desk.candidate_now") : candidateWords(one);
    return el("label", { class: "radio grid-choice" }, input, el("span", {}, el("b", {}, one.grid.name), " ", el("span", { class: "muted" }, beside)));
  }

  async function draw(candidates, map) {
    const villages = [...new Set(candidates.map((one) => one.grid.code.slice(0, 12)))];
    const parts = await Promise.all(villages.map((code) => part("full", code)));
    const wanted = new Map(candidates.map((one) => [one.grid.code, one.grid.name]));
    const features = parts.flatMap((found) => found.grid.features).filter((one) => wanted.has(one.properties.code));
    shapes = outlines(map, { type: "FeatureCollection", features }, {
      level: "grid",
      detailed: true,
      tip: (one) => (one.code === own ? `${one.name} · ${t("desk.candidate_now")}` : one.name),
      style: (one) => look(one.code),
      onClick: (one) => one.code !== own && choose(one.code),
    });
    const at = [ticket.lat, ticket.lon];
    const circle = L.circle(at, { radius: accuracy_m, color: token("accent"), weight: 2, fill: false, interactive: false }).addTo(map);
    map.fitBounds(circle.getBounds().pad(0.5), { animate: false });
  }

  function show(candidates, limited) {
    const others = candidates.filter((one) => one.grid.code !== own);
    if (!others.length) {
      list.replaceChildren(el("p", { class: "small muted" }, t("desk.candidates_none")));
      ground.hidden = true;
      return;
    }
    const name = unique("grid");
    list.replaceChildren(...candidates.map((one) => choice(one, name)));
    if (limited) list.append(el("p", { class: "small muted" }, t("desk.candidates_limited")));
    const map = createMap(ground, { scrollWheelZoom: false });
    const at = [ticket.lat, ticket.lon];
    map.setView(at, 15, { animate: false });
    void draw(candidates, map)
      .catch(() => {}) // the list stands without the map
      .finally(() => L.circleMarker(at, { radius: 6, color: token("accent"), interactive: false }).addTo(map));
  }

  const accuracy_m = Math.min((ticket.accuracy_m ?? 0) + MARGIN_M, WORST_ACCURACY_M);
  get("regions/at", { lon: ticket.lon, lat: ticket.lat, accuracy_m }).then(
    ({ candidates, candidates_limited }) => show(candidates, candidates_limited),
    (error) => list.replaceChildren(el("p", { class: "small", role: "status" }, words(error))),
  );
  return {
    element: titled("grid", box, { hint: t("desk.grid_hint") }),
    names: ["to"],
    read() {
      if (!values.grid) throw new Missing(t("desk.grid_missing"), list.querySelector("input:enabled"), "grid");
      return { to: values.grid };
    },
  };
}
