// The county without a base map: outlines from /api/v1/layers, labels that do not collide, one canvas.
import * as L from "/vendor/leaflet/leaflet-src.esm.js";
import { el } from "/static/shared/dom.js";
import { t } from "/static/shared/texts.js";

export { L };

const layers = new Map();

/** The GeoJSON of a level ("county", "town", "village", "grid"), fetched once for the page. */
export function layer(level) {
  if (!layers.has(level)) {
    const wanted = fetch(`/api/v1/layers/${level}.geojson`, { credentials: "same-origin" }).then((answer) => {
      if (!answer.ok) throw new Error(`${level}: ${answer.status}`);
      return answer.json();
    });
    wanted.catch(() => layers.delete(level));   // a failure is not remembered
    layers.set(level, wanted);
  }
  return layers.get(level);
}

/** The value of a design token where it applies, for the canvas. */
export const token = (name, at = document.documentElement) => getComputedStyle(at).getPropertyValue(`--${name}`).trim();

/** A Leaflet map with one canvas for everything and the mark that the borders are synthetic. */
export function createMap(element, options = {}) {
  element.classList.add("map");
  const map = L.map(element, {
    preferCanvas: true, renderer: L.canvas({ padding: 0.4, tolerance: 3 }), zoomControl: false, attributionControl: false,
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
  return map;
}

export const reducedMotion = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

const WIDTHS = { county: 2.5, town: 1.6, village: 1, grid: 0.7 };

/** How an outline of a level is drawn when nothing else is said. */
export const outlineStyle = (level, { filled = true } = {}) => ({
  color: token(`map-line-${level}`), weight: WIDTHS[level], fill: filled, fillColor: token("map-land"), fillOpacity: 1, interactive: filled,
});

/**
 * Adds the outlines of a level: outlines(map, collection, {level, filter(properties), style(properties), onClick(properties), tip(properties)}).
 * School and enterprise grids lie over the urban-rural ones: dashed, and last.
 */
export function outlines(map, collection, { level, filter = () => true, style = () => ({}), onClick, tip } = {}) {
  const features = collection.features.filter((feature) => filter(feature.properties));
  const special = (feature) => (["school", "enterprise"].includes(feature.properties.kind) ? 1 : 0);
  features.sort((a, b) => special(a) - special(b));
  return L.geoJSON({ type: "FeatureCollection", features }, {
    style: (feature) => ({
      ...outlineStyle(level, { filled: Boolean(onClick || tip) }),
      ...(special(feature) ? { dashArray: "4 3", color: token("map-special"), weight: 1.2 } : {}),
      ...style(feature.properties),
    }),
    onEachFeature(feature, shape) {
      if (onClick) shape.on("click", (event) => { L.DomEvent.stop(event); onClick(feature.properties, shape); });
      if (tip) shape.bindTooltip(() => tip(feature.properties), { sticky: true, className: "map-tip", direction: "top" });
    },
  }).addTo(map);
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
