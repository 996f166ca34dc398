// Small maps: where a ticket is, and where a caller says it is.
import { L, createMap, layer, outlines, token } from "/static/shared/map.js";
import { ticketMark } from "/static/shared/ticket_marks.js";

const VILLAGE_DIGITS = 12;
const TOWN_DIGITS = 9;

const around = (code, digits) => (properties) => properties.code.startsWith(code.slice(0, digits));

/** A ticket's place among the grids of its village. Returns {show(ticket), remove()}. */
export function ticketMap(element, ticket) {
  const map = createMap(element, { scrollWheelZoom: false });
  map.setView([ticket.lat, ticket.lon], 15);
  let mark = ticketMark(ticket, { radius: 9 }).addTo(map);
  const circle = ticket.accuracy_m ? L.circle([ticket.lat, ticket.lon], {
    radius: ticket.accuracy_m, color: token("accent"), weight: 1, fillOpacity: 0.1, interactive: false }).addTo(map) : null;
  void layer("grid").then((grids) => {
    if (!element.isConnected) return;
    outlines(map, grids, {
      level: "grid", filter: around(ticket.region.village.code, VILLAGE_DIGITS), tip: (one) => one.name,
      style: (one) => (one.code === ticket.region.grid.code ? { fillColor: token("accent-soft"), color: token("accent"), weight: 2 } : {}),
    });
    circle?.bringToFront();
    mark.bringToFront();
  }).catch(() => {});   // without outlines the point and the scale still stand
  return {
    show(next) {
      mark.remove();
      mark = ticketMark(next, { radius: 9 }).addTo(map);
    },
    remove: () => map.remove(),
  };
}

/** A map to point at. `chosen({lon, lat})` on each click. Shows the towns, and the grids once it is near. */
export function pickMap(element, { region, chosen }) {
  const map = createMap(element);
  let pin = null;
  let grids = null;
  let near_town = null;
  map.on("click", (event) => put(event.latlng));
  function put(at) {
    pin?.remove();
    pin = L.circleMarker(at, { radius: 9, color: "#fff", weight: 3, fillColor: token("overdue"), fillOpacity: 1, interactive: false }).addTo(map);
    chosen({ lon: at.lng, lat: at.lat });
  }
  void layer("town").then((towns) => {
    const shapes = outlines(map, towns, { level: "town", tip: (one) => one.name });
    const own = towns.features.filter((one) => region.code.startsWith(one.properties.code.slice(0, TOWN_DIGITS)));
    map.fitBounds((own.length ? L.geoJSON(own) : shapes).getBounds(), { padding: [10, 10], animate: false });
  }).catch(() => {});
  return {
    /** Shows the grids of the village that the server named for the point. */
    async village(code) {
      if (near_town === code) return;
      near_town = code;
      const all = await layer("grid");
      grids?.remove();
      grids = outlines(map, all, { level: "grid", filter: around(code, VILLAGE_DIGITS), tip: (one) => one.name });
      map.fitBounds(grids.getBounds(), { padding: [20, 20], maxZoom: 15, animate: false });
      pin?.bringToFront();
    },
    remove: () => map.remove(),
  };
}
