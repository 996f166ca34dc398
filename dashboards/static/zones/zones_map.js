// The zones on the map: what is stored, what is being drawn, and what a try-out found.
import { Labels } from "/static/shared/labels.js";
import { L, createMap, labelOf, layer, outlines, token } from "/static/shared/map.js";
import { language, nameOf, t } from "/static/shared/texts.js";
import { withDrawing } from "/static/zones/geoman.js";
import { COLOURS } from "/static/zones/words.js";

const MOST_STEPS = 50;

/**
 * zonesMap(element, {onPick(code), onTicket(number)}) → {show(zones, chosen), look(zone), draw({geometry, kind, changed}), …}.
 */
export function zonesMap(element, { onPick, onTicket }) {
  const map = createMap(element);
  const svg = L.svg({ padding: 0.5 });
  const stored = L.featureGroup().addTo(map);
  const around = L.featureGroup().addTo(map);
  const drawn = L.featureGroup().addTo(map);
  const found = L.featureGroup().addTo(map);
  let session = null;   // while something is drawn: {kind, changed, steps}
  let fitted = false;

  void layer("town").then((towns) => {
    const shapes = outlines(map, towns, { level: "town", detailed: true, style: () => ({ snapIgnore: true }) });
    shapes.bringToBack();
    new Labels(map).set(shapes.getLayers().map((shape) => labelOf(shape, "town")));
    if (!fitted) map.fitBounds(shapes.getBounds(), { padding: [10, 10], animate: false });
  }).catch(() => {});

  const look = (kind, more = {}) => ({ renderer: svg, color: COLOURS[kind] ?? COLOURS.other, weight: 2, fillOpacity: 0.25, snapIgnore: true, ...more });

  /** Draws all stored zones: those out of season thin and dashed, the chosen one strong. */
  function show(zones, chosen) {
    stored.clearLayers();
    for (const zone of zones) {
      if (["retired", "ended"].includes(zone.state) && zone.code !== chosen) continue;
      if (session && zone.code === chosen) continue;
      const live = zone.state === "in_season";
      const strong = zone.code === chosen;
      const shape = L.geoJSON(zone.reach, {
        style: look(zone.kind, { fillOpacity: strong ? 0.3 : live ? 0.18 : 0.06, weight: strong ? 3 : 1.5, dashArray: live ? null : "5 4", bubblingMouseEvents: false }),
        interactive: !session,   // while something is drawn, a click is a point of it
      });
      if (!session) shape.bindTooltip(nameOf(zone), { sticky: true, className: "map-tip" });
      shape.on("click", (event) => { L.DomEvent.stop(event); onPick(zone.code); });
      stored.addLayer(shape);
      if (zone.buffer_m && strong) {
        stored.addLayer(L.geoJSON(zone.geometry, { style: look(zone.kind, { fill: false, weight: 1.5 }), interactive: false }));
      }
    }
  }

  function zoomTo(bounds) {
    if (!bounds?.isValid()) return;
    fitted = true;
    map.fitBounds(bounds, { padding: [30, 30], maxZoom: 15, animate: false });
  }

  /** What is drawn as one GeoJSON geometry; null when nothing is; "mixed" when areas and lines are. */
  function geometry() {
    const parts = drawn.getLayers().map((shape) => shape.toGeoJSON(6).geometry);
    if (!parts.length) return null;
    const areas = parts.filter((one) => one.type.endsWith("Polygon"));
    if (areas.length && areas.length !== parts.length) return "mixed";
    const name = areas.length ? "Polygon" : "LineString";
    const all = parts.flatMap((one) => (one.type.startsWith("Multi") ? one.coordinates : [one.coordinates]));
    return all.length === 1 ? { type: name, coordinates: all[0] } : { type: `Multi${name}`, coordinates: all };
  }

  function put(content) {
    drawn.clearLayers();
    if (!content) return;
    const single = content.type.startsWith("Multi")
      ? content.coordinates.map((coordinates) => ({ type: content.type.slice(5), coordinates }))
      : [content];
    for (const one of single) L.geoJSON(one, { style: look(session.kind, { fillOpacity: 0.12 }) }).eachLayer(adopt);
  }

  function adopt(shape) {
    shape.setStyle?.(look(session.kind, { fillOpacity: 0.12 }));
    drawn.addLayer(shape);
    shape.on("pm:edit pm:dragend pm:vertexremoved pm:cut", remember);
    return shape;
  }

  /** Keeps what is drawn as a step that can be undone, and tells. */
  function remember() {
    const now = JSON.stringify(geometry());
    if (session.steps.at(-1) === now) return;
    session.steps = [...session.steps, now].slice(-MOST_STEPS);
    session.changed(geometry(), session.steps.length > 1);
  }

  map.on("pm:create", ({ layer: shape }) => {
    shape.remove();
    if (!session) return;
    adopt(shape);
    remember();
    session.mode("none");
  });
  map.on("pm:drawstart", () => session?.mode(map.pm.Draw.getActiveShape()));
  map.on("pm:drawend", () => session?.mode("none"));

  return {
    map,
    show,
    look: (zone) => zoomTo(L.geoJSON(zone.reach).getBounds()),

    /** Begins to draw: `changed(geometry, undoable)` hears of each step; `mode(name)` of what the mouse does. */
    async draw({ geometry: content, kind, changed, mode }) {
      session = { kind, changed, mode, steps: [] };
      await withDrawing(map, language);
      put(content);
      session.steps = [JSON.stringify(geometry())];
      changed(geometry(), false);
      if (content) zoomTo(drawn.getBounds());
    },
    /** "Polygon", "Line", "Rectangle", "edit", "remove", or "none". */
    use(what) {
      map.pm.disableDraw();
      drawn.eachLayer((shape) => shape.pm?.disable());
      map.pm.disableGlobalRemovalMode();
      if (what === "edit") drawn.eachLayer((shape) => shape.pm.enable({ allowSelfIntersection: false, snappable: true }));
      else if (what !== "none") {
        map.pm.enableDraw(what, { templineStyle: { color: COLOURS[session.kind] }, hintlineStyle: { color: COLOURS[session.kind], dashArray: "5 5" }, pathOptions: look(session.kind), ...(what === "Line" ? { finishOn: "dblclick" } : {}) });
      }
      session.mode(what);
    },
    undo() {
      const active = map.pm.Draw.getActiveShape?.();
      const pen = active && map.pm.Draw[active];
      if (map.pm.globalDrawModeEnabled() && pen?._removeLastVertex && pen._layer?.getLatLngs().length) { pen._removeLastVertex(); return; }
      if (session.steps.length < 2) return;
      session.steps.pop();
      put(JSON.parse(session.steps.at(-1)));
      session.changed(geometry(), session.steps.length > 1);
    },
    clear() {
      this.use("none");
      put(null);
      remember();
    },
    replace(content) {
      this.use("none");
      put(content);
      remember();
      zoomTo(drawn.getBounds());
    },
    recolour(kind) {
      if (!session) return;
      session.kind = kind;
      drawn.eachLayer((shape) => shape.setStyle(look(kind, { fillOpacity: 0.12 })));
    },
    end() {
      if (!session) return;
      if (map.pm) { map.pm.disableDraw(); drawn.eachLayer((shape) => shape.pm?.disable()); }
      session = null;
      drawn.clearLayers();
      around.clearLayers();
    },
    /** The metres around what is drawn. */
    reach(content, kind) {
      around.clearLayers();
      if (content) around.addLayer(L.geoJSON(content, { style: look(kind, { weight: 1, dashArray: "3 4", fillOpacity: 0.1 }), interactive: false }));
    },
    /** Where the tickets are that a try-out found; red: late under the rule. */
    tickets(items) {
      found.clearLayers();
      for (const one of items) {
        const late = one.late_after && !one.late_before;
        const dot = L.circleMarker([one.lat, one.lon], {
          renderer: svg, radius: late ? 7 : 5, color: token("map-ground"), weight: 1.5, fillColor: token(late ? "overdue" : "in-time"), fillOpacity: 1, bubblingMouseEvents: false,
        });
        dot.bindTooltip(`${one.number} ${nameOf(one.category)}${late ? ` · ${t("zones.would_be_late")}` : ""}`, { className: "map-tip" });
        dot.on("click", () => onTicket(one.number));
        found.addLayer(dot);
      }
      if (items.length) zoomTo(found.getBounds().pad(0.2));
    },
  };
}
