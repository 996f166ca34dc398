// A question before something that matters: what will happen, perhaps a note, and the server's refusal in place.
import { el } from "/static/shared/dom.js";
import { words } from "/static/shared/api.js";
import { t } from "/static/shared/texts.js";

/**
 * ask({title, what, yes, note, send}): `send(note)` does it; when it throws, the dialog stays and says why.
 * `note`: the label of a text that must be given, or null. Resolves with what `send` returned, or null when cancelled.
 */
export function ask({ title, what, yes, note = null, send }) {
  return new Promise((resolve) => {
    let result = null;
    const fault = el("p", { class: "notice fault", role: "alert", hidden: true });
    const text = note && el("textarea", { class: "input", id: "ask-note", rows: 2, maxlength: 500, required: true, dataset: { testid: "ask-note" } });
    const agree = el("button", { class: "button primary", type: "submit", dataset: { testid: "confirm" } }, yes);
    const form = el("form", { method: "dialog", class: "stack", onsubmit: submit },
      el("h2", { id: "ask-title" }, title),
      ...[what].flat(),
      text && el("div", { class: "field" }, el("label", { for: "ask-note" }, note), text),
      fault,
      el("div", { class: "choices" },
        el("button", { class: "button", type: "button", onclick: () => box.close() }, t("common.cancel")),
        agree));
    const box = el("dialog", { class: "dialog wide", "aria-labelledby": "ask-title" }, form);

    async function submit(event) {
      event.preventDefault();
      agree.disabled = true;
      agree.setAttribute("aria-busy", "true");
      fault.hidden = true;
      try {
        result = await send(text?.value.trim() ?? "", agree);
        box.close();
      } catch (error) {
        fault.hidden = false;
        fault.replaceChildren(error.told ?? words(error));
        agree.disabled = false;
      }
      agree.removeAttribute("aria-busy");
    }

    box.addEventListener("close", () => {
      box.remove();
      resolve(result);
    });
    document.body.append(box);
    box.showModal();
    (text || agree).focus();
  });
}
