// Small maps: where a ticket is, and where a caller says it is.
import { Labels } from "/static/shared/labels.js";
import { L, createMap, labelOf, layer, outlines, token } from "/static/shared/map.js";
import { part } from "/static/shared/layers.js";
import { ticketMark } from "/static/shared/ticket_marks.js";
import { zonesSwitch } from "/static/shared/zones_layer.js";

const TOWN_DIGITS = 9;

/** A map for one ticket after another: its place among the grids of its village. Returns {show(ticket)}. */
export function ticketMap(element) {
  const map = createMap(element, { scrollWheelZoom: false });
  zonesSwitch(map);
  let shown = null;
  let over = [];
  let grids = null;

  async function land(ticket) {
    const near = await part("full", ticket.region.village.code);
    if (shown !== ticket) return;
    grids?.remove();
    grids = outlines(map, near.grid, {
      level: "grid",
      detailed: true,
      tip: (one) => one.name,
      style: (one) =>
        one.code === ticket.region.grid.code
          ? { fillColor: token("accent-soft"), color: token("accent"), weight: 2 }
          : {},
    });
    over.forEach((one) => one.bringToFront());
  }

  return {
    show(ticket) {
      const same = shown?.number === ticket.number && shown.lon === ticket.lon && shown.lat === ticket.lat;
      shown = ticket;
      over.forEach((one) => one.remove());
      // The hatched square means suspended; a closed ticket is only a place.
      over = [ticketMark(ticket.closed_at ? { ...ticket, colour: "blue" } : ticket, { radius: 9 }).addTo(map)];
      if (ticket.accuracy_m) {
        over.unshift(
          L.circle([ticket.lat, ticket.lon], {
            radius: ticket.accuracy_m,
            color: token("accent"),
            weight: 1,
            fillOpacity: 0.1,
            interactive: false,
          }).addTo(map),
        );
      }
      // Whoever moved the map to look around is not pulled back by somebody else's action.
      if (!same) map.setView([ticket.lat, ticket.lon], 15, { animate: false });
      void land(ticket).catch(() => {}); // without outlines the point and the scale still stand
    },
  };
}

/** A map to point at. `chosen({lon, lat})` on each click. Shows the towns, and the grids once it is near. */
export function pickMap(element, { region, chosen }) {
  const map = createMap(element);
  let pin = null;
  let grids = null;
  let shown = null;
  map.on("click", (event) => put(event.latlng));
  function put(at) {
    pin?.remove();
    pin = L.circleMarker(at, {
      radius: 9,
      color: "#fff",
      weight: 3,
      fillColor: token("overdue"),
      fillOpacity: 1,
      interactive: false,
    }).addTo(map);
    chosen({ lon: at.lng, lat: at.lat });
  }
  void layer("town")
    .then((towns) => {
      const shapes = outlines(map, towns, { level: "town", tip: (one) => one.name });
      new Labels(map).set(shapes.getLayers().map((shape) => labelOf(shape, "town")));
      const own = towns.features.filter((one) => region.code.startsWith(one.properties.code.slice(0, TOWN_DIGITS)));
      map.fitBounds((own.length ? L.geoJSON(own) : shapes).getBounds(), { padding: [10, 10], animate: false });
    })
    .catch(() => {});
  return {
    /** Shows the grids of the village that the server named for the point. */
    async near(village, grid) {
      const near = await part("full", village.code);
      grids?.remove();
      grids = outlines(map, near.grid, {
        level: "grid",
        detailed: true,
        tip: (one) => one.name,
        style: (one) => ({
          color: token("map-line-town"),
          ...(one.code === grid.code ? { fillColor: token("accent-soft"), color: token("accent"), weight: 2 } : {}),
        }),
      });
      if (shown !== village.code) map.fitBounds(grids.getBounds(), { padding: [20, 20], maxZoom: 15, animate: false });
      shown = village.code;
      pin?.bringToFront();
    },
  };
}
