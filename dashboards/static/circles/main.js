// The page of the service circles: region and level stand in the address, so that it can be sent to somebody.
import { CircleMap, legend } from "/static/circles/map.js";
import { Problem, get, post, words } from "/static/shared/api.js";
import { $, $$, el, toast } from "/static/shared/dom.js";
import { count, distance, t } from "/static/shared/texts.js";

const AGAIN_MS = 2500;                 // while the circles are being computed
const main = $("#main");
const map = new CircleMap($("#map"));
const state = { region: main.dataset.region, level: "village", grids: "outside", cursor: null, turn: 0 };

function fromAddress() {
  const asked = new URL(window.location.href).searchParams;
  state.region = asked.get("region") || main.dataset.region;
  state.level = ["county", "town", "village"].includes(asked.get("level")) ? asked.get("level") : "village";
}

function go(changes) {
  Object.assign(state, changes);
  const url = new URL(window.location.href);
  url.searchParams.set("region", state.region);
  url.searchParams.set("level", state.level);
  window.history.pushState(null, "", url);
  void load();
}

async function load() {
  const turn = ++state.turn;
  main.setAttribute("aria-busy", "true");
  $("#fault").hidden = true;
  for (const button of $$("#level button")) button.setAttribute("aria-pressed", String(button.dataset.level === state.level));
  try {
    const answer = await get("service-circles", { region: state.region, level: state.level });
    if (turn !== state.turn) return;
    $("#busy").hidden = true;
    await show(answer);
    await grids(turn);
  } catch (error) {
    if (turn !== state.turn) return;
    if (error instanceof Problem && error.code === "circles-computing") {
      $("#busy").textContent = error.message;
      $("#busy").hidden = false;
      setTimeout(() => { if (turn === state.turn) void load(); }, AGAIN_MS);
      return;
    }
    $("#fault-text").textContent = words(error);
    $("#fault").hidden = false;
  } finally {
    if (turn === state.turn) main.removeAttribute("aria-busy");
  }
}

async function show(answer) {
  const minutes = answer.method.assumptions.minutes;
  $("#question").textContent = t("circles.question", { region: answer.region.name, level: t(`circles.center_${state.level}`), n: minutes[state.level] });
  for (const button of $$("#level button")) button.textContent = `${t(`circles.level_${button.dataset.level}`)} · ${t("circles.minutes", { n: minutes[button.dataset.level] })}`;
  const sentences = answer.method.sentences;
  $("#assumption").textContent = `${sentences[1]} ${sentences.at(-1)}`;
  $("#method").replaceChildren(...sentences.map((sentence) => el("li", {}, sentence)));
  figures(answer.figures[state.level]);
  totals(answer);
  await crumbs(answer.region);
  legend($("#legend"), answer.definition);
  await map.show(answer);
}

function figures(one) {
  const share = (n) => (one.grids ? `${(100 * n / one.grids).toFixed(1)}%` : "–");
  const figure = (name, value, below) => el("div", {},
    el("h3", {}, name === "grids" ? "" : el("i", { class: `key-${name}` }), t(name === "grids" ? "circles.grids" : `circles.state_${name}`)),
    el("p", { class: "value" }, count(value)), el("p", { class: "below" }, below));
  $("#figures").replaceChildren(
    figure("grids", one.grids, t("circles.point_outside", { n: count(one.point_outside) })),
    figure("inside", one.inside, share(one.inside)),
    figure("partly", one.partly, share(one.partly)),
    figure("outside", one.outside, `${share(one.outside)} · ${t("circles.another", { n: count(one.reached_by_another) })}`),
  );
}

function totals(answer) {
  const drills = answer.region.level !== "village";
  const row = (name, one) => el("tr", {}, name,
    ...["grids", "inside", "partly", "outside", "reached_by_another", "reached_by_nobody"].map((key) => el("td", { class: "figure" }, count(one[state.level][key]))));
  $("#totals").replaceChildren(...answer.totals.map((one) => row(
    el("th", { scope: "row" }, drills ? el("button", { type: "button", class: "opener", onclick: () => go({ region: one.code }) }, one.name) : one.name), one)));
}

/** From the county down; a town's officer sees no further up than the own town. */
async function crumbs(region) {
  const { path } = await get(`regions/${region.code}`);
  const own = main.dataset.region.replace(/(000)+$/u, "");
  const within = path.filter((one) => one.code.startsWith(own));
  $("#crumbs").replaceChildren(...within.map((one, i) => el("li", {}, i === within.length - 1
    ? el("b", { "aria-current": "page" }, one.name)
    : el("button", { type: "button", class: "opener", onclick: () => go({ region: one.code }) }, one.name))));
}

async function grids(turn, cursor = null) {
  const asked = { region: state.region, level: state.level, state: state.grids };
  for (const form of ["xlsx", "csv"]) {
    const query = new URLSearchParams({ region: state.region, level: state.level, lang: document.documentElement.lang.startsWith("en") ? "en" : "zh" });
    $(`#${form}`).href = `/api/v1/service-circles/grids.${form}?${query}`;
  }
  const page = await get("service-circles/grids", { ...asked, limit: 100, cursor });
  if (turn !== state.turn) return;
  const rows = page.items.map(line);
  if (cursor) $("#grids").append(...rows);
  else $("#grids").replaceChildren(...(rows.length ? rows : [el("tr", {}, el("td", { colspan: 5, class: "empty" }, t("circles.none")))]));
  state.cursor = page.next_cursor;
  $("#more").hidden = !page.next_cursor;
  $("#more").textContent = t("circles.more", { shown: $$("#grids tr").length, total: page.total });
}

function line(one) {
  const special = one.kind !== "urban_rural" ? el("span", { class: "kind" }, t(`kind.${one.kind}`)) : null;
  return el("tr", {},
    el("th", { scope: "row" }, one.name, special, one.reached_by_another ? el("div", { class: "muted small" }, t("circles.reached_by_another")) : null),
    el("td", {}, `${one.town.name} ${one.village.name}`),
    el("td", { class: "figure" }, `${(100 * one.share).toFixed(0)}%`),
    el("td", { class: "figure" }, distance(one.distance_m)),
    el("td", {}, one.workers.join("、") || t("circles.nobody")));
}

async function openForm() {
  const form = $("#assumptions");
  const newest = await get("service-circles/assumptions");
  form.dataset.basedOn = newest.version;
  for (const input of $$("input[type=number]", form)) input.value = input.name.split(".").reduce((part, name) => part[name], newest.document);
  form.elements.use_roads.checked = newest.document.use_roads;
}

async function save(event) {
  event.preventDefault();
  const form = event.target;
  const document_ = { minutes: {}, use_roads: form.elements.use_roads.checked };
  for (const input of $$("input[type=number]", form)) {
    const [first, second] = input.name.split(".");
    if (second) document_[first][second] = Number(input.value);
    else document_[first] = Number(input.value);
  }
  try {
    await post("service-circles/assumptions", { document: document_, note: form.elements.note.value, based_on: Number(form.dataset.basedOn) });
    toast(t("circles.saved"));
    form.elements.note.value = "";
    await openForm();
    await load();
  } catch (error) {
    toast(words(error), "fault");
  }
}

for (const button of $$("#level button")) button.addEventListener("click", () => go({ level: button.dataset.level }));
for (const button of $$("#state button")) {
  button.addEventListener("click", () => {
    state.grids = button.dataset.state;
    for (const other of $$("#state button")) other.setAttribute("aria-pressed", String(other === button));
    void grids(state.turn).catch((error) => toast(words(error), "fault"));
  });
}
$("#more").addEventListener("click", () => void grids(state.turn, state.cursor).catch((error) => toast(words(error), "fault")));
$("#retry").addEventListener("click", () => void load());
$("#change")?.addEventListener("toggle", () => { if ($("#change").open) void openForm().catch((error) => toast(words(error), "fault")); });
$("#assumptions")?.addEventListener("submit", save);
window.addEventListener("popstate", () => { fromAddress(); void load(); });
fromAddress();
void load();
