// The page's texts in the language it was served in, from <script type="application/json" id="texts">.
const holder = document.getElementById("texts");
const texts = holder ? JSON.parse(holder.textContent) : {};

export const language = document.documentElement.lang.startsWith("en") ? "en" : "zh";

/** The text of a key, its {placeholders} filled. An unknown key is shown as it is, so that a gap is seen and not fatal. */
export function t(key, values = {}) {
  const text = texts[key];
  if (text === undefined) return key;
  return text.replace(PLACE, (whole, before, name) => (name in values ? joined(before, String(values[name])) : whole));
}

/** Chinese leaves a space before a number, and none before a word: "至今 3 小时", "至今不到 1 分钟". */
const PLACE = /(\p{Script=Han} )?\{(\w+)\}/gu;
const joined = (before = "", value) => (/^\p{Script=Han}/u.test(value) ? before.trimEnd() : before) + value;

/** A distance as one says it: metres, from two kilometres on kilometres. */
export const distance = (metres) => (metres > 2000 ? t("common.kilometres", { n: (metres / 1000).toFixed(1) }) : t("common.metres", { n: Math.round(metres) }));

/** Whether the page has a text of that key: for words that come from data, like an action's name. */
export const knows = (key) => key in texts;

const plain = new Intl.NumberFormat(language === "zh" ? "zh-CN" : "en-GB");
const percent = new Intl.NumberFormat(language === "zh" ? "zh-CN" : "en-GB", { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });

export const count = (value) => (value === null || value === undefined ? "–" : plain.format(value));

/** A rate {numerator, denominator, value} as "96.0 %", or a dash when nothing is counted. */
export function rate(figure) {
  if (!figure || !figure.denominator) return "–";
  return percent.format(figure.numerator / figure.denominator);
}

export const fraction = (figure) => (figure ? `${count(figure.numerator)}/${count(figure.denominator)}` : "–");

/** The name of a category or department in the page's language; regions have only their own. */
export const nameOf = (thing) => (language === "en" && thing?.name_en ? thing.name_en : (thing?.name ?? "–"));
