// What is asked once before it is done, and what is said then: only what ends a matter, or takes it out of some hands.
import { el } from "/static/shared/dom.js";
import { knows, t } from "/static/shared/texts.js";
import { shortly } from "./into_field.js";
import { actionWord, listed, plainTime } from "./words.js";

const ASKED = new Set(["reject", "close", "return", "escalate", "merge", "transfer", "suspend", "reopen", "appeal"]);
const DANGEROUS = new Set(["reject", "return", "merge", "suspend"]);

export const isDangerous = (name) => DANGEROUS.has(name);

/** Whether an action is asked about before it is sent. */
export function isAsked(name, body = {}) {
  if (name === "verify") return body.passed === true;
  if (name === "decide_appeal" || name === "decide_extension") return body.passed === false;
  return ASKED.has(name) || (name === "resolve" && body.overrule === true);
}

/** What will happen, as content for the question. */
export function consequence(name, ticket, body = {}, values = {}) {
  const refused = body.passed === false ? "_refused" : "";
  const overruled = name === "resolve" && body.overrule ? "_overruled" : "";
  const key = `desk.consequence_${name}${refused}${overruled}`;
  const facts = {
    until: body.until ? plainTime(body.until) : "",
    into: body.into ?? "",
    number: ticket.number ?? "",
    names: listed((ticket.assists ?? []).filter((one) => !one.answered_at && !one.overruled).map((one) => one.department.name)),
  };
  const told = knows(key) ? t(key, facts) : t("desk.consequence", { action: actionWord(name) });
  return [told, name === "merge" && values.into ? el("div", { class: "short-list" }, shortly(values.into)) : null];
}
