// A button that opens a menu: arrows move in it, Escape closes it, and it stands above everything, cut off by nothing.
import { el } from "/static/shared/dom.js";

const GAP = 6;

/** menuButton({label, items: [{name, text, kind, dataset, onclick}], title}) → {element, close()}. */
export function menuButton({ label, title = null, items, kind = "", testid }) {
  let menu = null;
  const element = el(
    "button",
    {
      class: `button menu-button ${kind}`,
      type: "button",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      "aria-label": title,
      title,
      dataset: { testid },
      onclick: () => (menu ? close() : open()),
      onkeydown: (event) => {
        if (!["ArrowUp", "ArrowDown"].includes(event.key)) return;
        event.preventDefault();
        open();
      },
    },
    label,
  );

  function open() {
    if (menu) return;
    menu = el(
      "div",
      { class: "menu", role: "menu", "aria-label": title ?? (typeof label === "string" ? label : null), onkeydown: keys },
      ...items.map((item) =>
        el(
          "button",
          {
            class: `menu-item ${item.kind ?? ""}`,
            type: "button",
            role: "menuitem",
            tabindex: "-1",
            dataset: item.dataset,
            onclick: () => {
              close();
              item.onclick();
            },
          },
          item.text,
        ),
      ),
    );
    document.body.append(menu);
    place();
    element.setAttribute("aria-expanded", "true");
    menu.firstElementChild?.focus();
    document.addEventListener("pointerdown", outside, true);
    window.addEventListener("resize", close);
  }
  /** Above the button, and never beyond the window's edge. */
  function place() {
    const at = element.getBoundingClientRect();
    const { width, height } = menu.getBoundingClientRect();
    const above = at.top - height - GAP;
    menu.style.left = `${Math.max(GAP, Math.min(at.left, window.innerWidth - width - GAP))}px`;
    menu.style.top = `${above >= GAP ? above : Math.min(at.bottom + GAP, window.innerHeight - height - GAP)}px`;
  }
  function close({ back = false } = {}) {
    if (!menu) return;
    menu.remove();
    menu = null;
    element.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", outside, true);
    window.removeEventListener("resize", close);
    if (back) element.focus();
  }
  function outside(event) {
    if (!menu.contains(event.target) && !element.contains(event.target)) close();
  }
  function keys(event) {
    event.stopPropagation();
    const all = [...menu.children];
    const at = all.indexOf(document.activeElement);
    const go = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (go !== undefined) {
      event.preventDefault();
      all[(go + all.length) % all.length].focus();
    } else if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      close({ back: true });
    }
  }
  return { element, close };
}
