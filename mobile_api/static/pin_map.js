// A small map with one pin. There are no tiles: the outlines of the grids are the map, so it works without network.

import * as L from "/vendor/leaflet/leaflet-src.esm.js";
import { baseMap } from "/static/shared/base_map.js";
import { el } from "./dom.js";
import { bearer, same_village } from "./regions.js";
import { t } from "./texts.js";

const COUNTY = { lon: 122.6, lat: 40.63 };

const OUTLINE = { color: "#7b8794", weight: 1, fillColor: "#e4ebf2", fillOpacity: 0.6, interactive: false };
const OWN = { color: "#2166ac", weight: 2, fillColor: "#d6e6f5", fillOpacity: 0.7, interactive: false };

const base_words = () => ({
  title: t("phone.base_map.title"),
  none: t("phone.base_map.none"),
  file: t("phone.base_map.file"),
  tianditu_vector: t("phone.base_map.tianditu_vector"),
  tianditu_imagery: t("phone.base_map.tianditu_imagery"),
  opacity: t("phone.base_map.opacity"),
  unreachable: t("phone.base_map.unreachable"),
});

/**
 * A map in `box`. `moved({lon, lat})` is called when a person puts the pin somewhere.
 * Returns {show(place), grids(collection, region), fit(), remove()}; a place is {lon, lat, accuracy_m}.
 */
export function pin_map(box, { moved = null, start = COUNTY, zoom = 15 } = {}) {
  const map = L.map(box, { zoomControl: false, attributionControl: false, zoomSnap: 0.5, maxZoom: 19 });
  map.setView([start.lat, start.lon], zoom);
  L.control.scale({ imperial: false }).addTo(map);
  const marker = L.marker([start.lat, start.lon], {
    draggable: Boolean(moved),
    keyboard: Boolean(moved),
    alt: t("phone.place.pin"),
    icon: L.divIcon({
      className: "pin",
      iconSize: [32, 44],
      iconAnchor: [16, 35],
      html: el("span", { class: "pin-shape" }),
    }),
  });
  const circle = L.circle([start.lat, start.lon], {
    radius: 1,
    color: "#2166ac",
    weight: 1,
    fillOpacity: 0.12,
    interactive: false,
  });
  if (moved) {
    const put = (where) => moved({ lon: where.lng, lat: where.lat });
    map.on("click", (event) => put(event.latlng));
    marker.on("dragend", () => put(marker.getLatLng()));
  }
  // Under a base map the land is clear; the own grid keeps a breath of its colour.
  let outlines = null;
  let region_code = null;
  const style_of = (feature, shown) => {
    const usual = feature.properties.code === region_code ? OWN : OUTLINE;
    return shown ? { ...usual, fillOpacity: usual === OWN ? 0.2 : 0 } : usual;
  };
  const clear = ({ shown }) => outlines?.setStyle((feature) => style_of(feature, shown));
  map.on("basemap", clear);
  void baseMap(map, { words: base_words(), headers: bearer, side: "left" });
  // The box gets its size only after it is in the page; what was in the middle stays there.
  let middle = map.getCenter();
  map.on("moveend", () => (middle = map.getCenter()));
  const watcher = new ResizeObserver(() => {
    const kept = middle;
    map.invalidateSize({ pan: false });
    map.setView(kept, map.getZoom(), { animate: false });
  });
  watcher.observe(box);
  // The name stands in the middle of its grid, where the pin of a report from there would lie on it; the words above
  // the map tell the grid anyway.
  let own = null;
  const uncover = () => {
    const covered = map.hasLayer(marker) && own?.getBounds().contains(marker.getLatLng());
    if (covered) own.closeTooltip();
    else own?.openTooltip();
  };
  return {
    show({ lon, lat, accuracy_m = null }, { centre = true } = {}) {
      marker.setLatLng([lat, lon]).addTo(map);
      uncover();
      if (accuracy_m) circle.setLatLng([lat, lon]).setRadius(accuracy_m).addTo(map);
      else circle.remove();
      if (centre) map.setView([lat, lon], Math.max(map.getZoom(), zoom), { animate: false });
    },
    grids(collection, region) {
      const names = { permanent: true, direction: "center", className: "grid-name", opacity: 1 };
      region_code = region.code;
      outlines = L.geoJSON(same_village(collection, region), {
        style: (feature) => style_of(feature, map.options.baseShown),
        onEachFeature: (feature, layer) => {
          if (feature.properties.code === region.code)
            own = layer.bindTooltip(el("span", {}, feature.properties.name), names);
        },
      }).addTo(map);
      outlines.bringToBack(); // the circle may be there already
      uncover();
    },
    look_at: ({ lon, lat }) => map.setView([lat, lon], zoom, { animate: false }),
    remove() {
      watcher.disconnect();
      map.remove();
    },
  };
}

/** Where the phone is: {lon, lat, accuracy_m}, WGS 84; `fresh`: not where it was ten seconds ago. Rejects with the browser's reason when it may not say. */
export function locate({ seconds = 20, fresh = false } = {}) {
  return new Promise((resolve, reject) => {
    if (!navigator.geolocation) {
      reject(new Error("no geolocation"));
      return;
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ lon: coords.longitude, lat: coords.latitude, accuracy_m: Math.round(coords.accuracy) }),
      reject,
      { enableHighAccuracy: true, timeout: seconds * 1000, maximumAge: fresh ? 0 : 10_000 },
    );
  });
}
