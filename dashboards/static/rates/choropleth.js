// A map of the regions below, coloured by one measure. Rates diverge around the mean of the whole; load goes up from zero.
import { $, el } from "/static/shared/dom.js";
import { Labels } from "/static/shared/labels.js";
import { createMap, labelOf, layer, outlines } from "/static/shared/map.js";
import { count, fraction, rate, t } from "/static/shared/texts.js";
import { FEWEST, enough } from "/static/rates/cells.js";

const DIVERGING = ["#b35806", "#fdb863", "#f7f7f7", "#92c5de", "#2166ac"];   // far below the mean … far above
const LOAD = ["#ffffb2", "#fecc5c", "#fd8d3c", "#f03b20", "#bd0026"];         // ColorBrewer YlOrRd
const AWAY = [-0.1, -0.03, 0.03, 0.1];                                        // from the mean, as parts of one

/** Grey hatching for what cannot be said. */
function hatching() {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const pen = tile.getContext("2d");
  pen.fillStyle = "#f0f2f4";
  pen.fillRect(0, 0, 8, 8);
  pen.strokeStyle = "#9aa5b1";
  pen.beginPath();
  for (const from of [-4, 0, 4, 8]) { pen.moveTo(from, 8); pen.lineTo(from + 8, 0); }
  pen.stroke();
  return pen.createPattern(tile, "repeat");
}

/** The classes of a measure: {colourOf(item), legend: [{colour, text}], rule}. */
export function classes(items, total, metric) {
  if (metric.endsWith("_rate")) {
    if (!total[metric]?.denominator) return { colourOf: () => null, legend: [], rule: t("rates.nothing_in_period"), hatched: true };
    const mean = total[metric].numerator / total[metric].denominator;
    const percent = (value) => `${Math.round(value * 100)}%`;
    const legend = DIVERGING.map((colour, i) => {
      const [low, high] = [i ? mean + AWAY[i - 1] : -1, i < 4 ? mean + AWAY[i] : 2];
      if (low > 1 || high <= 0) return null;   // a class that no rate can reach
      const text = low <= 0 ? `< ${percent(high)}` : high > 1 ? `≥ ${percent(low)}` : `${percent(low)} – ${percent(high)}`;
      return { colour, text };
    }).filter(Boolean);
    return {
      colourOf(item) {
        if (!enough(item[metric])) return null;
        const value = item[metric].numerator / item[metric].denominator;
        return DIVERGING[AWAY.filter((away) => value >= mean + away).length];
      },
      legend,
      rule: t("rates.rule_rate", { mean: rate(total[metric]) }),
      hatched: true,
    };
  }
  const most = Math.max(0, ...items.map((item) => item[metric]));
  const step = Math.ceil((most + 1) / 5);   // so that the largest falls into the last class
  return {
    colourOf: (item) => LOAD[Math.min(4, Math.floor(item[metric] / step))],
    legend: LOAD.map((colour, i) => ({ colour, text: step === 1 ? count(i) : `${count(i * step)} – ${count((i + 1) * step - 1)}` })),
    rule: t("rates.rule_load"),
    hatched: false,
  };
}

export class Choropleth {
  constructor(element, { onDrill }) {
    this.element = element;
    this.onDrill = onDrill;
  }

  start() {
    if (this.map) return;
    this.map = createMap(this.element, { scrollWheelZoom: false, zoomSnap: 0.1 });
    this.labels = new Labels(this.map);
    this.hatch = hatching();
  }

  async show(items, total, metric, { level, region }) {
    if (!level) return;
    const collection = await layer(level);
    this.start();
    const known = new Map(items.map((item) => [item.code, item]));
    const scale = classes(items, total, metric);
    const style = (p) => {
      const item = known.get(p.code);
      const colour = item && scale.colourOf(item);
      return { fillColor: colour ?? this.hatch, fillOpacity: 0.92, color: "#5b6876", weight: level === "grid" ? 0.7 : 1 };
    };
    const tip = (p) => {
      const item = known.get(p.code);
      const node = el("span", {}, el("b", {}, p.name));
      if (item) node.append(` ${metric.endsWith("_rate") ? `${rate(item[metric])} (${fraction(item[metric])})` : count(item[metric])}`);
      return node;
    };
    if (this.drawn === `${level} ${region}`) {
      this.known = tip;
      this.shapes.setStyle((feature) => style(feature.properties));
    } else {
      this.shapes?.remove();
      this.known = tip;
      this.shapes = outlines(this.map, collection, {
        level, filter: (p) => known.has(p.code), style, onClick: (p) => this.onDrill(p.code), tip: (p) => this.known(p),
      });
      const bounds = this.shapes.getBounds();
      if (bounds.isValid()) this.map.fitBounds(bounds, { paddingTopLeft: [12, 12], paddingBottomRight: [12, 40], animate: false });
      this.labels.set(this.shapes.getLayers().map((shape) => labelOf(shape, level)));
      this.drawn = `${level} ${region}`;
    }
    this.legend(scale);
  }

  legend(scale) {
    $("#map-legend").replaceChildren(
      ...scale.legend.map(({ colour, text }) => el("li", {}, el("i", { style: `background:${colour}` }), text)),
      scale.hatched ? el("li", {}, el("i", { class: "hatched" }), t("rates.too_few", { n: FEWEST })) : "",
      el("li", { class: "rule" }, scale.rule));
  }
}
