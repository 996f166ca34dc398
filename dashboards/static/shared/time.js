// Times as people at the center read them: always Asia/Shanghai, whatever the computer's zone is.
import { language, t } from "/static/shared/texts.js";
import { el } from "/static/shared/dom.js";

const ZONE = "Asia/Shanghai";
const locale = language === "zh" ? "zh-CN" : "en-GB";
const format = (options) => new Intl.DateTimeFormat(locale, { timeZone: ZONE, hourCycle: "h23", ...options });
const two = { hour: "2-digit", minute: "2-digit" };
const formats = {
  clock: format({ ...two, second: "2-digit" }),
  minute: format(two),
  day: format({ year: "numeric", month: "2-digit", day: "2-digit" }),
  long: format({ year: "numeric", month: language === "zh" ? "long" : "short", day: "numeric", weekday: language === "zh" ? "long" : "short" }),
  short: format({ month: "2-digit", day: "2-digit", ...two }),
  full: format({ year: "numeric", month: "2-digit", day: "2-digit", ...two, second: "2-digit" }),
};
const iso = new Intl.DateTimeFormat("en-CA", { timeZone: ZONE, year: "numeric", month: "2-digit", day: "2-digit" });

const date = (value) => (value instanceof Date ? value : new Date(value));
let offset = 0;

/** The server's clock, when it told it: a wall computer's own may be wrong by minutes. */
export const setServerTime = (value) => { offset = date(value).getTime() - Date.now(); };
export const now = () => new Date(Date.now() + offset);

export const clock = (value) => formats.clock.format(date(value));        // 14:03:27
export const minute = (value) => formats.minute.format(date(value));      // 14:03
export const longDay = (value) => formats.long.format(date(value));       // 2026年11月21日星期六
export const short = (value) => formats.short.format(date(value));        // 11/21 14:03
export const full = (value) => formats.full.format(date(value));
/** 2026-11-21 in Shanghai: what the statistics' from and to take. */
export const isoDay = (value) => iso.format(date(value));
/** The day that lies `days` before an ISO day, as an ISO day. */
export function daysBefore(day, days) {
  const at = new Date(`${day}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() - days);
  return at.toISOString().slice(0, 10);
}

/** A span in milliseconds in the largest two units that matter: "3 天 4 小时", "12 min". */
export function span(ms) {
  const minutes = Math.max(0, Math.round(Math.abs(ms) / 60000));
  if (minutes < 1) return t("common.under_a_minute");
  if (minutes < 60) return t("common.minutes", { n: minutes });
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 && hours < 10 ? t("common.hours_minutes", { h: hours, m: minutes % 60 }) : t("common.hours", { n: hours });
  const days = Math.floor(hours / 24);
  return hours % 24 && days < 10 ? t("common.days_hours", { d: days, h: hours % 24 }) : t("common.days", { n: days });
}

/** "3 分钟前", "刚刚"; a time to come: "3 分钟后". */
export function relative(value, at = now()) {
  const ms = at - date(value);
  if (Math.abs(ms) < 60000) return t("common.just_now");
  return ms > 0 ? t("common.ago", { span: span(ms) }) : t("common.ahead", { span: span(ms) });
}

/** "剩 3 小时" or "逾期 3 小时". */
export function remaining(due, at = now()) {
  if (!due) return t("common.no_limit");
  const ms = date(due) - at;
  return ms >= 0 ? t("common.time_left", { span: span(ms) }) : t("common.overdue_by", { span: span(ms) });
}

/** <time> shown relative, absolute on hover; `refreshTimes` keeps it true. */
export function timeElement(value, how = "relative") {
  if (!value) return el("span", { class: "muted" }, "–");
  const show = { relative, remaining, short, minute, clock }[how];
  return el("time", { datetime: value, title: full(value), dataset: { how } }, show(value));
}

/** Writes all relative times anew; call it now and then. */
export function refreshTimes(within = document) {
  for (const node of within.querySelectorAll("time[data-how=relative], time[data-how=remaining]")) {
    const text = (node.dataset.how === "relative" ? relative : remaining)(node.dateTime);
    if (node.textContent !== text) node.textContent = text;
  }
}
