// Builds elements. Everything that comes from people or from the server goes in as text nodes, never as HTML.

const SVG = "http://www.w3.org/2000/svg";

/** el("button", {class, data: {action}, on: {click}, disabled: true, ...attributes}, ...children) */
export function el(tag, options = {}, ...children) {
  const { data = {}, on = {}, ...attributes } = options;
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name === "value") node.value = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  for (const [name, value] of Object.entries(data))
    if (value !== undefined && value !== null) node.dataset[name] = value;
  for (const [name, listener] of Object.entries(on)) node.addEventListener(name, listener);
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** An icon of ours: outlines on a 24 × 24 field, in the colour of the text around it. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("icon");
  for (const shape of ICONS[name]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", shape);
    svg.append(path);
  }
  return svg;
}

const ICONS = {
  camera: ["M4 8h3l2-3h6l2 3h3v11H4z", "M12 17a4 4 0 1 0 0-8 4 4 0 0 0 0 8z"],
  report: ["M12 5v14", "M5 12h14"],
  list: ["M9 6h11", "M9 12h11", "M9 18h11", "M4 6h1", "M4 12h1", "M4 18h1"],
  check: ["M4 12.5l5 5L20 6.5"],
  person: ["M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8z", "M4 21c1-5 4-7 8-7s7 2 8 7"],
  place: ["M12 21s7-6.5 7-12a7 7 0 1 0-14 0c0 5.5 7 12 7 12z", "M12 11.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z"],
  back: ["M15 5l-7 7 7 7"],
  next: ["M9 5l7 7-7 7"],
  remove: ["M6 6l12 12", "M18 6L6 18"],
  aim: ["M12 3v4", "M12 17v4", "M3 12h4", "M17 12h4", "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8z"],
  again: ["M20 12a8 8 0 1 1-2.5-5.8", "M20 4v5h-5"],
  bell: ["M6 16v-5a6 6 0 0 1 12 0v5l2 2H4z", "M10 21h4"],
  search: ["M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13z", "M15.5 15.5L21 21"],
};

export const replace = (parent, ...children) => parent.replaceChildren(...children.flat().filter(Boolean));
