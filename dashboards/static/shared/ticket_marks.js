// Tickets on the map's canvas: circle in time, triangle at 80 %, diamond overdue, hatched square suspended.
import { L, reducedMotion, token } from "/static/shared/map.js";

const SHAPES = {
  blue: (c, x, y, r) => c.arc(x, y, r, 0, Math.PI * 2),
  yellow: (c, x, y, r) => { c.moveTo(x, y - r * 1.25); c.lineTo(x + r * 1.2, y + r * 0.9); c.lineTo(x - r * 1.2, y + r * 0.9); },
  red: (c, x, y, r) => { c.moveTo(x, y - r * 1.4); c.lineTo(x + r * 1.4, y); c.lineTo(x, y + r * 1.4); c.lineTo(x - r * 1.4, y); },
  grey: (c, x, y, r) => c.rect(x - r, y - r, r * 2, r * 2),
};

export const COLOURS = () => ({ blue: token("in-time"), yellow: token("warn"), red: token("overdue"), grey: token("suspended") });
const SUPERVISION = { red: "supervised-red", yellow: "supervised-yellow", blue: "supervised-blue" };

L.Canvas.include({
  _drawTicket(layer) {
    if (!this._drawing || layer._empty()) return;
    const { colour, fillColor, edge, supervised, dim } = layer.options;
    const context = this._ctx;
    const { x, y } = layer._point;
    const r = Math.max(Math.round(layer._radius), 1);
    context.beginPath();
    (SHAPES[colour] ?? SHAPES.blue)(context, x, y, r);
    context.closePath();
    context.globalAlpha = dim ? 0.3 : 1;
    context.fillStyle = fillColor;
    context.fill();
    context.lineJoin = "round";
    context.setLineDash([]);   // an outline drawn before may have been dashed
    context.lineWidth = 1.2;
    context.strokeStyle = edge;
    context.stroke();
    if (!supervised || dim) return;
    context.beginPath();
    context.arc(x, y, r * 1.3 + 2.5, 0, Math.PI * 2);
    context.lineWidth = 1.6;
    context.strokeStyle = token(SUPERVISION[supervised] ?? SUPERVISION.red);
    context.stroke();
  },
});

const Mark = L.CircleMarker.extend({
  // The outline of supervision reaches beyond the radius: the part of the canvas to redraw must hold it.
  _updateBounds() {
    const reach = this._radius * 1.6 + 6;
    this._pxBounds = new L.Bounds(this._point.subtract([reach, reach]), this._point.add([reach, reach]));
  },
  _updatePath() { this._renderer._drawTicket(this); },
});

const look = (ticket) => ({
  colour: ticket.colour, fillColor: COLOURS()[ticket.colour] ?? token("in-time"), edge: token("map-ground"),
  supervised: ticket.supervision?.colour ?? null,
});

/** One ticket's mark; `radius` in px. */
export function ticketMark(ticket, { radius = 5 } = {}) {
  return new Mark([ticket.lat, ticket.lon], { radius, bubblingMouseEvents: false, ...look(ticket) });
}

export function redraw(marker, ticket) {
  Object.assign(marker.options, look(ticket));
  const at = marker.getLatLng();
  if (at.lat !== ticket.lat || at.lng !== ticket.lon) marker.setLatLng([ticket.lat, ticket.lon]);
  else marker.redraw();
}

/** Two seconds of movement where something happened; none with reduced motion. */
export function pulse(map, ticket, colour = ticket.colour) {
  if (reducedMotion()) return;
  const ring = L.marker([ticket.lat, ticket.lon], {
    icon: L.divIcon({ className: `pulse ${colour}`, iconSize: [1, 1] }), interactive: false, keyboard: false,
  }).addTo(map);
  setTimeout(() => ring.remove(), 2000);
}
