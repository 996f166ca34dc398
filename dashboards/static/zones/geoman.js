// Leaflet-Geoman over our Leaflet module: it looks for a global `L` that it may add to, which a module is not.
import { L } from "/static/shared/map.js";

let loading = null;

/** Loads it once; a map made before is given its drawing tools, too. Resolves with the map. */
export function withDrawing(map, language) {
  loading ??= new Promise((resolve, reject) => {
    window.L = { ...L };
    const script = document.createElement("script");
    script.src = "/vendor/geoman/leaflet-geoman.js";
    script.onload = resolve;
    script.onerror = () => reject(new Error("leaflet-geoman"));
    document.head.append(script);
  });
  return loading.then(() => {
    if (!map.pm) window.L.PM.reInitLayer(map);
    map.pm.setLang(language === "en" ? "en" : "zh");
    map.pm.setGlobalOptions({ snapDistance: 12, allowSelfIntersection: false, continueDrawing: false });
    return map;
  });
}
