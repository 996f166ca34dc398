// The optional base map under the outlines: the operator's PMTiles file or Tianditu, chosen on the map, kept in the browser.
// Nothing is asked for but the list of what the operator set; without it a map stands by itself.
import * as L from "/vendor/leaflet/leaflet-src.esm.js";

const KEPT = "base-map";
const LIST = "/base-map/layers.json";
const OPACITY = 70;                      // percent, until somebody moves the slider
const SOFTENED = 0.5;                    // an opaque fill over a base map
const loading = new Map();

/** What stands under the map: `{shown: true}` is fired as "basemap" whenever that changes. */
export async function baseMap(map, { words, dark = false, headers = async () => ({}), side = "right" }) {
  let gone = false;
  map.on("unload", () => { gone = true; });
  const offered = await offeredLayers(headers).catch(() => []);
  if (!offered.length || gone) return;
  const pane = map.createPane("base");
  pane.style.zIndex = 150;
  pane.style.pointerEvents = "none";
  const state = remembered(offered);
  let layers = [];
  const control = choice(offered, state, words, { choose, opacity, side });

  function choose(id) {
    const wanted = offered.find((one) => one.id === id);
    state.id = wanted?.id ?? "";
    keep(state);
    for (const layer of layers) layer.remove();
    layers = [];
    control.say("", wanted?.attribution ?? "");
    map.options.baseShown = Boolean(wanted);
    map.fire("basemap", { shown: Boolean(wanted) });
    if (wanted) void draw(wanted);
  }

  async function draw(wanted) {
    try {
      const made = await drawn(wanted, { dark, headers });
      if (state.id !== wanted.id) return;
      layers = made;
      for (const layer of layers) {
        layer.on("tileerror", () => control.say(words.unreachable, wanted.attribution));
        layer.on("tileload", () => control.say("", wanted.attribution));
        layer.addTo(map);
      }
    } catch (error) {
      console.error(error);
      control.say(words.unreachable, wanted.attribution);
    }
  }

  function opacity(percent) {
    state.opacity = percent;
    keep(state);
    pane.style.opacity = percent / 100;
  }

  control.bar.addTo(map);
  control.credit.addTo(map);
  opacity(state.opacity);
  choose(state.id);
}

/** How opaque a fill may be: one that hides the base map lets it through, the land itself altogether. */
export function seeThrough(own, { shown, land }) {
  if (!shown) return own;
  return land ? 0 : Math.min(own, SOFTENED);
}

async function offeredLayers(headers) {
  const answer = await fetch(LIST, { credentials: "same-origin", headers: await headers() });
  return answer.ok ? (await answer.json()).items : [];
}

function remembered(offered) {
  let kept = {};
  try {
    kept = JSON.parse(window.localStorage.getItem(KEPT) ?? "{}");
  } catch {
    // what cannot be read is as good as nothing
  }
  const known = kept.id === "" || offered.some((one) => one.id === kept.id);
  return { id: known ? kept.id : offered[0].id, opacity: Number.isFinite(kept.opacity) ? kept.opacity : OPACITY };
}

function keep(state) {
  try {
    window.localStorage.setItem(KEPT, JSON.stringify(state));
  } catch {
    // a browser that keeps nothing asks again next time
  }
}

async function drawn(layer, { dark, headers }) {
  const area = layer.bounds ? [[layer.bounds[1], layer.bounds[0]], [layer.bounds[3], layer.bounds[2]]] : undefined;
  const common = { pane: "base", bounds: area, attribution: "" };
  if (layer.kind === "tiles") {
    const tiles = { ...common, subdomains: layer.subdomains, maxNativeZoom: layer.max_zoom, maxZoom: 22, referrerPolicy: "origin" };
    return layer.tiles.map((address) => L.tileLayer(address, tiles));
  }
  window.L ??= { ...L };   // both libraries look for Leaflet there
  await script("/vendor/pmtiles/pmtiles.js");
  const source = new window.pmtiles.FetchSource(new URL(layer.url, window.location).href, new Headers(await headers()));
  const archive = new window.pmtiles.PMTiles(source);
  if (layer.kind === "raster") {
    const zooms = { minNativeZoom: layer.min_zoom, maxNativeZoom: layer.max_zoom, maxZoom: 22 };
    return [window.pmtiles.leafletRasterLayer(archive, { ...common, ...zooms })];
  }
  await script("/vendor/protomaps-leaflet/protomaps-leaflet.js");
  const flavor = dark ? "dark" : "light";
  const look = layer.schema === "protomaps" ? { flavor, lang: "zh" } : plainRules(layer.layers, dark);
  return [window.protomapsL.leafletLayer({ ...common, url: archive, maxDataZoom: layer.max_zoom, maxZoom: 22, noWrap: true, ...look })];
}

function script(address) {
  if (!loading.has(address)) {
    const loaded = new Promise((done, failed) => {
      const node = document.createElement("script");
      node.src = address;
      node.onload = done;
      node.onerror = () => failed(new Error(address));
      document.head.append(node);
    });
    loaded.catch(() => loading.delete(address));
    loading.set(address, loaded);
  }
  return loading.get(address);
}

// A file of another make than Protomaps': its layers are drawn by what their names say.
const KINDS = [
  [/water|river|lake|ocean|hydro|水|河|湖/iu, "water"],
  [/rail|铁路|轨道/iu, "rail"],
  [/road|street|transport|highway|way$|路|道/iu, "road"],
  [/land|park|forest|wood|green|grass|林|绿|草/iu, "green"],
  [/build|house|房|建筑/iu, "building"],
  [/bound|admin|border|界|政区/iu, "border"],
];
const LIGHT = { ground: "#f2f1ec", water: "#b9d6ea", rail: "#b0b0b8", road: "#c9bda3", green: "#d9e8d2", building: "#dedad2", border: "#a79fb5", other: "#c8ccd2", ink: "#4c5560", halo: "#ffffff" };
const DARK = { ground: "#10161d", water: "#1c3448", rail: "#3c4552", road: "#3f4a57", green: "#17281f", building: "#1d2630", border: "#5a5670", other: "#2e3844", ink: "#a9b6c4", halo: "#0a121b" };

function plainRules(names, dark) {
  const { PolygonSymbolizer, LineSymbolizer, CenteredTextSymbolizer } = window.protomapsL;
  const look = dark ? DARK : LIGHT;
  const order = KINDS.map(([, kind]) => kind);
  const kindOf = (name) => KINDS.find(([pattern]) => pattern.test(name))?.[1] ?? "other";
  const sorted = [...names].sort((a, b) => layerRank(kindOf(a), order) - layerRank(kindOf(b), order));
  const [point, line, polygon] = [1, 2, 3];
  const paintRules = sorted.flatMap((dataLayer) => {
    const colour = look[kindOf(dataLayer)];
    const width = kindOf(dataLayer) === "road" ? 1.6 : 1;
    return [
      { dataLayer, symbolizer: new PolygonSymbolizer({ fill: colour }), filter: (_, one) => one.geomType === polygon },
      { dataLayer, symbolizer: new LineSymbolizer({ color: colour, width }), filter: (_, one) => one.geomType === line },
    ];
  });
  const text = { labelProps: ["name:zh", "name", "NAME", "名称"], fill: look.ink, stroke: look.halo, width: 2, font: "400 12px sans-serif" };
  const labelRules = sorted.map((dataLayer) => ({
    dataLayer, symbolizer: new CenteredTextSymbolizer(text), filter: (_, one) => one.geomType === point,
  }));
  return { paintRules, labelRules, backgroundColor: look.ground, lang: "zh" };
}

/** Areas first, then what crosses them. */
const layerRank = (kind, order) => ["other", "green", "water", "building"].indexOf(kind) + 1 || 10 + order.indexOf(kind);

/** The switch: a button that opens the list and the slider, and the line that names the source. */
function choice(offered, state, words, { choose, opacity, side }) {
  const bar = L.control({ position: `top${side}` });
  const credit = L.control({ position: `bottom${side}` });
  const name = `base-map-${L.Util.stamp(bar)}`;
  const told = element("p", "base-map-told");
  told.setAttribute("role", "status");
  const source = element("div", "base-map-credit");
  source.hidden = true;
  told.hidden = true;
  bar.onAdd = () => {
    const box = element("details", "base-map leaflet-bar");
    const summary = element("summary", "", words.title);
    const list = element("fieldset", "");
    list.append(element("legend", "visually-hidden", words.title));
    for (const { id } of [{ id: "" }, ...offered]) {
      const label = element("label", "");
      const input = element("input", "");
      Object.assign(input, { type: "radio", name, value: id, checked: id === state.id });
      input.addEventListener("change", () => choose(id));
      label.append(input, document.createTextNode(` ${words[id || "none"]}`));
      list.append(label);
    }
    const slider = element("input", "");
    Object.assign(slider, { type: "range", min: 20, max: 100, step: 5, value: state.opacity });
    slider.addEventListener("input", () => opacity(Number(slider.value)));
    const wrap = element("label", "base-map-opacity", words.opacity);
    wrap.append(slider);
    box.append(summary, list, wrap, told);
    L.DomEvent.disableClickPropagation(box);
    L.DomEvent.disableScrollPropagation(box);
    return box;
  };
  credit.onAdd = () => source;
  return {
    bar,
    credit,
    say(fault, from) {
      told.textContent = fault;
      told.hidden = !fault;
      source.textContent = from;
      source.hidden = !from;
    },
  };
}

function element(tag, name, text = "") {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (text) node.textContent = text;
  return node;
}
