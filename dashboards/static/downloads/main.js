// Downloads: choices apply at once, and the address can be copied.
import { $, $$ } from "/static/shared/dom.js";
import { t } from "/static/shared/texts.js";

for (const select of $$(".choices select")) select.addEventListener("change", () => select.form.requestSubmit());

for (const button of $$("[data-copy]")) {
  button.addEventListener("click", async () => {
    const source = $(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(source.textContent);
      button.textContent = t("downloads.copied");
    } catch {
      // Without HTTPS the browser lets no script copy: the address is selected for the keyboard.
      getSelection().selectAllChildren(source);
      button.textContent = t("downloads.press_copy");
    }
  });
}
