// Zones out of a file: looked at first, stored when all of it is right.
import { el } from "/static/shared/dom.js";
import { call } from "/static/shared/api.js";
import { language, nameOf, t } from "/static/shared/texts.js";
import { ask } from "/static/administration/ask.js";
import { KINDS } from "/static/zones/words.js";

/** Resolves with the stored zones, or null. */
export function bring() {
  const file = el("input", { type: "file", class: "input", id: "zone-file", accept: ".geojson,.json,.gpkg,.zip", required: true, onchange: () => { void look(); } });
  const kind = el("select", { class: "input", id: "zone-file-kind", onchange: () => { void look(); } }, ...KINDS.map((one) => el("option", { value: one }, t(`zones.kind_${one}`))));
  const seen = el("div", { role: "status", class: "zones-seen" });

  function form(more) {
    const body = new FormData();
    body.append("file", file.files[0]);
    body.append("kind", kind.value);
    for (const [name, value] of Object.entries(more)) body.append(name, value);
    return body;
  }
  async function look() {
    if (!file.files.length) return;
    seen.replaceChildren(t("zones.looking"));
    try {
      const { data } = await call("POST", "zones/import", { body: form({ dry_run: "true" }) });
      seen.replaceChildren(el("p", { class: "notice done" }, t("zones.file_good", { n: data.items.length })),
        el("ul", { class: "small" }, ...data.items.slice(0, 10).map((one) => el("li", {}, `${nameOf(one)} · ${t(`zones.kind_${one.kind}`)}`))));
    } catch (error) {
      seen.replaceChildren(el("p", { class: "notice fault", role: "alert" }, error.message), faults(error));
    }
  }
  return ask({
    title: t("zones.bring"),
    what: [
      el("p", {}, t("zones.bring_text")),
      el("div", { class: "field" }, el("label", { for: "zone-file" }, t("zones.file")), file),
      el("div", { class: "field" }, el("label", { for: "zone-file-kind" }, t("zones.file_kind")), kind),
      seen,
    ],
    note: t("zones.why"),
    yes: t("zones.bring_yes"),
    send: async (note) => (await call("POST", "zones/import", { body: form({ note }) })).data.items,
  });
}

function faults(error) {
  const all = error.document?.faults ?? [];
  return all.length > 1 ? el("ul", { class: "small" }, ...all.slice(0, 20).map((one) => el("li", {}, t("zones.file_row", { n: one.row, where: one.where, why: language === "zh" ? one.zh : one.en })))) : "";
}
