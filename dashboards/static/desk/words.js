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

/** A UUID also where the page has no secure context, as on an intranet without HTTPS. */
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
