// Names of things, in the language of the page.
import { knows, language, t } from "/static/shared/texts.js";

export const called = (thing) => (language === "en" && thing?.name_en) || thing?.name || "";
export const nodeWord = (node) => t(`node.${node}`);
export const actionWord = (name) => (knows(`action.${name}`) ? t(`action.${name}`) : name);
export const roleWord = (role) => (knows(`role.${role}`) ? t(`role.${role}`) : role);

/** In whose hands: a name, or why there is none. */
export function holderWord(holder) {
  if (!holder || holder.kind === "none") return t("desk.holder_none");
  return holder.name || (knows(`desk.holder_${holder.kind}`) ? t(`desk.holder_${holder.kind}`) : holder.kind);
}
