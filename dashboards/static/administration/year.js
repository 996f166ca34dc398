// A year at a glance: twelve months, each day with its kind in colour and shape, and in words when pointed at.
import { el } from "/static/shared/dom.js";
import { language, t } from "/static/shared/texts.js";

const locale = language === "zh" ? "zh-CN" : "en-GB";
const monthName = new Intl.DateTimeFormat(locale, { month: "long", timeZone: "UTC" });
const dayName = new Intl.DateTimeFormat(locale, { weekday: "narrow", timeZone: "UTC" });
const wholeDay = new Intl.DateTimeFormat(locale, { month: "long", day: "numeric", weekday: "long", timeZone: "UTC" });
export const KINDS = ["workday", "weekend", "holiday", "makeup"];
const SPECIAL = new Set(["holiday", "makeup"]);
const MONDAY = Date.UTC(2024, 0, 1);
const DAY = 86400000;

/** days: [{date, kind, name, confirmed}] of one year, in order. */
export function yearView(days) {
  const months = new Map();
  for (const day of days) {
    const month = day.date.slice(0, 7);
    months.set(month, [...(months.get(month) ?? []), day]);
  }
  return el("div", { class: "year" }, ...[...months].map(([month, inside]) => monthView(month, inside)));
}

function monthView(month, days) {
  const before = (new Date(`${days[0].date}T00:00:00Z`).getUTCDay() + 6) % 7;   // empty cells before a month's first day
  const cells = [...Array(before).fill(null), ...days];
  const weeks = [];
  for (let at = 0; at < cells.length; at += 7) weeks.push(cells.slice(at, at + 7));
  return el("table", { class: "month" },
    el("caption", {}, monthName.format(new Date(`${month}-01T00:00:00Z`))),
    el("thead", {}, el("tr", {}, ...Array.from({ length: 7 }, (_, n) => el("th", { scope: "col" }, dayName.format(new Date(MONDAY + n * DAY)))))),
    el("tbody", {}, ...weeks.map((week) => el("tr", {}, ...week.map(cell)))));
}

function cell(day) {
  if (!day) return el("td", {});
  const words = [wholeDay.format(new Date(`${day.date}T00:00:00Z`)), t(`administration.kind_${day.kind}`), day.name, day.confirmed ? null : t("administration.year_provisional")]
    .filter(Boolean).join(" · ");
  return el("td", { class: `day ${day.kind}`, title: words, dataset: { date: day.date } },
    String(Number(day.date.slice(8))),
    SPECIAL.has(day.kind) ? el("span", { class: "visually-hidden" }, words) : null);
}

/** The days as the file in which a year is handed in: what one downloads, edits by the notice, and uploads. */
export const asCsv = (days) =>
  ["date,kind,name,source,confirmed", ...days.map((day) => [day.date, day.kind, day.name, day.source, day.confirmed ? 1 : 0].map(quoted).join(","))].join("\n") + "\n";

const quoted = (value) => (/[",\n]/.test(value ?? "") ? `"${String(value).replaceAll('"', '""')}"` : String(value ?? ""));
