// Names of things, in the language of the page.
import { words } from "/static/shared/api.js";
import { knows, language, t } from "/static/shared/texts.js";
import { full } from "/static/shared/time.js";

export const called = (thing) => (language === "en" && thing?.name_en) || thing?.name || "";
export const nodeWord = (node) => t(`node.${node}`);
export const actionWord = (name) => (knows(`action.${name}`) ? t(`action.${name}`) : name);
export const roleWord = (role) => (knows(`role.${role}`) ? t(`role.${role}`) : role);

/** In whose hands: a name, or why there is none. */
export function holderWord(holder) {
  if (!holder || holder.kind === "none") return t("desk.holder_none");
  return holder.name || (knows(`desk.holder_${holder.kind}`) ? t(`desk.holder_${holder.kind}`) : holder.kind);
}

const lists = new Intl.ListFormat(language === "zh" ? "zh-CN" : "en-GB", { type: "conjunction" });
/** Several names in one sentence. */
export const listed = (names) => lists.format(names.filter(Boolean));

/** Whether a rule zone set the default department, and not the authority list. */
export const byRule = (ticket) => (ticket.zone_rules ?? []).some((rule) => rule.effects.department && rule.effects.department === ticket.default_department?.code);

/** A limit as one says it: "5 个工作日". */
export const limitWord = (limit) => (limit ? t(`desk.unit_${limit.unit}`, { n: Number(limit.value.toFixed(2)) }) : "");

/** Town and grid: the grid's name says the village. */
export const placeWord = ({ town, grid }) => [town?.name, grid?.name].filter(Boolean).join(" › ");

/** A day and a time as one plans by them: to the minute, with the year. */
export const plainTime = (value) => full(value).replace(/:\d\d$/, "");

const NAMED = { action: actionWord, node: nodeWord, tier: (v) => t(`tier.${v}`), settling_tier: (v) => t(`tier.${v}`), role: roleWord };
/** The words of an error, with the names of actions, nodes, tiers and roles as people say them. */
export function plainly(error) {
  let text = words(error);
  for (const [fact, name] of Object.entries(NAMED)) {
    const value = error.document?.[fact];
    if (typeof value !== "string" || !/^[a-z_]+$/.test(value)) continue;
    const word = language === "en" ? name(value).toLowerCase() : name(value);
    text = text.replace(new RegExp(`(?<![a-z_])${value}(?![a-z_])`, "g"), word);
  }
  return text;
}
