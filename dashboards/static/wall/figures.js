// The figures around the map. Open ones are counted from the tickets that the map shows; rates come from the statistics.
import { $, el, mark, svg, write } from "/static/shared/dom.js";
import { count, fraction, nameOf, rate, t } from "/static/shared/texts.js";
import { OPEN } from "/static/wall/store.js";

const atLeast = (store, n) => (store.cut ? `≥ ${count(n)}` : count(n));

/** The row of tiles and the five nodes, from the live tickets. */
export function showCounts(store, counts) {
  const { nodes, colours } = counts;
  write($("#fig-waiting"), atLeast(store, nodes.intake + nodes.claim + nodes.dispatch));
  write($("#fig-handling"), atLeast(store, nodes.handle));
  write($("#fig-verifying"), t("wall.verifying", { n: atLeast(store, nodes.close) }));
  write($("#fig-overdue"), atLeast(store, colours.red ?? 0));
  $("#fig-overdue").classList.toggle("none", !colours.red);
  write($("#fig-warned"), t("wall.warned", { n: atLeast(store, colours.yellow ?? 0) }));
  write($("#fig-open"), t("wall.of_open", { n: atLeast(store, counts.open) }));
  write($("#fig-supervised"), atLeast(store, counts.supervised));
  const most = Math.max(1, ...OPEN.map((node) => nodes[node]));
  for (const node of OPEN) {
    write($(`#node-${node} b`), atLeast(store, nodes[node]));
    $(`#node-${node} i`).style.height = `${Math.round((nodes[node] / most) * 100)}%`;
  }
}

/** Today's reports and the rates of the period. */
export function showRates(today, period) {
  write($("#fig-today"), count(today.reported));
  write($("#fig-today-more"), t("wall.today_more", { accepted: count(today.accepted), closed: count(today.closed) }));
  write($("#fig-closure"), rate(period.closure_rate));
  write($("#fig-closure-of"), fraction(period.closure_rate));
  write($("#fig-on-time"), rate(period.on_time_rate));
  write($("#fig-on-time-of"), fraction(period.on_time_rate));
  const satisfied = satisfactionTile();
  write($(".big", satisfied), rate(period.satisfaction_rate));
  write($(".sub", satisfied), period.called ? fraction(period.satisfaction_rate) : t("wall.no_callbacks"));
  satisfied.title = t("wall.satisfaction_help", { reached: rate(period.reached_rate), of: fraction(period.reached_rate) });
}

/** The eighth tile; it makes room for itself, on narrow screens as well. */
function satisfactionTile() {
  let tile = $("#fig-satisfaction");
  if (tile) return tile;
  tile = el("div", { class: "figure", id: "fig-satisfaction" },
    el("h2", {}, t("wall.satisfaction")), el("p", { class: "big" }, "–"), el("p", { class: "sub number" }));
  const row = $(".figures");
  row.style.gridTemplateColumns = "repeat(auto-fit, minmax(150px, 1fr))";
  row.append(tile);
  return tile;
}

/** Categories by number of reports, the longest bar for the first. */
export function showCategories(items, rows) {
  const list = $("#categories");
  const ranked = items.filter((item) => item.reported > 0).sort((a, b) => b.reported - a.reported).slice(0, rows);
  if (!ranked.length) {
    list.replaceChildren(el("li", { class: "empty" }, t("wall.no_reports")));
    return;
  }
  const most = ranked[0].reported;
  list.replaceChildren(...ranked.map((item) => el("li", { class: "bar-row" },
    el("span", { class: "name", title: nameOf(item) }, nameOf(item)),
    el("span", { class: "bar", "aria-hidden": "true" }, el("i", { style: `width:${(item.reported / most) * 100}%` })),
    el("b", { class: "number" }, count(item.reported)),
  )));
}

/** Regions below the scope: the one with most overdue first, then by open ones. */
export function showRegions(counts, items, onDrill) {
  const body = $("#regions");
  const rows = items.map((item) => ({ ...item, ...(counts.below.get(item.code) ?? { open: 0, overdue: 0 }) }));
  rows.sort((a, b) => b.overdue - a.overdue || b.open - a.open || (a.code > b.code ? 1 : -1));
  if (!rows.length) {
    body.replaceChildren(el("tr", {}, el("td", { colspan: 4, class: "empty" }, t("wall.no_regions"))));
    return;
  }
  const focused = document.activeElement?.dataset?.region;
  body.replaceChildren(...rows.map((row) => el("tr", {},
    el("th", { scope: "row" }, el("button", { type: "button", dataset: { region: row.code }, title: row.name, onclick: () => onDrill(row) }, row.name)),
    el("td", { class: row.overdue ? "overdue" : "quiet" }, row.overdue ? mark("red") : null, count(row.overdue)),
    el("td", {}, count(row.open)),
    el("td", { title: fraction(row.on_time_rate), class: row.on_time_rate?.denominator ? null : "quiet" }, percent(row.on_time_rate)),
  )));
  if (focused) body.querySelector(`[data-region="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

const percent = (figure) => (figure?.denominator ? `${Math.floor((figure.numerator / figure.denominator) * 100)}%` : "–");

/** Reported and closed by day, as bars from zero. */
export function showTrend(days) {
  const box = $("#trend");
  const most = Math.max(1, ...days.map((day) => Math.max(day.reported, day.closed)));
  const step = 340 / Math.max(1, days.length);
  const bar = (x, value, kind) => svg("rect", { x: x.toFixed(1), y: (100 - (value / most) * 92).toFixed(1), width: (step * 0.38).toFixed(1), height: ((value / most) * 92).toFixed(1), class: kind });
  const drawing = svg("svg", { viewBox: "0 0 340 101", preserveAspectRatio: "none", role: "img", "aria-label": t("wall.trend_label", { n: days.length }) },
    svg("line", { x1: 0, x2: 340, y1: 100.5, y2: 100.5, class: "axis" }),
    ...days.flatMap((day, i) => {
      const group = svg("g", {}, bar(i * step + step * 0.1, day.reported, "reported"), bar(i * step + step * 0.52, day.closed, "closed"));
      const title = svg("title");
      title.textContent = t("wall.trend_day", { day: day.code, reported: count(day.reported), closed: count(day.closed) });
      group.prepend(title);
      return [group];
    }));
  box.replaceChildren(drawing);
  write($("#trend-from"), days[0]?.code.slice(5) ?? "");
  write($("#trend-to"), days[days.length - 1]?.code.slice(5) ?? "");
  write($("#trend-most"), t("wall.trend_most", { n: count(most) }));
}
