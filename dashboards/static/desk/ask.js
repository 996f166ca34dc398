// One question before something final, saying what will happen. Resolves true or false.
import { el } from "/static/shared/dom.js";
import { t } from "/static/shared/texts.js";

export function ask({ title, what, yes, danger = true }) {
  return new Promise((resolve) => {
    let answer = false;
    const agree = el(
      "button",
      {
        class: `button ${danger ? "danger" : "primary"}`,
        type: "button",
        dataset: { testid: "confirm" },
        onclick: () => {
          answer = true;
          box.close();
        },
      },
      yes,
    );
    const box = el(
      "dialog",
      {
        class: "dialog",
        "aria-labelledby": "ask-title",
        "aria-describedby": "ask-what",
        onkeydown: (event) => event.stopPropagation(),
      },
      el("h2", { id: "ask-title" }, title),
      el("div", { id: "ask-what", class: "stack" }, ...[what].flat()),
      el(
        "div",
        { class: "choices" },
        el(
          "button",
          { class: "button", type: "button", dataset: { testid: "cancel" }, onclick: () => box.close() },
          t("common.cancel"),
        ),
        agree,
      ),
    );
    box.addEventListener("close", () => {
      box.remove();
      resolve(answer);
    });
    document.body.append(box);
    box.showModal();
    agree.focus();
  });
}
