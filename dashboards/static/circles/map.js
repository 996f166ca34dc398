// The grids coloured by how they lie to the circle of their own center, the circles over them, the centers on top.
import { el } from "/static/shared/dom.js";
import { Labels } from "/static/shared/labels.js";
import { L, createMap, labelOf, layer, outlines, token } from "/static/shared/map.js";
import { distance, t } from "/static/shared/texts.js";

export const COLOURS = { inside: "#d1e5f0", partly: "#fdb863", outside: "#b35806" };
const CIRCLE = "#2166ac";
const DIGITS = { county: 6, town: 9, village: 12 };

/** Stripes say the same as the colour, for whoever does not see it. */
function stripes() {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const pen = tile.getContext("2d");
  pen.fillStyle = COLOURS.outside;
  pen.fillRect(0, 0, 8, 8);
  pen.strokeStyle = "#e0a468";
  pen.lineWidth = 2;
  pen.beginPath();
  for (const from of [-8, 0, 8]) { pen.moveTo(from, 8); pen.lineTo(from + 8, 0); }
  pen.stroke();
  return pen.createPattern(tile, "repeat");
}

export class CircleMap {
  constructor(element) {
    this.element = element;
    this.over = [];
    this.moved = true;   // nothing to fit yet
  }

  start() {
    if (this.map) return;
    this.map = createMap(this.element, { scrollWheelZoom: false, zoomSnap: 0.1 });
    this.labels = new Labels(this.map);
    this.fills = { ...COLOURS, outside: stripes() };
    // The box gets its size with the page: until somebody moves the map, all of the region stays in view.
    this.map.on("movestart", () => { this.moved = true; });
    this.map.on("resize", () => { if (!this.moved) this.fit(); });
  }

  fit() {
    this.map.fitBounds(this.bounds, { padding: [14, 14], animate: false });
    this.moved = false;
  }

  async show(answer) {
    const turn = (this.turn = (this.turn ?? 0) + 1);
    const below = answer.region.level === "county" ? "town" : "village";
    const [grids, named] = await Promise.all([layer("grid"), layer(below)]);
    if (turn !== this.turn) return;
    this.start();
    const prefix = answer.region.code.slice(0, DIGITS[answer.region.level]);
    const stateOf = new Map(Object.entries(answer.states).flatMap(([state, codes]) => codes.map((code) => [code, state])));
    const own = (p) => p.code.startsWith(prefix);
    for (const group of this.over) group.remove();
    const land = outlines(this.map, grids, {
      level: "grid", filter: (p) => stateOf.has(p.code),
      style: (p) => ({ fillColor: this.fills[stateOf.get(p.code)], fillOpacity: 0.9, weight: 0.5, color: token("map-line-village") }),
      tip: (p) => el("span", {}, el("b", {}, p.name), ` ${t(`circles.state_${stateOf.get(p.code)}`)}`),
    });
    const borders = outlines(this.map, named, { level: below, filter: own, style: () => ({ fill: false, interactive: false }) });
    const circles = L.geoJSON(answer, { style: { color: CIRCLE, weight: answer.features.length > 60 ? 1 : 2, opacity: answer.features.length > 60 ? 0.6 : 1, fill: false, interactive: false } }).addTo(this.map);
    const centers = L.layerGroup(answer.features.map(({ properties }) => this.center({ ...properties, crowded: answer.features.length > 60 }))).addTo(this.map);
    this.over = [land, borders, circles, centers];
    if (this.region !== answer.region.code) {
      this.region = answer.region.code;
      this.bounds = land.getBounds();
      this.map.invalidateSize({ animate: false });
      this.fit();
    }
    this.labels.set(borders.getLayers().map((shape) => labelOf(shape, below)));
  }

  center(one) {
    const mark = L.circleMarker([one.lat, one.lon], {
      radius: one.crowded ? 2.8 : 6, color: "#18222e", weight: one.crowded ? 1.4 : 2,
      fillColor: one.assumed ? "#ffffff" : "#18222e", fillOpacity: 1,
    });
    const facts = [
      t("circles.tip_minutes", { n: one.minutes }),
      one.assumed ? t("circles.assumed") : null,
      one.off_road_m > 50 ? t("circles.off_road", { distance: distance(one.off_road_m) }) : null,
    ].filter(Boolean);
    return mark.bindTooltip(() => el("span", {}, el("b", {}, one.name), ` ${facts.join(t("circles.comma"))}`), { className: "map-tip", direction: "top" });
  }
}

/** The legend: the three states with their rule, a circle, a center, an assumed one. */
export function legend(list, { inside_from, outside_up_to }) {
  const percent = (share) => `${Math.round(share * 100)}%`;
  const rows = [
    ["inside", t("circles.legend_inside", { share: percent(inside_from) })],
    ["partly", t("circles.legend_partly")],
    ["outside", t("circles.legend_outside", { share: percent(outside_up_to) })],
    ["circle", t("circles.legend_circle")],
    ["center", t("circles.legend_center")],
    ["assumed", t("circles.legend_assumed")],
  ];
  list.replaceChildren(...rows.map(([name, text]) => el("li", {}, el("i", { class: `key-${name}` }), text)));
}
