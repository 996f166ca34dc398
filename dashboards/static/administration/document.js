// A policy document in words: each of its values with a path, a label, and how it is shown; and what differs between two.
import { nameOf, t } from "/static/shared/texts.js";

export const TIERS = ["village", "town", "county"];
export const UNITS = ["urgent_hour", "work_hour", "natural_day", "work_day"];
export const MINUTES = ["accept", "dispatch", "verify"];
export const COLOURS = ["red", "yellow", "blue"];

/** "0.25" ↔ "25": by moving the point, so that no figure is changed by arithmetic. */
export const percentOf = (share) => shift(String(share), 2);
export const shareOf = (percent) => shift(String(percent).trim(), -2);

function shift(text, places) {
  if (!/^\d*\.?\d*$/.test(text) || !/\d/.test(text)) return text;
  const [whole, rest = ""] = text.split(".");
  const digits = `00${whole}${rest}00`;
  const at = 2 + whole.length + places;
  return `${digits.slice(0, at)}.${digits.slice(at)}`.replace(/\.?0*$/, "").replace(/^0+(?=\d)/, "");
}

export const limitWords = (value, unit) => t(`administration.limit_${unit}`, { n: value });
const spanWords = ([from, to]) => `${from.slice(0, 5)}–${to.slice(0, 5)}`;
const sharesWords = (shares) => TIERS.map((tier) => `${t(`tier.${tier}`)} ${percentOf(shares[tier])} %`).join(t("administration.comma"));

/** [[key, label, words]]: everything a document says, in the order of the form. names: condition code → its name. */
export function lines(document, names) {
  const told = [];
  const say = (key, label, words) => told.push([key, label, words]);
  for (const tier of TIERS) say(`shares.${tier}`, `${t("administration.shares")} · ${t(`tier.${tier}`)}`, `${percentOf(document.shares[tier])} %`);
  for (const clock of ["matter", "tier"]) say(`warn_share.${clock}`, t(`administration.warn_${clock}`), `${percentOf(document.warn_share[clock])} %`);
  say("hours.spans", t("administration.hours"), document.hours.spans.map(spanWords).join(t("administration.comma")));
  say("hours.timezone", t("administration.timezone"), document.hours.timezone);
  for (const name of MINUTES) say(`minutes.${name}`, t(`administration.minutes_${name}`), t("administration.n_minutes", { n: document.minutes[name] }));
  for (const later of document.later_steps) say(`later.${later.step}`, t(`administration.later_${later.step}`), limitWords(later.value, later.unit));
  for (const colour of COLOURS) say(`supervision_days.${colour}`, t(`administration.supervision_${colour}`), t("administration.n_days", { n: document.supervision_days[colour] }));
  say("follow_up_days", t("administration.follow_up_days"), t("administration.n_work_days", { n: document.follow_up_days }));
  say("verification_distance_m", t("administration.verification"), t("administration.n_metres", { n: document.verification_distance_m }));
  for (const [code, own] of Object.entries(document.conditions)) {
    const label = `${code} ${names.has(code) ? nameOf(names.get(code)) : ""}`;
    if (own.limit_value !== undefined) say(`conditions.${code}.limit`, label, limitWords(own.limit_value, own.limit_unit));
    if (own.shares) say(`conditions.${code}.shares`, `${label} · ${t("administration.shares")}`, sharesWords(own.shares));
  }
  return told;
}

/** [{label, before, after}]: null where a value was or is not there. */
export function difference(before, after, names) {
  const old = new Map(lines(before, names).map(([key, label, words]) => [key, { label, words }]));
  const changed = [];
  for (const [key, label, words] of lines(after, names)) {
    const was = old.get(key)?.words ?? null;
    old.delete(key);
    if (was !== words) changed.push({ label, before: was, after: words });
  }
  return [...changed, ...[...old.values()].map(({ label, words }) => ({ label, before: words, after: null }))];
}
