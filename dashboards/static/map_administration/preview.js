// The map that a file would make, over the towns of today: what is new, what changes, what goes, and where the faults are.
import { el } from "/static/shared/dom.js";
import { get } from "/static/shared/api.js";
import { t } from "/static/shared/texts.js";
import { kindName } from "/static/map_administration/faults.js";
import { L, createMap, layer, outlines, token } from "/static/shared/map.js";

const CHANGES = ["kept", "recoded", "new", "changed", "retired"];
const FEW = 0.2;   // so small a part is gone to; else the whole county is shown
const NEAR = 17;

/** preview(job, {onFault(n, kind)}): the node with its legend, and show(fault) that goes there. */
export function preview(job, { onFault }) {
  const holder = el("div", { class: "preview", role: "img", "aria-label": t("imports.preview") });
  const legend = el("ul", { class: "preview-legend" });
  const node = el("div", {}, holder, legend);
  const places = new Map();
  let map = null;

  /** Leaflet needs a holder that has its size, so this begins when it is on the page. */
  async function draw() {
    map = createMap(holder, { keyboard: true });
    const [found, towns] = await Promise.all([get(`imports/${job.id}/preview.geojson`), layer("town").catch(() => null)]);
    const own = found.features.filter((feature) => feature.properties.what === "file" && feature.properties.level === "grid");
    const faults = found.features.filter((feature) => feature.properties.what === "fault").sort((a, b) => weight(a) - weight(b));
    const file = L.geoJSON({ type: "FeatureCollection", features: own }, { style: fileStyle, onEachFeature: (feature, shape) => shape.bindTooltip(() => tip(feature.properties), { sticky: true, className: "map-tip" }) }).addTo(map);
    if (towns) outlines(map, towns, { level: "town" });
    const marked = L.geoJSON({ type: "FeatureCollection", features: faults }, {
      style: faultStyle,
      pointToLayer: (feature, at) => L.circleMarker(at, { radius: 6, ...faultStyle(feature) }),
      onEachFeature(feature, shape) {
        places.set(feature.properties.n, shape);
        shape.on("click", (event) => { L.DomEvent.stop(event); onFault(feature.properties.n, feature.properties.kind); });
        shape.bindTooltip(() => faultTip(job, feature.properties), { sticky: true, className: "map-tip" });
      },
    }).addTo(map);
    const moved = file.getLayers().filter((shape) => (shape.feature.properties.change ?? "kept") !== "kept");
    for (const shape of moved) shape.bringToFront();
    const few = moved.length && moved.length < own.length * FEW ? [L.featureGroup(moved)] : [file];
    const everything = [...few, marked].filter((one) => one.getLayers().length).map((one) => one.getBounds());
    if (everything.length) map.fitBounds(everything.reduce((all, one) => all.extend(one), L.latLngBounds(everything[0])), { padding: [12, 12], animate: false });
    const there = CHANGES.filter((change) => own.some((feature) => (feature.properties.change ?? "kept") === change));
    legend.replaceChildren(...there.map((change) => swatch(change, t(job.result.ok ? `imports.change_${change}` : "imports.change_file"))),
      ...(faults.length ? [swatch("fault", t("imports.faults_here"))] : []));
  }

  function show(fault) {
    if (!map) return;
    const shape = places.get(fault.n);
    if (shape?.getBounds) map.fitBounds(shape.getBounds(), { maxZoom: NEAR, padding: [60, 60], animate: false });
    else map.setView([fault.lat, fault.lon], NEAR, { animate: false });
    shape?.openTooltip?.();
    holder.scrollIntoView({ block: "nearest" });
  }
  return { node, draw, show };
}

const swatch = (change, text) => el("li", { dataset: { swatch: change } }, el("i", { class: change === "retired" ? "dashed" : null, "aria-hidden": "true" }), text);

const COLOURS = { new: "in-time", recoded: "in-time", changed: "warn", retired: "suspended" };

function fileStyle({ properties: { change, kind } }) {
  const special = ["school", "enterprise"].includes(kind);
  if (!change || change === "kept") return { color: token(special ? "map-special" : "map-line-village"), weight: special ? 1 : 0.7, fill: true, fillOpacity: 0 };
  const colour = token(COLOURS[change]);
  return { color: colour, weight: change === "recoded" ? 0.8 : 1.6, fill: true, fillColor: colour, fillOpacity: { retired: 0.05, recoded: 0.08 }[change] ?? 0.22, dashArray: change === "retired" ? "5 4" : null };
}

/** What must be put right is drawn over what is only worth knowing. */
const weight = ({ properties }) => (properties.level === "note" ? 0 : properties.repaired ? 1 : 2);

const faultStyle = ({ properties }) => ({
  color: token(properties.level === "note" ? "suspended" : properties.repaired ? "done" : "overdue"), weight: properties.level === "note" ? 1.5 : 3,
  fill: true, fillOpacity: properties.level === "note" ? 0.08 : 0.35,
});

const tip = (said) => [said.name, said.code, said.row ? t("imports.row", { n: said.row }) : null, said.change && said.change !== "kept" ? t(`imports.change_${said.change}`) : null].filter(Boolean).join(" · ");

const faultTip = (job, said) => [kindName(job.result.faults.find((kind) => kind.kind === said.kind)), said.row ? t("imports.row", { n: said.row }) : null].filter(Boolean).join(" · ");
