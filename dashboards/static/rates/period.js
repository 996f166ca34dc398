// The period and the region stand in the address, so that a view can be sent to somebody.
import { daysBefore, isoDay, now } from "/static/shared/time.js";

export const PRESETS = ["today", "7", "30", "month"];
const EDITION = /^[1-9]\d{0,8}$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** {region, period, from, to, map} from the address; days are ISO days in Shanghai, both included; map: an edition. */
export function fromAddress(search = window.location.search) {
  const given = new URLSearchParams(search);
  const [from, to] = [given.get("from"), given.get("to")];
  const chosen = { region: given.get("region"), metric: given.get("metric") ?? "on_time_rate", map: EDITION.test(given.get("map") ?? "") ? given.get("map") : null };
  if (DAY.test(from ?? "") && DAY.test(to ?? "") && from <= to) return { ...chosen, period: "custom", from, to };
  const period = PRESETS.includes(given.get("period")) ? given.get("period") : "30";
  return { ...chosen, period, ...daysOf(period) };
}

export function daysOf(period) {
  const today = isoDay(now());
  if (period === "today") return { from: today, to: today };
  if (period === "month") return { from: `${today.slice(0, 8)}01`, to: today };
  return { from: daysBefore(today, Number(period) - 1), to: today };
}

export function toAddress(view, region = view.region) {
  const params = new URLSearchParams();
  if (region) params.set("region", region);
  if (view.period === "custom") { params.set("from", view.from); params.set("to", view.to); }
  else if (view.period !== "30") params.set("period", view.period);
  if (view.map) params.set("map", view.map);
  if (view.metric && view.metric !== "on_time_rate") params.set("metric", view.metric);
  const query = params.toString();
  return `/dashboards${query ? `?${query}` : ""}`;
}
