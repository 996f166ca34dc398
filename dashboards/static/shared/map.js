// The county without a base map: outlines from /api/v1/layers, labels that do not collide, one canvas.
import * as L from "/vendor/leaflet/leaflet-src.esm.js";
import { baseMap, seeThrough } from "/static/shared/base_map.js";
import { el } from "/static/shared/dom.js";
import { detailAt, layer, part, partOf } from "/static/shared/layers.js";
import { t } from "/static/shared/texts.js";

export { L, layer };

/** The value of a design token where it applies, for the canvas. */
export const token = (name, at = document.documentElement) => getComputedStyle(at).getPropertyValue(`--${name}`).trim();

/** One canvas whose fills let a base map through, whoever drew them. */
const Canvas = L.Canvas.extend({
  _fillStroke(context, layer) {
    const own = layer.options.fillOpacity;
    const land = this.land.has(layer.options.fillColor);
    if (layer instanceof L.Polygon) layer.options.fillOpacity = seeThrough(own, { shown: this._map?.options.baseShown, land });
    L.Canvas.prototype._fillStroke.call(this, context, layer);
    layer.options.fillOpacity = own;
  },
});

/** The words of the base map's switch. */
const baseWords = () => ({
  title: t("common.base_map"), none: t("common.base_map_none"), file: t("common.base_map_file"),
  tianditu_vector: t("common.base_map_tianditu_vector"), tianditu_imagery: t("common.base_map_tianditu_imagery"),
  opacity: t("common.base_map_opacity"), unreachable: t("common.base_map_unreachable"),
});

/** A Leaflet map with one canvas for everything, the mark that the borders are synthetic, and the base map if there is one. */
export function createMap(element, options = {}) {
  element.classList.add("map");
  const renderer = new Canvas({ padding: 0.4, tolerance: 3 });
  renderer.land = new Set([token("map-land", element), ...townTints(element)]);
  const map = L.map(element, {
    preferCanvas: true, renderer, zoomControl: false, attributionControl: false,
    zoomSnap: 0.25, zoomDelta: 0.5, wheelPxPerZoomLevel: 120, minZoom: 8, maxZoom: 19, boxZoom: false,
    zoomAnimation: !reducedMotion(), fadeAnimation: false, ...options,
  });
  map.setView([40.63, 122.5], 10);
  L.control.zoom({ position: "topright", zoomInTitle: t("common.zoom_in"), zoomOutTitle: t("common.zoom_out") }).addTo(map);
  L.control.scale({ position: "bottomleft", imperial: false }).addTo(map);
  const note = L.control({ position: "bottomright" });
  note.onAdd = () => el("div", { class: "map-synthetic" }, t("common.synthetic"));
  note.addTo(map);
  const observer = new ResizeObserver(() => map.invalidateSize({ animate: false }));
  observer.observe(element);
  map.on("unload", () => observer.disconnect());
  map.on("basemap", ({ shown }) => { element.classList.toggle("with-base", shown); if (renderer._ctx) renderer._redraw(); });
  void baseMap(map, { words: baseWords(), dark: Boolean(element.closest('[data-theme="dark"]')) });
  return map;
}

export const reducedMotion = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

const WIDTHS = { county: 2.5, town: 1.6, village: 1, grid: 0.7 };

/** How an outline of a level is drawn when nothing else is said. */
export const outlineStyle = (level, { filled = true } = {}) => ({
  color: token(`map-line-${level}`), weight: WIDTHS[level], fill: filled, fillColor: token("map-land"), fillOpacity: 1, interactive: filled,
});

/** The soft colours of towns, so that one sees where one ends without following its border. */
const townTints = (at) => [1, 2, 3, 4].map((n) => token(`map-town-${n}`, at));

/** A colour for each outline, another one than its neighbours' as long as there are enough. */
function tinted(features, colours) {
  const holders = new Map();   // by vertex: neighbours share theirs
  const chosen = new Map();
  for (const feature of features) {
    const vertices = new Set(feature.geometry.coordinates.flat(feature.geometry.type === "Polygon" ? 1 : 2).map(String));
    const taken = new Set([...vertices].flatMap((vertex) => holders.get(vertex) ?? []));
    const colour = colours.find((one) => !taken.has(one)) ?? colours[chosen.size % colours.length];
    for (const vertex of vertices) holders.set(vertex, [...(holders.get(vertex) ?? []), colour]);
    chosen.set(feature, colour);
  }
  return chosen;
}

/**
 * Adds the outlines of a level: outlines(map, collection, {level, filter(properties), style(properties), onClick(properties), tip(properties)}).
 * They sharpen as the map is zoomed in, unless `detailed` says that the collection has all detail already.
 * School and enterprise grids lie over the urban-rural ones: dashed, and last.
 */
export function outlines(map, collection, { level, filter = () => true, style = () => ({}), onClick, tip, detailed = false } = {}) {
  const features = collection.features.filter((feature) => filter(feature.properties));
  const special = (feature) => (["school", "enterprise"].includes(feature.properties.kind) ? 1 : 0);
  features.sort((a, b) => special(a) - special(b));
  const tints = level === "town" ? tinted(features, townTints(map.getContainer())) : new Map();
  const group = L.geoJSON({ type: "FeatureCollection", features }, {
    style: (feature) => ({
      ...outlineStyle(level, { filled: Boolean(onClick || tip) }),
      ...(tints.has(feature) ? { fillColor: tints.get(feature) } : {}),
      ...(special(feature) ? { dashArray: "4 3", color: token("map-special"), weight: 1.2 } : {}),
      ...style(feature.properties),
    }),
    onEachFeature(feature, shape) {
      if (onClick) shape.on("click", (event) => { L.DomEvent.stop(event); onClick(feature.properties, shape); });
      if (tip) shape.bindTooltip(() => tip(feature.properties), { sticky: true, className: "map-tip", direction: "top" });
    },
  }).addTo(map);
  if (!detailed) sharpen(map, group, level);
  return group;
}

/** Keeps the outlines in view at the detail that the zoom shows, as long as they are on the map. */
function sharpen(map, group, level) {
  const drawn = new Map();   // by shape; what is not in it is drawn as it came
  let turn = 0;
  async function look() {
    const mine = ++turn;
    const detail = detailAt(map.getZoom());
    const view = map.getBounds().pad(0.2);
    const stale = group.getLayers().filter((shape) => (drawn.get(shape) ?? null) !== detail && (!detail || view.intersects(shape.getBounds())));
    if (!stale.length) return;
    const code = (shape) => partOf(detail, level, shape.feature.properties.code);
    const sharper = new Map();
    if (detail) {
      const wanted = [...new Set(stale.map(code))];
      const found = await Promise.allSettled(wanted.map((one) => part(detail, one)));   // what does not come stays coarse
      for (const { value } of found) for (const feature of value?.[level].features ?? []) sharper.set(feature.properties.code, feature);
      if (mine !== turn) return;
    }
    for (const shape of stale) {
      const { geometry } = detail ? sharper.get(shape.feature.properties.code) ?? {} : shape.feature;
      if (!geometry) continue;
      shape.setLatLngs(L.GeoJSON.coordsToLatLngs(geometry.coordinates, geometry.type === "Polygon" ? 1 : 2));
      drawn.set(shape, detail);
    }
  }
  map.on("moveend", look);
  group.on("remove", () => { turn += 1; map.off("moveend", look); });
  void look();
}

/** The middle of a shape's largest part, where its name is written. */
export function middle(shape) {
  const parts = shape.getLatLngs();
  const rings = Array.isArray(parts[0][0]) ? parts.map((part) => part[0]) : [parts[0]];
  const size = (ring) => { const box = L.latLngBounds(ring); return (box.getEast() - box.getWest()) * (box.getNorth() - box.getSouth()); };
  const ring = rings.reduce((a, b) => (size(b) > size(a) ? b : a));
  let area = 0, lat = 0, lng = 0;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const cross = (ring[j].lng - ring[0].lng) * (ring[i].lat - ring[0].lat) - (ring[i].lng - ring[0].lng) * (ring[j].lat - ring[0].lat);
    area += cross;
    lng += (ring[j].lng + ring[i].lng - 2 * ring[0].lng) * cross;
    lat += (ring[j].lat + ring[i].lat - 2 * ring[0].lat) * cross;
  }
  return area ? L.latLng(ring[0].lat + lat / (3 * area), ring[0].lng + lng / (3 * area)) : L.latLngBounds(ring).getCenter();
}

/** "富丽社区第4网格" inside its village is "第4网格"; any other name stays whole. */
export const shortName = (properties) => properties.name.match(/第\d+网格$/u)?.[0] ?? properties.name;

/** "钢都街道" is "钢都" where there is no room; a name of one letter more than its kind, like "旗镇", stays whole. */
export const briefName = (name) => name.replace(/^(..+?)(街道|镇|乡)$/u, "$1");

/** The label of an outline of a level, for Labels.set; towns are few and each of them is shown. */
export function labelOf(shape, level) {
  const box = shape.getBounds();
  const name = shortName(shape.feature.properties);
  const weight = (box.getEast() - box.getWest()) * (box.getNorth() - box.getSouth());
  return { at: middle(shape), text: name, weight, ...(level === "town" ? { brief: briefName(name), always: true } : {}) };
}
