// What a zone says, in words.
import { language, nameOf, t } from "/static/shared/texts.js";

export const KINDS = ["forest_fire", "school", "river", "construction", "other"];
export const UNITS = ["urgent_hour", "work_hour", "natural_day", "work_day"];
export const ROLES = ["grid_worker", "village_officer", "town_officer", "county_officer", "leader", "hotline_operator", "administrator"];
export const COLOURS = { forest_fire: "#b2182b", school: "#6a51a3", river: "#2171b5", construction: "#b35806", other: "#41505f" };

export const titleOf = (zone) => nameOf(zone);
export const comma = () => t("zones.comma");

/** "11-01" as "11月1日" or "1 Nov". */
export function dayOf(text) {
  const [month, day] = text.split("-").map(Number);
  const at = new Date(Date.UTC(2000, month - 1, day));
  return new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", { timeZone: "UTC", month: language === "zh" ? "long" : "short", day: "numeric" }).format(at);
}

export const seasonOf = (season) => (season ? t("zones.season_says", { from: dayOf(season.from), to: dayOf(season.to) }) : t("zones.all_year"));
export const limitOf = (limit) => (limit ? `${Number(limit.value)} ${t(`zones.unit_${limit.unit}`)}` : t("zones.own_limit"));

/** Who is told besides: names where they are known. */
export function recipientOf(one, departments) {
  if (one.kind === "role") return t("zones.role_there", { role: t(`role.${one.code}`) });
  if (one.kind === "department") return nameOf(departments.get(one.code) ?? { name: one.code });
  return one.code;
}

/** A zone's rule as one sentence after another. */
export function ruleOf(zone, { categories, departments }) {
  const named = zone.categories.map((code) => nameOf(categories.get(code) ?? { name: code }));
  const shown = named.slice(0, 6).join(comma()) + (named.length > 6 ? t("zones.and_more", { n: named.length - 6 }) : "");
  return [
    [t("zones.when"), `${seasonOf(zone.season)}`],
    [t("zones.where"), zone.buffer_m ? t("zones.where_around", { n: zone.buffer_m }) : t("zones.where_inside")],
    [t("zones.what"), shown],
    [t("zones.limit"), limitOf(zone.limit)],
    [t("zones.urgent"), zone.urgent ? t("zones.yes_urgent") : t("zones.no")],
    [t("zones.department"), zone.department ? nameOf(departments.get(zone.department) ?? { name: zone.department }) : t("zones.own_department")],
    [t("zones.told"), zone.recipients.length ? zone.recipients.map((one) => recipientOf(one, departments)).join(comma()) : t("zones.nobody")],
  ];
}
