// The outlines of the county as the server draws them: all at once and coarse, or a piece in detail. Knows no map.

const LEVELS = ["county", "town", "village", "grid"];
// From these zooms the coarser lines would show: they are off by up to 20 m, and "near" by up to 4 m.
const NEAR_FROM = 12.5;
const FULL_FROM = 15.5;

let overview = null;
const parts = new Map();

/** The detail that a zoom shows: null (the overview), "near" or "full". */
export const detailAt = (zoom) => (zoom >= FULL_FROM ? "full" : zoom >= NEAR_FROM ? "near" : null);

/** The region whose part holds an outline of a level: a town with all in it when near, a village with its grids when full. */
export function partOf(detail, level, code) {
  if (level === "county" || (level === "town" && detail === "full")) return code;
  return detail === "near" ? `${code.slice(0, 9)}000` : code.slice(0, 12);
}

/** The GeoJSON of a level ("county", "town", "village", "grid"), fetched once for the page. */
export async function layer(level, options) {
  return (await all(options)).levels[level];
}

/** The same in detail for a part: {county, town, village, grid}, each a FeatureCollection of what the part holds. */
export async function part(detail, code, options) {
  // With the edition that the overview named the browser may keep the part for good.
  const edition = (await overview?.catch(() => null))?.edition;
  const address = `/api/v1/layers/${detail}/${code}.topojson${edition ? `?edition=${edition}` : ""}`;
  if (!parts.has(address)) {
    const wanted = fetched(address, options);
    wanted.catch(() => parts.delete(address));
    parts.set(address, wanted);
  }
  return (await parts.get(address)).levels;
}

function all(options) {
  overview ??= fetched("/api/v1/layers/overview.topojson", options);
  overview.catch(() => (overview = null));   // a failure is not remembered
  return overview;
}

async function fetched(address, { headers = {} } = {}) {
  const answer = await fetch(address, { credentials: "same-origin", headers });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  const topology = await answer.json();
  return { edition: topology.edition, levels: decoded(topology) };
}

/** TopoJSON as GeoJSON. Its lines are steps on a raster; a ring names them, ~n is line n backwards. */
export function decoded({ transform: { scale, translate }, arcs, objects }) {
  const lines = arcs.map((steps) => {
    let x = 0, y = 0;
    return steps.map(([dx, dy]) => [(x += dx) * scale[0] + translate[0], (y += dy) * scale[1] + translate[1]]);
  });
  const line = (n) => (n < 0 ? [...lines[~n]].reverse() : lines[n]);
  const ring = (numbers) => numbers.flatMap((n, i) => (i ? line(n).slice(1) : line(n)));
  const feature = ({ type, id, properties, arcs: rings }) => ({
    type: "Feature",
    properties: { code: id, ...properties },
    geometry: { type, coordinates: type === "Polygon" ? rings.map(ring) : rings.map((polygon) => polygon.map(ring)) },
  });
  return Object.fromEntries(LEVELS.map((level) => [
    level, { type: "FeatureCollection", features: (objects[level]?.geometries ?? []).filter(({ type }) => type).map(feature) },
  ]));
}
