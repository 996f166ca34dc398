// The wall: wires store, map, figures, feed and panel to the live stream. Nothing here draws.
import { $, el, write } from "/static/shared/dom.js";
import { all, get, words } from "/static/shared/api.js";
import { follow, showState } from "/static/shared/live.js";
import { watchAlarms } from "/static/shared/alarms.js";
import { clock, daysBefore, isoDay, longDay, now } from "/static/shared/time.js";
import { nameOf, t } from "/static/shared/texts.js";
import { LEVELS, Store } from "/static/wall/store.js";
import { MapView, pathTo } from "/static/wall/map_view.js";
import { showCategories, showCounts, showRates, showRegions, showTrend } from "/static/wall/figures.js";
import { Feed, listTickets } from "/static/wall/feed.js";
import { Panel } from "/static/wall/panel.js";
import { wholeRows } from "/static/wall/whole_rows.js";

const MOST_TICKETS = 5000;
const STATISTICS_EVERY = 5000;   // ms between two refreshes while events come in
const DAYS = 30;
const TREND_DAYS = 14;

const store = new Store();
const feed = new Feed(store);
new Panel($("#panel"), store);
const fits = [wholeRows($("#regions-scroll"), "tbody tr"), wholeRows($("#events"), "li")];   // the regions first: they leave the rest to the events
const fitLists = () => fits.forEach((fit) => fit());
let map;
let path = [];
let regions = [];
let asOf = now();
let state = "connecting";
let lookForAlarms = () => {};

store.fetchTicket = (number) => get(`tickets/${encodeURIComponent(number)}`).catch((error) => { fault(error); return null; });
store.on("tickets", () => {
  const counts = store.counts();
  showCounts(store, counts);
  showRegions(counts, regions, (row) => drill({ code: row.code, name: row.name, level: counts.level, parent: store.scope.code }));
  listTickets(store);
  fitLists();
});

function fault(error) {
  const box = $("#fault");
  box.hidden = false;
  write($("#fault-text"), words(error));
}

function tellState() {
  const text = `${t("common.data_as_of", { time: clock(asOf) })} · ${t(`common.state_${state}`)}`;
  showState($("#state"), state, text);
}

function heard() {
  asOf = now();
  tellState();
}

async function drill(region) {
  if (region.code === store.scope?.code) return;
  store.look(region);
  await settle(region);
}

async function settle(region) {
  try {
    path = await pathTo(region);
    if (store.scope.code !== region.code) return;
    showPath();
    regions = [];
    await Promise.all([map.draw(path), refreshStatistics()]);
  } catch (error) {
    fault(error);
  }
}

function showPath() {
  const home = path.findIndex((region) => region.code === store.home.code);
  $("#crumbs").replaceChildren(...path.map((region, i) => el("li", {},
    i === path.length - 1 ? el("span", { "aria-current": "true" }, region.name)
      : i < home ? el("span", {}, region.name)
        : el("button", { type: "button", onclick: () => drill(region) }, region.name))));
  const below = LEVELS[LEVELS.indexOf(store.scope.level) + 1];
  $("#regions-box").hidden = !below;
  if (below) write($("#regions-title"), t(`wall.ranked_${below}`));
}

let refreshing = null;
let again = false;

/** All statistics of the scope. A call during a running one makes one more afterwards, never two at once. */
function refreshStatistics() {
  if (refreshing) { again = true; return refreshing; }
  refreshing = loadStatistics().catch(fault).finally(() => {
    refreshing = null;
    if (again) { again = false; refreshStatistics(); }
  });
  return refreshing;
}

async function loadStatistics() {
  const scope = store.scope;
  const today = isoDay(now());
  const period = { region: scope.code, from: daysBefore(today, DAYS - 1), to: today };
  const below = LEVELS[LEVELS.indexOf(scope.level) + 1];
  const [ofToday, byRegion, byCategory, byDay] = await Promise.all([
    get("statistics", { region: scope.code, by: "day", from: today, to: today }),
    get("statistics", { ...period, by: below ?? "day" }),
    get("statistics", { ...period, by: "category" }),
    get("statistics", { ...period, from: daysBefore(today, TREND_DAYS - 1), by: "day" }),
  ]);
  if (scope.code !== store.scope.code) { again = true; return; }
  regions = below ? byRegion.items : [];
  showRates(ofToday.total, byRegion.total);
  showCategories(byCategory.items, 11);
  showTrend(everyDay(byDay.items, daysBefore(today, TREND_DAYS - 1), TREND_DAYS));
  store.changed();
  $("#fault").hidden = true;
}

/** A day without reports is a day with none, not a day that is left out. */
function everyDay(items, from, days) {
  const known = new Map(items.map((item) => [item.code, item]));
  return Array.from({ length: days }, (_, i) => {
    const day = daysBefore(from, -i);
    return known.get(day) ?? { code: day, reported: 0, closed: 0 };
  });
}

let lastRefresh = 0;
let planned = null;

function statisticsSoon() {
  if (planned) return;
  const wait = Math.max(700, lastRefresh + STATISTICS_EVERY - Date.now());
  planned = setTimeout(() => { planned = null; lastRefresh = Date.now(); refreshStatistics(); }, wait);
}

async function loadTickets() {
  const { items, cut } = await all("tickets", { region: store.home.code, open: true }, { most: MOST_TICKETS });
  store.fillWith(items, cut);
  map.raise();
  heard();
}

async function loadEvents(seq) {
  let page = await get("events", { after: Math.max(0, seq - 200), region: store.home.code, limit: 200 });
  if (page.items.length < 8) page = await get("events", { after: Math.max(0, seq - 3000), region: store.home.code, limit: 200 });
  feed.fillWith(page.items.slice(-60));
  fitLists();
}

function onTicket({ event, ticket, ...rest }, { late }) {
  store.put(ticket);
  feed.add({ event, ticket, ...rest });
  if (!late) map.pulse(ticket, event.to?.node === "closed" ? "done" : ticket.colour);
  heard();
  statisticsSoon();
}

async function begin() {
  const me = await get("me");
  store.home = { code: me.region.code, name: me.region.name, level: me.region.level };
  if (me.role === "department_officer" && me.department) {
    $("#department").hidden = false;
    $("#department").title = t("wall.own_department", { name: nameOf(me.department) });
    write($("#department"), t("wall.own_department", { name: nameOf(me.department) }));
  }
  // A banner takes room from everything below it: map and lists measure themselves anew.
  if ($("#alarms")) lookForAlarms = watchAlarms($("#alarms"), () => window.dispatchEvent(new Event("resize")));
  map = new MapView($("#map"), store, { onDrill: drill, onFault: fault });
  store.look(store.home);
  const drawn = settle(store.home);
  const snapshot = async (seq) => {
    await drawn;
    await Promise.all([loadTickets(), loadEvents(seq)]).catch(fault);
    document.documentElement.dataset.ready = "true";   // for tests: the first picture is complete
  };
  const stream = follow({
    region: store.home.code, onTicket, onReady: snapshot, onReset: () => snapshot(stream.last()),
    onState(next) {
      state = next;
      if (next === "live") lookForAlarms();
      if (next === "live") asOf = now();
      tellState();
      write($("#announce"), t(`common.state_${next}`));   // once a change; the ticking time would never stop talking
    },
  });
}

function tick() {
  const at = now();
  write($("#time"), clock(at));
  write($("#day"), longDay(at));
  if (state === "live") { asOf = at; tellState(); }   // a live stream without news is up to date
}

$("#retry").addEventListener("click", () => window.location.reload());
$("#full").addEventListener("click", () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()));
document.addEventListener("fullscreenchange", () => write($("#full"), t(document.fullscreenElement ? "wall.leave_full" : "wall.full")));
setInterval(tick, 1000);
setInterval(() => statisticsSoon(), 60000);
tick();
begin().catch(fault);
