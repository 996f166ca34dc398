// The administration page: a tab is loaded when it is first looked at; its name stands in the address.
import { $, $$, el } from "/static/shared/dom.js";
import { words } from "/static/shared/api.js";
import { t } from "/static/shared/texts.js";
import { alarmsTab } from "/static/administration/alarms.js";
import { calendarTab } from "/static/administration/calendar.js";
import { messagesTab } from "/static/administration/messages.js";
import { rulesTab } from "/static/administration/rules.js";

const LOADERS = { rules: rulesTab, calendar: calendarTab, alarms: alarmsTab, messages: messagesTab };
const changes = $("#main").dataset.changes === "true";
const tabs = $$("[role=tab]");
const loaded = new Set();

/** What a tab may use: whether its reader may change things, and the number beside the tab's name. */
function context(name) {
  return {
    changes,
    count(n) {
      const badge = $(`#tab-${name} .tab-count`);
      badge.hidden = !n;
      badge.textContent = n;
    },
  };
}

async function load(name) {
  const panel = $(`#panel-${name}`);
  if (loaded.has(name)) return;
  loaded.add(name);
  panel.replaceChildren(el("p", { class: "empty" }, t("common.loading")));
  try {
    await LOADERS[name](panel, context(name));
  } catch (error) {
    loaded.delete(name);
    panel.replaceChildren(
      el("div", { class: "empty" },
        el("b", {}, t("administration.failed")),
        el("p", { role: "alert" }, words(error)),
        el("button", { type: "button", class: "button", onclick: () => load(name) }, t("common.retry"))));
  }
}

function show(name, { focus = false } = {}) {
  for (const tab of tabs) {
    const chosen = tab.dataset.tab === name;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
    if (chosen && focus) tab.focus();
    $(`#panel-${tab.dataset.tab}`).hidden = !chosen;
  }
  load(name);
}

const wanted = () => tabs.find((tab) => `#${tab.dataset.tab}` === window.location.hash)?.dataset.tab ?? tabs[0].dataset.tab;

for (const tab of tabs) {
  tab.addEventListener("click", () => { window.location.hash = tab.dataset.tab; });
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length].dataset.tab;
    window.history.replaceState(null, "", `#${next}`);
    show(next, { focus: true });
  });
}
window.addEventListener("hashchange", () => show(wanted()));
show(wanted());
// The numbers beside the tabs' names are known before anybody looks.
for (const name of ["alarms", "messages"]) if (tabs.some((tab) => tab.dataset.tab === name)) load(name);
