// The wall's map: outlines down to grids, open tickets as marks. It moves only when somebody asks for it.
import { Labels } from "/static/shared/labels.js";
import { L, createMap, labelOf, layer, outlines, token } from "/static/shared/map.js";
import { pulse, redraw, ticketMark } from "/static/shared/ticket_marks.js";
import { LEVELS } from "/static/wall/store.js";
import { count, nameOf, t } from "/static/shared/texts.js";

const LINES_FROM = { village: 11.5, grid: 13.75 };   // zooms from which the finer borders are drawn without drilling
const MOST_PULSES = 12;   // in a storm of events the map stays a map
const DRAWN_ON_TOP = ["grey", "blue", "yellow", "red"];

export class MapView {
  constructor(element, store, { onDrill, onFault }) {
    this.store = store;
    this.onDrill = onDrill;
    this.onFault = onFault;
    this.map = createMap(element, { zoomSnap: 0.1 });
    this.labels = new Labels(this.map);
    this.marks = new Map();
    this.groups = [];
    this.fine = {};
    this.pulsing = 0;
    this.map.on("zoomend", () => { this.resize(); this.finer(); });
    store.on("ticket", (ticket) => this.show(ticket));
    store.on("gone", (number) => this.hide(number));
    store.on("select", (number) => this.point(number));
  }

  radius() {
    const zoom = this.map.getZoom();
    const screen = Math.max(1, parseFloat(getComputedStyle(document.documentElement).fontSize) / 16);   // a 4K wall hangs farther away
    return screen * (zoom < 10.5 ? 5 : zoom < 12 ? 6 : zoom < 14 ? 7.5 : 9);
  }

  resize() {
    const radius = this.radius();
    if (radius === this.drawn) return;
    this.drawn = radius;
    for (const mark of this.marks.values()) mark.setRadius(radius);
  }

  show(ticket) {
    if (typeof ticket.lon !== "number" || typeof ticket.lat !== "number") return;
    const known = this.marks.get(ticket.number);
    if (known) {
      redraw(known, ticket);
      if (ticket.colour !== "blue") known.bringToFront();
      return;
    }
    const mark = ticketMark(ticket, { radius: this.radius() });
    mark.options.dim = !this.store.inScope(ticket);
    mark.on("click", () => this.store.select(ticket.number));
    mark.bindTooltip(() => this.tip(ticket.number), { className: "map-tip", direction: "top" });
    mark.addTo(this.map);
    this.marks.set(ticket.number, mark);
  }

  tip(number) {
    const ticket = this.store.tickets.get(number);
    const line = document.createElement("span");
    line.textContent = ticket ? `${number} · ${nameOf(ticket.category)} · ${t(`node.${ticket.node}`)}` : number;
    return line;
  }

  hide(number) {
    this.marks.get(number)?.remove();
    this.marks.delete(number);
  }

  pulse(ticket, colour) {
    if (typeof ticket.lon !== "number" || !this.store.inScope(ticket) || this.pulsing >= MOST_PULSES) return;
    this.pulsing += 1;
    setTimeout(() => { this.pulsing -= 1; }, 2000);
    pulse(this.map, ticket, colour);
  }

  point(number) {
    this.pointer?.remove();
    const ticket = number && this.store.tickets.get(number);
    if (!ticket) return;
    this.pointer = L.circleMarker([ticket.lat, ticket.lon], { radius: 18, fill: false, weight: 3, color: token("focus"), interactive: false }).addTo(this.map);
    if (!this.map.getBounds().pad(-0.05).contains(this.pointer.getLatLng())) this.map.panTo(this.pointer.getLatLng());
  }

  /** Draws the regions of the scope and its surroundings; `path` is from the county down to the scope. */
  async draw(path) {
    const turn = (this.turn = (this.turn ?? 0) + 1);
    const scope = path[path.length - 1];
    const codes = Object.fromEntries(path.map((region) => [region.level, region.code]));
    const wanted = ["county", "town", ...(codes.town ? ["village"] : []), ...(codes.village ? ["grid"] : [])];
    const loaded = Object.fromEntries(await Promise.all(wanted.map(async (level) => [level, await layer(level)])));
    if (turn !== this.turn) return;

    for (const group of this.groups) group.remove();
    this.groups = [];
    const add = (level, options) => { const group = outlines(this.map, loaded[level], { level, ...options }); this.groups.push(group); return group; };
    // Around the region looked at the land sinks back, and so do the tickets on it.
    const dim = codes.town ? { fillColor: token("map-ground"), fillOpacity: 0.65 } : {};
    for (const [number, mark] of this.marks) mark.options.dim = !this.store.inScope(this.store.tickets.get(number));
    add("county", { style: () => ({ fill: true, fillColor: token("map-land") }) });
    let focus = add("town", { ...this.clickable("town"), style: (p) => (p.code === codes.town ? {} : dim) });
    if (codes.town) focus = add("village", { ...this.clickable("village"), filter: (p) => p.parent === codes.town, style: (p) => (codes.village && p.code !== codes.village ? dim : {}) });
    if (codes.village) {
      focus = add("grid", {
        ...this.clickable("grid"), filter: (p) => p.parent === codes.village,
        style: (p) => (p.code === codes.grid ? { fillColor: token("map-land-hover"), weight: 2.5, color: token("focus") } : {}),
      });
    }
    this.groups.push(outlines(this.map, loaded.county, { level: "county" }));   // the border once more, over the towns'
    if (codes.town) this.groups.push(outlines(this.map, loaded[scope.level], { level: "county", filter: (p) => p.code === scope.code }));
    this.label(focus, codes);
    this.raise();
    const target = this.shapeOf(scope, focus);
    if (this.at !== scope.code) this.map.fitBounds(target.getBounds(), { paddingTopLeft: [18, 18], paddingBottomRight: [18, 46], animate: this.at !== undefined });
    this.at = scope.code;
    this.finer();
  }

  clickable(level) {
    return {
      onClick: (p) => this.onDrill({ code: p.code, name: p.name, level, parent: p.parent }),
      tip: (p) => {
        const here = { open: 0, overdue: 0 };
        for (const ticket of this.store.tickets.values()) {
          if (ticket.region[level]?.code !== p.code) continue;
          here.open += 1;
          if (ticket.colour === "red") here.overdue += 1;
        }
        const node = document.createElement("span");
        const kind = level === "grid" && p.kind ? ` · ${t(`kind.${p.kind}`)}` : "";
        node.textContent = `${p.name}${kind} · ${t("wall.tip", { open: count(here.open), overdue: count(here.overdue) })}`;
        return node;
      },
    };
  }

  shapeOf(scope, focus) {
    if (scope.level === "county") return this.groups[0];
    for (const group of this.groups) {
      const found = group.getLayers().find((shape) => shape.feature.properties.code === scope.code);
      if (found) return found;
    }
    return focus;
  }

  label(focus, codes) {
    const level = codes.village ? "grid" : codes.town ? "village" : "town";
    this.labels.set(focus.getLayers().map((shape) => labelOf(shape, level)));
  }

  /** Marks lie over outlines on the one canvas, the urgent ones on top. */
  raise() {
    const byColour = new Map(DRAWN_ON_TOP.map((colour) => [colour, []]));
    for (const [number, mark] of this.marks) byColour.get(this.store.tickets.get(number)?.colour)?.push(mark);
    for (const colour of DRAWN_ON_TOP) for (const mark of byColour.get(colour)) mark.bringToFront();
  }

  /** Finer borders appear with the zoom, without a drill. */
  async finer() {
    for (const [level, zoom] of Object.entries(LINES_FROM)) {
      const near = this.map.getZoom() >= zoom;
      if (!near && this.fine[level]) { this.fine[level].remove(); delete this.fine[level]; }
      if (!near || this.fine[level] || this.loadingFine === level) continue;
      this.loadingFine = level;
      try {
        const collection = await layer(level);
        this.fine[level] = outlines(this.map, collection, { level, style: () => ({ fill: false, interactive: false, opacity: 0.8 }) });
        this.raise();
      } catch (error) {
        this.onFault(error);
      }
      this.loadingFine = null;
    }
  }
}

/** The path from the county down to a region, by the parents written in the layers. */
export async function pathTo(region) {
  const path = [region];
  while (path[0].level !== "county") {
    const level = LEVELS[LEVELS.indexOf(path[0].level) - 1];
    const own = (await layer(path[0].level)).features.find((feature) => feature.properties.code === path[0].code);
    const parent = path[0].parent ?? own?.properties.parent;
    const found = (await layer(level)).features.find((feature) => feature.properties.code === parent) ?? (level === "county" ? (await layer(level)).features[0] : null);
    if (!found) break;
    path.unshift({ code: found.properties.code, name: found.properties.name, level, parent: found.properties.parent });
  }
  return path;
}
