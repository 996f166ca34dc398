// By day, as small multiples with one axis each: how many, how many closed, how many on time.
import { $, el, svg } from "/static/shared/dom.js";
import { count, fraction, rate, t } from "/static/shared/texts.js";

const WIDE = 420;
const HIGH = 130;
const LEFT = 38;
const FOOT = 18;
const plot = { width: WIDE - LEFT - 6, height: HIGH - FOOT - 8 };

const text = (x, y, words, anchor = "end") => {
  const node = svg("text", { x, y, "text-anchor": anchor, class: "axis-text" });
  node.textContent = words;
  return node;
};

const titled = (shape, words) => {
  const title = svg("title");
  title.textContent = words;
  shape.append(title);
  return shape;
};

/** The smallest of 1, 2, 5 × 10ⁿ that is not below a value. */
function niceTop(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return [1, 2, 5, 10].map((step) => step * power).find((top) => top >= value) ?? 10 * power;
}

function frame(days, top, words, label) {
  const y = (value) => 8 + plot.height * (1 - value / top);
  const x = (i) => LEFT + (plot.width * (i + 0.5)) / days.length;
  const lines = [0, 0.5, 1].map((part) => svg("line", { x1: LEFT, x2: WIDE - 6, y1: y(top * part), y2: y(top * part), class: part ? "grid" : "axis" }));
  const marks = [0, 0.5, 1].map((part) => text(LEFT - 5, y(top * part) + 4, words(top * part)));
  const ends = [text(LEFT, HIGH - 4, days[0].code.slice(5), "start"), text(WIDE - 6, HIGH - 4, days[days.length - 1].code.slice(5))];
  return { x, y, drawing: svg("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": label }, ...lines, ...marks, ...(days.length > 1 ? ends : [ends[0]])) };
}

function bars(days) {
  const top = niceTop(Math.max(...days.map((day) => day.reported)));
  const { x, y, drawing } = frame(days, top, (n) => (Number.isInteger(n) ? count(n) : ""), t("rates.trend_reported"));
  const width = Math.max(1, (plot.width / days.length) * 0.72);
  days.forEach((day, i) => {
    const group = svg("g", { class: "hit" },
      svg("rect", { x: x(i) - width / 2, y: y(day.reported), width, height: y(0) - y(day.reported), class: "reported" }),
      svg("rect", { x: x(i) - width / 2, y: y(day.closed), width, height: y(0) - y(day.closed), class: "closed" }));
    drawing.append(titled(group, t("rates.trend_day", { day: day.code, reported: count(day.reported), closed: count(day.closed) })));
  });
  return drawing;
}

function line(days, key, mean) {
  const { x, y, drawing } = frame(days, 1, (n) => `${Math.round(n * 100)}%`, t(`rates.${key}`));
  if (mean?.denominator) {
    const at = y(mean.numerator / mean.denominator);
    drawing.append(titled(svg("line", { x1: LEFT, x2: WIDE - 6, y1: at, y2: at, class: "mean" }), t("rates.mean", { rate: rate(mean) })));
  }
  const points = days.map((day, i) => (day[key]?.denominator ? [x(i), y(day[key].numerator / day[key].denominator)] : null));
  // A day without cases breaks the line: nothing is not zero.
  const path = points.map((point, i) => (point ? `${i && points[i - 1] ? "L" : "M"}${point[0].toFixed(1)} ${point[1].toFixed(1)}` : "")).join("");
  drawing.append(svg("path", { d: path, class: "line" }));
  days.forEach((day, i) => points[i] && drawing.append(titled(svg("circle", { cx: points[i][0], cy: points[i][1], r: days.length > 45 ? 1.6 : 2.8, class: "dot" }), `${day.code}: ${rate(day[key])} (${fraction(day[key])})`)));
  return drawing;
}

const panel = (title, drawing) => el("figure", {}, el("figcaption", {}, title), drawing);

export function showTrend(days, total) {
  if (!days.some((day) => day.reported)) {
    $("#trend-rows").replaceChildren();
    $("#trend").replaceChildren(el("p", { class: "empty" }, t("rates.nothing_in_period")));
    return;
  }
  $("#trend").replaceChildren(
    panel(el("span", { class: "key" }, el("i", { class: "reported" }), t("rates.reported"), " ", el("i", { class: "closed" }), t("rates.closed_of_them")), bars(days)),
    panel(t("rates.closure_rate"), line(days, "closure_rate", total.closure_rate)),
    panel(t("rates.on_time_rate"), line(days, "on_time_rate", total.on_time_rate)));
  $("#trend-rows").replaceChildren(...[...days].reverse().map((day) => el("tr", {},
    el("th", { scope: "row", class: "nowrap" }, day.code), el("td", { class: "figure" }, count(day.reported)),
    el("td", { class: "figure" }, `${rate(day.closure_rate)}　${fraction(day.closure_rate)}`),
    el("td", { class: "figure" }, `${rate(day.on_time_rate)}　${fraction(day.on_time_rate)}`),
    el("td", { class: "figure" }, count(day.open)), el("td", { class: "figure" }, count(day.overdue)))));
}
