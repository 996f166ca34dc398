// A banner over the screen while escalation has an alarm: what is the matter, what to do, and who may agree, agrees here.
// The server's sentences are shown as they come; a screen whose reader may not see alarms shows nothing.
import { el, toast } from "/static/shared/dom.js";
import { get, post, words } from "/static/shared/api.js";
import { language, t } from "/static/shared/texts.js";
import { full } from "/static/shared/time.js";

const EVERY = 30000;   // ms
const FORBIDDEN = 403;

const own = (item, name) => (language === "zh" ? item[name] : item[`${name}_en`]);

/** watchAlarms(element) -> look(): keeps the banner up to date, and looks at once when called (after a reconnection). */
export function watchAlarms(box, onChange = () => {}) {
  let shown = "";
  let timer = null;

  async function look() {
    clearTimeout(timer);
    try {
      const { items, may_agree: mayAgree } = await get("alarms");
      show(items, mayAgree);
    } catch (error) {
      if (error.status === FORBIDDEN) return;   // not for this reader: never ask again
    }
    timer = setTimeout(look, EVERY);   // the network's own fault is told elsewhere; the last banner stays
  }

  function show(items, mayAgree) {
    const said = JSON.stringify(items.map((item) => [item.alarm, own(item, "text"), own(item, "todo")]));
    if (said === shown) return;
    shown = said;
    box.hidden = items.length === 0;
    box.replaceChildren(...items.map((item) => line(item, mayAgree)));
    onChange();
  }

  function line(item, mayAgree) {
    const agrees = item.alarm === "clock-frozen" && mayAgree;
    return el("div", { class: "alarm", dataset: { alarm: item.alarm } },
      el("b", { class: "alarm-what" }, el("span", { "aria-hidden": "true" }, "▲ "), own(item, "text")),
      el("span", { class: "alarm-todo" }, own(item, "todo")),
      agrees ? el("button", { type: "button", class: "button compact", onclick: ask }, t("alarm.agree")) : null);
  }

  /** Says beforehand what will happen, as of now, and sends which freeze was looked at. */
  async function ask() {
    let stands;
    try {
      stands = await get("alarms/clock");
    } catch (error) {
      toast(words(error), "fault");
      return;
    }
    const fault = el("p", { class: "field-error", role: "alert", hidden: true });
    const dialog = el("dialog", { class: "dialog", "aria-labelledby": "alarm-title" },
      el("h2", { id: "alarm-title" }, t("alarm.agree")),
      el("p", {}, t("alarm.agree_text", { time: full(stands.as_of), due: stands.due })),
      fault,
      el("div", { class: "choices" },
        el("button", { type: "button", class: "button", onclick: () => dialog.close() }, t("common.cancel")),
        el("button", { type: "button", class: "button primary", onclick: send }, t("common.confirm"))));
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();

    async function send() {
      try {
        await post("alarms/clock/agree", { frozen_at: stands.frozen_at });
        dialog.close();
      } catch (error) {
        fault.hidden = false;
        fault.textContent = words(error);
      }
      look();
    }
  }

  look();
  return look;
}

// A page that only wants the banner marks its element; one with a live stream of its own calls watchAlarms.
const marked = document.querySelector("#alarms[data-watch]");
if (marked) watchAlarms(marked);
