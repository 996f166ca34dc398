// The editions of the map, newest first: what is in force, what waits for its day, what became of the regions.
import { el, toast } from "/static/shared/dom.js";
import { all, get, post, words } from "/static/shared/api.js";
import { count, t } from "/static/shared/texts.js";
import { full, timeElement } from "/static/shared/time.js";
import { ask } from "/static/administration/ask.js";

const MARKS = { in_force: "done", scheduled: "yellow", past: "past", withdrawn: "grey" };
const MOST_LINES = 1000;

/** editionsCard(card): fills the card; load() reads the list anew. */
export function editionsCard(card) {
  const body = el("div", {}, el("p", { class: "empty" }, t("common.loading")));
  card.replaceChildren(el("header", {}, el("h2", {}, t("editions.title"))), el("p", { class: "muted small" }, t("editions.text")), body);

  async function load() {
    try {
      const { items } = await get("map-editions");
      body.replaceChildren(items.length ? table(items) : el("div", { class: "empty" }, el("b", {}, t("editions.none")), el("p", {}, t("editions.none_text"))));
    } catch (error) {
      body.replaceChildren(el("div", { class: "empty" }, el("p", { role: "alert" }, words(error)), el("button", { type: "button", class: "button", onclick: load }, t("common.retry"))));
    }
  }

  const table = (items) => el("div", { class: "table-wrap" }, el("table", { class: "table", dataset: { testid: "editions" } },
    el("thead", {}, el("tr", {}, ...["version", "name", "state", "effective", "source", "counts", "note", "do"].map((key) => el("th", { scope: "col", class: ["version", "counts"].includes(key) ? "figure" : null }, t(`editions.col_${key}`))))),
    el("tbody", {}, ...items.map(row))));

  const row = (one) => el("tr", { dataset: { version: one.version } },
    el("td", { class: "figure" }, String(one.version)),
    el("td", {}, one.name, " ", one.synthetic && el("span", { class: "tag grey" }, t("editions.synthetic"))),
    el("td", {}, el("span", { class: `tag ${MARKS[one.state]}`, dataset: { state: one.state } }, el("span", { class: `mark ${MARKS[one.state]}`, "aria-hidden": "true" }), t(`editions.state_${one.state}`)),
      one.state === "in_force" && !one.finished_at && el("span", { class: "muted small" }, ` ${t("editions.relocating")}`)),
    el("td", {}, timeElement(one.effective_at)),
    el("td", { class: "note" }, one.source, one.created_by && el("span", { class: "muted small" }, ` ${one.created_by}`)),
    el("td", { class: "figure" }, t("editions.counts", { grids: count(one.counts.grid ?? 0), villages: count(one.counts.village ?? 0) })),
    el("td", { class: "note" }, one.note || "–"),
    el("td", {}, el("div", { class: "actions" },
      one.version > 1 && one.state !== "withdrawn" && el("button", { type: "button", class: "button compact", onclick: () => lineage(one) }, t("editions.lineage")),
      one.state === "scheduled" && el("button", { type: "button", class: "button compact danger", onclick: () => withdraw(one) }, t("editions.withdraw")))));

  async function withdraw(one) {
    const done = await ask({
      title: t("editions.withdraw_title", { name: one.name }),
      what: el("p", {}, t("editions.withdraw_text", { day: full(one.effective_at) })),
      yes: t("editions.withdraw_yes"),
      send: () => post(`map-editions/${one.version}/withdraw`, {}),
    });
    if (done) await load();
  }

  async function lineage(one) {
    try {
      const { items, total, cut } = await all(`map-editions/${one.version}/lineage`, {}, { most: MOST_LINES });
      const box = el("dialog", { class: "dialog wide lineage-box", "aria-labelledby": "lineage-title" },
        el("h2", { id: "lineage-title" }, t("editions.lineage_of", { name: one.name })),
        items.length ? lines(items) : el("p", { class: "empty" }, t("editions.lineage_none")),
        cut && el("p", { class: "muted small" }, t("editions.lineage_cut", { n: count(items.length), total: count(total) })),
        el("div", { class: "choices" },
          el("a", { class: "button", href: `/api/v1/map-editions/${one.version}/lineage.csv`, download: true }, t("common.export_csv")),
          el("button", { type: "button", class: "button primary", onclick: () => box.close() }, t("common.close"))));
      box.addEventListener("close", () => box.remove());
      document.body.append(box);
      box.showModal();
    } catch (error) {
      toast(words(error), "fault");
    }
  }

  load();
  return { load };
}

const region = (one) => (one ? el("span", {}, one.name, " ", el("span", { class: "muted small number" }, one.code)) : "–");
const share = (value) => (value === null ? "–" : `${(value * 100).toFixed(1)} %`);

const lines = (items) => el("div", { class: "lineage table-wrap" }, el("table", { class: "table" },
  el("thead", {}, el("tr", {}, ...["old", "how", "new", "share_of_old", "share_of_new"].map((key) => el("th", { scope: "col", class: key.startsWith("share") ? "figure" : null }, t(`editions.line_${key}`))))),
  el("tbody", {}, ...items.map((line) => el("tr", {}, el("td", {}, region(line.old)), el("td", {}, el("span", { class: "tag" }, t(`editions.how_${line.how}`))), el("td", {}, region(line.new)),
    el("td", { class: "figure" }, share(line.share_of_old)), el("td", { class: "figure" }, share(line.share_of_new)))))));
