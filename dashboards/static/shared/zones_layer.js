// The rule zones as an overlay of a map: a switch in its corner, off until somebody wants it.
import { L } from "/static/shared/map.js";
import { el } from "/static/shared/dom.js";
import { nameOf, t } from "/static/shared/texts.js";

const COLOUR = "#b2182b";
const KEPT = "zones-shown";

/** Adds the switch; the outlines are fetched when it is first used, and the choice is kept on this computer. */
export function zonesSwitch(map) {
  const shown = L.geoJSON(null, {
    style: ({ properties }) => ({
      renderer, color: COLOUR, weight: 2, fillOpacity: properties.in_season ? 0.07 : 0, dashArray: properties.in_season ? null : "5 4",
    }),
    onEachFeature: ({ properties }, shape) => shape.bindTooltip(nameOf(properties), { sticky: true, className: "map-tip" }),
  });
  const renderer = L.svg({ padding: 0.5 });
  let loaded = false;
  const box = el("input", { type: "checkbox", id: "zones-switch", onchange: () => { void set(box.checked); } });
  const control = L.control({ position: "topleft" });
  control.onAdd = () => {
    const label = el("label", { class: "map-switch", for: "zones-switch" }, box, el("span", {}, t("desk.zones_layer")));
    L.DomEvent.disableClickPropagation(label);
    return label;
  };
  control.addTo(map);

  async function set(on) {
    localStorage.setItem(KEPT, on ? "1" : "");
    if (!on) { shown.remove(); return; }
    try {
      if (!loaded) {
        const answer = await fetch("/api/v1/zones.geojson", { credentials: "same-origin" });
        if (!answer.ok) throw new Error(String(answer.status));
        shown.addData(await answer.json());
        loaded = true;
      }
      if (box.checked) shown.addTo(map);
    } catch {
      box.checked = false;   // the map is whole without them
    }
  }
  if (localStorage.getItem(KEPT)) {
    box.checked = true;
    void set(true);
  }
}
