// The words of the app. Both languages are kept on the phone, so that the switch works without network.

let words = {};
let current = "zh";

export const language = () => current;

/** Loads a language: "zh" or "en". */
export async function speak(wanted) {
  const answer = await fetch(`/m/texts/${wanted}.json`);
  words = await answer.json();
  current = wanted;
  document.documentElement.lang = wanted === "zh" ? "zh-CN" : "en";
  document.title = t("phone.title");
}

/** The text of a key with its {placeholders} filled in; an unknown key shows itself, so that it is noticed. */
export function t(key, values = {}) {
  const text = words[key] ?? key;
  return text.replace(PLACE, (whole, before, name) => (name in values ? joined(before, String(values[name])) : whole));
}

/** Chinese leaves a space before a number, and none before a word. */
const PLACE = /(\p{Script=Han} )?\{(\w+)\}/gu;
const joined = (before = "", value) => (/^\p{Script=Han}/u.test(value) ? before.trimEnd() : before) + value;

/** A distance as one says it: metres, from two kilometres on kilometres. */
export const distance = (metres) =>
  metres > 2000
    ? t("phone.distance.kilometres", { n: (metres / 1000).toFixed(1) })
    : t("phone.distance.metres", { n: Math.round(metres) });

/** The text of the first key that exists, or the fallback: for names the server may add later. */
export function named(key, fallback) {
  return words[key] ?? fallback;
}

/** A problem document's text in the language shown. */
export function problem_text(problem) {
  if (!problem) return t("phone.error.unknown");
  const chosen = current === "en" ? problem.detail_en || problem.title_en : problem.detail || problem.title;
  return chosen || problem.detail || problem.title || t("phone.error.unknown");
}

const DAY = 86_400_000;

/** "14:03" today, "11-20 14:03" this year, in the county's zone whatever the phone is set to. */
export function moment(iso) {
  const when = new Date(iso);
  const parts = (date, options) =>
    new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", hour12: false, ...options }).format(date);
  const time = parts(when, { hour: "2-digit", minute: "2-digit" });
  const day = parts(when, { month: "2-digit", day: "2-digit" }).replace("/", "-");
  return parts(new Date(), { dateStyle: "short" }) === parts(when, { dateStyle: "short" }) ? time : `${day} ${time}`;
}

/** "2026-12-11", in the county's zone. */
export function day(iso) {
  const parts = { timeZone: "Asia/Shanghai", year: "numeric", month: "2-digit", day: "2-digit" };
  return new Intl.DateTimeFormat("en-CA", parts).format(new Date(iso));
}

/** A length of time in the largest unit that says enough: 40 min, 3 h, 2 d. */
export function duration(milliseconds) {
  const length = Math.abs(milliseconds);
  if (length >= 2 * DAY) return t("phone.time.days", { n: Math.round(length / DAY) });
  if (length >= 3_600_000) return t("phone.time.hours", { n: Math.round(length / 3_600_000) });
  return length < 60_000 ? t("phone.time.moment") : t("phone.time.minutes", { n: Math.round(length / 60_000) });
}

/** "3 h left" or "3 h overdue". */
export function remaining(due, now = Date.now()) {
  const left = new Date(due).getTime() - now;
  return t(left >= 0 ? "phone.time.left" : "phone.time.overdue", { length: duration(left) });
}
