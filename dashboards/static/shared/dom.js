// Elements without innerHTML: what people wrote is always a text node, whatever it contains.

/** el("a", {href, class, dataset: {…}, onclick}, child, "text", …): null and false children are left out. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "dataset") Object.assign(node.dataset, value);
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

/** The same for SVG elements. */
export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== null && value !== undefined) node.setAttribute(name, value);
  node.append(...children.flat().filter(Boolean));
  return node;
}

export const $ = (selector, within = document) => within.querySelector(selector);
export const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

/** Writes a text only when it differs, so that a screen reader and the layout are left alone otherwise. */
export function write(node, text) {
  if (node && node.textContent !== text) node.textContent = text;
}

/** The mark of a colour: circle, triangle, diamond, hatched square, tick. Its word stands beside it, so it is hidden from readers. */
export const mark = (colour) => el("span", { class: `mark ${colour}`, "aria-hidden": "true" });

/** A short message in the corner; it stays `seconds`, a fault until it is closed by a click. */
export function toast(text, kind = "done", seconds = 6) {
  let box = $(".toasts");
  if (!box) {
    box = el("div", { class: "toasts", role: "status", "aria-live": "polite" });
    document.body.append(box);
  }
  const message = el("div", { class: `notice ${kind}`, onclick: () => message.remove() }, text);
  box.append(message);
  if (kind !== "fault") setTimeout(() => message.remove(), seconds * 1000);
  return message;
}
