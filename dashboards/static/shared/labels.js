// Names over the shapes of a map, none over another. What must be shown and has no room stands beside, with a line to its place.
import { el } from "/static/shared/dom.js";

const AROUND = 16;                        // directions tried for a name that stands beside its place
const AWAY = [24, 34, 46, 60, 76, 94];    // and how far, in pixels
const GAP = 3;
const DOT = 12;                           // kept free around the dot at a line's end

const apart = (a, b) => a[2] < b[0] || a[0] > b[2] || a[3] < b[1] || a[1] > b[3];

/** Whether a line from one point to another runs through a box. */
function crosses(from, to, box) {
  for (let step = 0; step <= 10; step++) {
    const x = from.x + ((to.x - from.x) * step) / 10;
    const y = from.y + ((to.y - from.y) * step) / 10;
    if (x > box[0] && x < box[2] && y > box[1] && y < box[3]) return true;
  }
  return false;
}

export class Labels {
  constructor(map) {
    this.map = map;
    this.items = [];
    this.pane = map.createPane("labels");
    this.pane.style.zIndex = 450;
    this.pane.style.pointerEvents = "none";
    map.on("zoomend moveend resize viewreset", () => this.place());
    map.on("zoomstart", () => { this.pane.style.visibility = "hidden"; });
  }

  /** items: [{at: LatLng, text, weight, brief, always}]: the heavier is placed first; `brief` is the name where room is short. */
  set(items) {
    this.items = [...items].sort((a, b) => (b.weight ?? 0) - (a.weight ?? 0)).map((item) => ({ ...item, node: el("span", { class: "map-label" }), sizes: {} }));
    this.lines = el("div", {});
    this.pane.replaceChildren(this.lines, ...this.items.map((item) => item.node));
    this.place();
  }

  /** Whole names if all have room; else the brief ones, all of them, and beside their places those that still have none. */
  place() {
    this.pane.style.visibility = "";
    if (!this.items.length) return;
    const whole = this.arrange((item) => item.text);
    const spots = whole.left.some((item) => item.brief) ? this.arrange((item) => item.brief ?? item.text) : whole;
    this.lines.replaceChildren();
    const beside = spots.left.filter((item) => item.always && this.besides(item, spots));
    for (const item of this.items) item.node.hidden = !spots.placed.has(item);
    for (const [item, { x, y }] of spots.placed) {
      const corner = this.map.containerPointToLayerPoint([x, y]);
      item.node.style.left = `${corner.x}px`;
      item.node.style.top = `${corner.y}px`;
    }
    for (const item of beside) this.line(item, spots.placed.get(item));
  }

  /** Puts each name on its place unless another stands there: {placed, left, taken}. */
  arrange(nameOf) {
    const spots = { placed: new Map(), left: [], taken: [], nameOf };
    for (const item of this.items) {
      const at = this.map.latLngToContainerPoint(item.at);
      if (!this.take(item, at, spots) && this.inView(at)) spots.left.push(item);
    }
    return spots;
  }

  take(item, at, spots) {
    const { width, height } = this.size(item, spots.nameOf(item));
    const box = [at.x - width / 2 - GAP, at.y - height / 2 - 1, at.x + width / 2 + GAP, at.y + height / 2 + 1];
    const size = this.map.getSize();
    const inside = box[0] > 0 && box[1] > 0 && box[2] < size.x && box[3] < size.y;
    if (!inside || !spots.taken.every((other) => apart(box, other))) return false;
    spots.taken.push(box);
    spots.placed.set(item, { x: at.x, y: at.y, box });
    return true;
  }

  /** Puts a name beside its place, its line clear of other names if that can be had. */
  besides(item, spots) {
    return this.around(item, spots, (at, to) => spots.taken.some((box) => crosses(at, to, box))) || this.around(item, spots, () => false);
  }

  around(item, spots, blocked) {
    const at = this.map.latLngToContainerPoint(item.at);
    const { width, height } = this.size(item, spots.nameOf(item));
    const others = spots.left.filter((other) => other !== item && other.always).map((other) => this.map.latLngToContainerPoint(other.at));
    // Close to another one's dot the name would be read as that one's.
    const mistaken = (to) => others.some((dot) => Math.abs(to.x - dot.x) < width / 2 + DOT && Math.abs(to.y - dot.y) < height / 2 + DOT);
    for (const away of AWAY) {
      for (let turn = 0; turn < AROUND; turn++) {
        const angle = (turn / AROUND) * 2 * Math.PI;
        const to = { x: at.x + Math.cos(angle) * away * 1.4, y: at.y + Math.sin(angle) * away };
        if (!mistaken(to) && !blocked(at, to) && this.take(item, to, spots)) return true;
      }
    }
    return false;
  }

  /** The line from a name beside to its place, up to the name's edge. */
  line(item, { x, y, box }) {
    const at = this.map.latLngToContainerPoint(item.at);
    const [dx, dy] = [x - at.x, y - at.y];
    const reach = Math.min(1, 1 - Math.min((box[2] - box[0]) / 2 / Math.abs(dx || 1), (box[3] - box[1]) / 2 / Math.abs(dy || 1)));
    const start = this.map.containerPointToLayerPoint(at);
    const style = `left:${start.x}px;top:${start.y}px;width:${Math.max(0, Math.hypot(dx, dy) * reach)}px;transform:rotate(${Math.atan2(dy, dx)}rad)`;
    this.lines.append(el("i", { class: "map-label-line", style }));
  }

  /** Measured once a text; whoever measures anew on each move makes the map jerk. */
  size(item, text) {
    if (item.node.textContent !== text) item.node.textContent = text;
    if (!item.sizes[text]) {
      item.node.hidden = false;
      item.sizes[text] = { width: item.node.offsetWidth || text.length * 14, height: item.node.offsetHeight || 18 };
    }
    return item.sizes[text];
  }

  inView(at) {
    const size = this.map.getSize();
    return at.x > 0 && at.y > 0 && at.x < size.x && at.y < size.y;
  }
}
