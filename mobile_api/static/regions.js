// Which grid is this? Asked of the server when there is a network, of the kept outlines when there is none.
// The answer is a help for the person; the server places every report itself.

import { part } from "/static/shared/layers.js";
import { call, Offline, Later } from "./api.js";
import * as store from "./store.js";

const TOWN_DIGITS = 9;
const VILLAGE_DIGITS = 12;
const KEPT_MS = 12 * 3600 * 1000;   // then the map is asked for again: borders change with its editions

/** How much of a code two grids share that are shown together: the village, or for a town's officer the town. */
const shared_digits = (region) => (["town", "county"].includes(region.level) ? TOWN_DIGITS : VILLAGE_DIGITS);

/** The grids of the worker's own town, kept on the phone, those of the own village in full detail: a FeatureCollection, or null. */
export async function own_grids(region) {
  const kept = await store.cached("grids");
  const town = region.code.slice(0, TOWN_DIGITS);
  const usable = kept?.data.town === town ? kept.data.grids : null;
  if (usable && Date.now() - kept.at < KEPT_MS) return usable;
  try {
    const options = { headers: await bearer() };
    const village = !["town", "county"].includes(region.level) ? region.code.slice(0, VILLAGE_DIGITS) : null;
    const [near, full] = await Promise.all([
      part("near", `${town}000`, options),
      village ? part("full", village, options) : null,
    ]);
    const sharp = new Map((full?.grid.features ?? []).map((one) => [one.properties.code, one]));
    const grids = { type: "FeatureCollection", features: near.grid.features.map((one) => sharp.get(one.properties.code) ?? one) };
    await store.keep("grids", { town, grids });
    return grids;
  } catch {
    return usable;
  }
}

/** What a request outside of `call` must carry. */
export async function bearer() {
  const token = (await store.get("session"))?.token;
  return token ? { Authorization: `Bearer ${token}` } : {};
}

export const same_village = (grids, region) =>
  grids.features.filter((one) => one.properties.code.startsWith(region.code.slice(0, shared_digits(region))));

/**
 * `loading`: the promise of the kept outlines.
 * Returns {grid: {code, name}, village, …} · {outside: problem} · null when nobody can say now.
 */
export async function place_name({ lon, lat, accuracy_m }, loading) {
  const circle = accuracy_m ? `&accuracy_m=${accuracy_m}` : "";
  try {
    const { data } = await call("GET", `/regions/at?lon=${lon}&lat=${lat}&datum=wgs84${circle}`, { seconds: 6 });
    return data;
  } catch (error) {
    if (error.problem?.status === 404) return { outside: error.problem };
    if (!(error instanceof Offline || error instanceof Later)) return null;
  }
  const grids = await loading;
  const found = grids ? containing(grids, lon, lat) : null;
  return found ? { grid: { code: found.properties.code, name: found.properties.name } } : null;
}

/** A special grid lies over the urban-rural one, so the smallest kind of holder is the last in the layer's order. */
function containing(grids, lon, lat) {
  const holding = grids.features.filter((one) => inside(one.geometry, lon, lat));
  return holding.find((one) => one.properties.kind && one.properties.kind !== "urban_rural") ?? holding[0] ?? null;
}

function inside(geometry, lon, lat) {
  const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
  return polygons.some(
    ([outer, ...holes]) => in_ring(outer, lon, lat) && !holes.some((hole) => in_ring(hole, lon, lat)),
  );
}

/** Counts the borders crossed on the way west: odd is inside. */
function in_ring(ring, lon, lat) {
  let odd = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [x1, y1] = ring[i];
    const [x2, y2] = ring[j];
    if (y1 > lat !== y2 > lat && lon < ((x2 - x1) * (lat - y1)) / (y2 - y1) + x1) odd = !odd;
  }
  return odd;
}

/** The middle of the worker's own grid, where the map starts when the phone may not say where it is. */
export function middle_of(grids, code) {
  const own = grids?.features.find((one) => one.properties.code === code);
  if (!own) return null;
  const ring = own.geometry.type === "Polygon" ? own.geometry.coordinates[0] : own.geometry.coordinates[0][0];
  const lons = ring.map(([lon]) => lon);
  const lats = ring.map(([, lat]) => lat);
  return { lon: (Math.min(...lons) + Math.max(...lons)) / 2, lat: (Math.min(...lats) + Math.max(...lats)) / 2 };
}
