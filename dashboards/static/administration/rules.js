// The clocks' policy: the version that holds as a form, the versions before it with what each changed.
import { $, el, toast } from "/static/shared/dom.js";
import { get, post, words } from "/static/shared/api.js";
import { language, t } from "/static/shared/texts.js";
import { timeElement } from "/static/shared/time.js";
import { ask } from "/static/administration/ask.js";
import { difference } from "/static/administration/document.js";
import { rulesForm } from "/static/administration/rules_form.js";

const AT_ONCE = 20;

export async function rulesTab(panel, context) {
  const conditions = flatten((await get("categories")).items);
  const documents = new Map();   // version → its document, which never changes
  let newest = null;
  let form = null;
  let dirty = false;

  async function documentOf(version) {
    if (!documents.has(version)) documents.set(version, (await get(`policies/${version}`)).document);
    return documents.get(version);
  }

  /** Shows the newest version; or, to begin from, an older one's content. */
  async function show(from = null) {
    const list = await get("policies", { limit: AT_ONCE });
    newest = list.items[0];
    const document = await documentOf(from ?? newest.version);
    form = rulesForm(document, conditions, { changes: context.changes, onChange: tellChanges });
    const bar = el("div", { class: "rules-bar", role: "region", "aria-label": t("administration.save") },
      el("span", { id: "changed", role: "status" }),
      el("button", { type: "button", class: "button", id: "undo", onclick: () => show().catch(tell) }, t("administration.undo")),
      el("button", { type: "button", class: "button primary", id: "save", dataset: { testid: "save-policy" }, onclick: save }, t("administration.save")));
    panel.replaceChildren(
      el("header", { class: "rules-head" }, el("h2", {}, t("administration.version_now", { n: newest.version })), el("p", { class: "muted" }, t("administration.version_text"))),
      form.element, context.changes ? bar : "", history(list));
    tellChanges();
  }

  const changed = () => difference(documents.get(newest.version), form.read(), conditions);

  function tellChanges() {
    const n = changed().length;
    dirty = n > 0;
    if (!$("#changed")) return;
    $("#changed").textContent = n ? t("administration.changed", { n }) : t("administration.unchanged");
    $("#save").disabled = $("#undo").disabled = n === 0;
  }

  async function save() {
    const stored = await ask({
      title: t("administration.save_title", { n: newest.version + 1 }),
      what: [el("p", { class: "notice" }, t("administration.save_text")), changesTable(changed())],
      note: t("administration.save_note"),
      yes: t("administration.save_yes"),
      send: async (note) => {
        try {
          return await post("policies", { document: form.read(), note, based_on: newest.version });
        } catch (error) {
          if (error.code === "policy-invalid") {
            const why = language === "zh" ? error.document.why_zh : error.document.why_en;
            form.blame(error.document.where, why);
            error.told = t("administration.not_saved", { why });
          }
          throw error;
        }
      },
    });
    if (!stored) return;
    toast(t("administration.saved", { n: stored.version }));
    await show().catch(tell);
  }

  function history(list) {
    const rows = el("tbody", {}, ...list.items.flatMap(row));
    const more = el("button", { type: "button", class: "button", hidden: !list.next_cursor, dataset: { cursor: list.next_cursor ?? "" }, onclick: async () => {
      const page = await get("policies", { limit: AT_ONCE, cursor: more.dataset.cursor });
      rows.append(...page.items.flatMap(row));
      more.hidden = !page.next_cursor;
      more.dataset.cursor = page.next_cursor ?? "";
    } }, t("administration.messages_more"));
    return el("section", { class: "card" },
      el("header", {}, el("h3", {}, t("administration.history"))),
      el("div", { class: "table-wrap" }, el("table", { class: "table", id: "history" },
        el("thead", {}, el("tr", {}, ...["version", "when", "who", "note", "what"].map((key) => el("th", { scope: "col" }, t(`administration.history_${key}`))))), rows)), more);
  }

  function row(item) {
    const detail = el("tr", { class: "detail", hidden: true }, el("td", { colspan: 5 }));
    const opener = el("button", { type: "button", class: "button compact", "aria-expanded": "false", dataset: { testid: "difference" }, onclick: () => open().catch(tell) }, t("administration.history_show"));
    async function open() {
      detail.hidden = !detail.hidden;
      opener.setAttribute("aria-expanded", String(!detail.hidden));
      if (detail.hidden) return;
      const [before, after] = [await documentOf(item.version - 1), await documentOf(item.version)];
      detail.firstChild.replaceChildren(changesTable(difference(before, after, conditions)));
    }
    const line = el("tr", { dataset: { version: item.version } },
      el("td", { class: "number" }, String(item.version), item.version === newest.version ? el("span", { class: "tag done" }, t("administration.holds")) : null),
      el("td", { class: "nowrap" }, timeElement(item.created_at, "short")),
      el("td", {}, item.created_by === "system" ? t("role.system") : item.created_by),
      el("td", { class: "note" }, item.note || "–"),
      el("td", {}, el("div", { class: "row" },
        item.version > 1 ? opener : el("span", { class: "muted small" }, t("administration.history_first")),
        context.changes && item.version !== newest.version
          ? el("button", { type: "button", class: "button compact", onclick: () => show(item.version).then(() => window.scrollTo(0, 0), tell) }, t("administration.history_use")) : null)));
    return [line, detail];
  }

  window.addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
  await show();
}

const tell = (error) => toast(words(error), "fault");

const changesTable = (changes) => (changes.length
  ? el("div", { class: "table-wrap changes" }, el("table", { class: "table" },
    el("thead", {}, el("tr", {}, ...["key", "before", "after"].map((key) => el("th", { scope: "col" }, t(`administration.change_${key}`))))),
    el("tbody", {}, ...changes.map(({ label, before, after }) => el("tr", {}, el("td", {}, label),
      el("td", { class: "before" }, before ?? t("administration.change_none")), el("td", { class: "after" }, after ?? t("administration.change_none")))))))
  : el("p", { class: "muted" }, t("administration.unchanged")));

/** Every case condition by its code, with the words it is found by in both languages. */
function flatten(tree) {
  const found = new Map();
  for (const major of tree) {
    for (const minor of major.children) {
      for (const one of minor.children) {
        const said = [one, minor, major].map((thing) => `${thing.name} ${thing.name_en ?? ""}`).join(" ");
        found.set(one.code, { ...one, minor, words: `${one.code} ${said}`.toLowerCase() });
      }
    }
  }
  return found;
}
