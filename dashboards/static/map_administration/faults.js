// The faults of a report by kind: a kind is loaded when it is opened, its rows a page at a time.
import { el } from "/static/shared/dom.js";
import { get, words } from "/static/shared/api.js";
import { count, language, t } from "/static/shared/texts.js";

const AT_ONCE = 50;

/** faultKinds(job, {onPlace(fault)}): the list, and reveal(n, kind) that opens the row of one fault. */
export function faultKinds(job, { onPlace = null } = {}) {
  const kinds = job.result.faults;
  const loaders = new Map();
  const node = el("div", { class: "fault-kinds", dataset: { testid: "fault-kinds" } }, ...kinds.map((kind, n) => {
    const rows = el("ul", { class: "fault-rows" });
    const more = el("div", { class: "fault-more", hidden: true });
    let cursor = null;
    let begun = false;

    async function load() {
      try {
        const page = await get(`imports/${job.id}/faults`, { kind: kind.kind, cursor, limit: AT_ONCE });
        cursor = page.next_cursor;
        rows.append(...page.items.filter((fault) => fault.level === kind.level && fault.repaired === kind.repaired).map((fault) => row(job, fault, onPlace)));
        more.hidden = !cursor;
        more.replaceChildren(el("button", { type: "button", class: "button compact", onclick: load }, t("imports.more_rows")));
      } catch (error) {
        more.hidden = false;
        more.replaceChildren(el("span", { role: "alert" }, words(error)), " ", el("button", { type: "button", class: "button compact", onclick: load }, t("common.retry")));
      }
    }

    const box = el("details", { dataset: { kind: kind.kind }, ontoggle: () => { if (box.open && !begun) { begun = true; load(); } } },
      el("summary", {}, el("span", { class: "number" }, count(kind.count)), el("b", {}, kindName(kind)), tag(kind)), rows, more);
    if (n === 0 && kind.level === "fault" && !kind.repaired) box.open = true;
    if (!loaders.has(kind.kind)) loaders.set(kind.kind, { box, rows, load: async () => { if (!begun) { begun = true; await load(); } }, next: async () => (cursor ? (await load(), true) : false) });
    return box;
  }));

  /** Opens the row of a fault and brings it into sight, however far down it is. */
  async function reveal(n, kind) {
    const place = loaders.get(kind);
    if (!place) return;
    place.box.open = true;
    await place.load();
    let found = null;
    do found = place.rows.querySelector(`[data-n="${n}"]`); while (!found && (await place.next()));
    if (!found) return;
    for (const other of node.querySelectorAll("[aria-current]")) other.removeAttribute("aria-current");
    found.setAttribute("aria-current", "true");
    found.scrollIntoView({ block: "center" });
  }
  return { node, reveal };
}

/** The name of a kind, which comes with the report. */
export const kindName = (kind) => (language === "zh" ? kind.name : kind.name_en);

function tag(kind) {
  if (kind.level === "note") return el("span", { class: "tag grey" }, t("imports.note"));
  if (kind.repaired) return el("span", { class: "tag done" }, t("imports.repaired"));
  if (kind.repairable) return el("span", { class: "tag yellow" }, t("imports.repairable"));
  return el("span", { class: "tag red" }, t("imports.must_be_put_right"));
}

function row(job, fault, onPlace) {
  const where = [fault.layer, fault.row === null ? t("imports.whole_file") : t("imports.row", { n: fault.row }), fault.code].filter(Boolean).join(" · ");
  const said = language === "zh" ? fault.text : fault.text_en;
  const placed = onPlace && fault.lon !== null;
  return el("li", { dataset: { n: fault.n } },
    el("span", { class: "where" }, where),
    el("div", { class: "stack" }, el("span", {}, said),
      placed && el("button", { type: "button", class: "button compact", onclick: () => onPlace(fault) }, t("imports.show_place"))),
    fault.picture && el("a", { href: `/api/v1/imports/${job.id}/faults/${fault.n}.svg?turn=${job.turn}`, target: "_blank", rel: "noopener" }, el("img", { src: `/api/v1/imports/${job.id}/faults/${fault.n}.svg?turn=${job.turn}`, alt: t("imports.picture_of", { what: said }), loading: "lazy", width: 132, height: 96 })));
}
