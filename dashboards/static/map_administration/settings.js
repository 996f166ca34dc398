// What a file does not tell by itself: its coordinates, its layer, its letters, and which of its columns is what.
import { el } from "/static/shared/dom.js";
import { count, knows, language, t } from "/static/shared/texts.js";

const KNOWN = ["wgs84", "cgcs2000", "gcj02", "bd09"];
const ENCODINGS = ["utf-8", "gbk"];
const SAMPLES = 3;
const OURS = ["code", "name", "kind", "village", "town", "parent", "level", "lon", "lat", "wkt", "synthetic"];

/** settings(job, {run}): a form of the choices; `run(choices)` checks the file again. */
export function settings(job, { run, primary }) {
  const { result, choices } = job;
  const crs = coordinates(result, choices);
  const layer = result.layers.length > 1 ? select("import-layer", [["", t("imports.automatic")], ...result.layers.map((one) => [one.name, t("imports.layer_rows", { name: one.name, n: count(one.rows) })])], choices.layer ?? "") : null;
  const encoding = result.encoding ? select("import-encoding", [["", t("imports.automatic_is", { value: result.encoding })], ...ENCODINGS.map((name) => [name, name.toUpperCase()])], choices.encoding ?? "") : null;
  const mapping = fields(result, choices);
  const part = el("input", { type: "checkbox", id: "import-add", checked: Boolean(choices.add) });
  const wrong = el("p", { class: "notice fault", role: "alert", hidden: true });

  function submit(event) {
    event.preventDefault();
    wrong.hidden = true;
    const reference = crs.value();
    if (reference === undefined) {
      wrong.hidden = false;
      wrong.textContent = t("imports.epsg_wrong");
      return;
    }
    const said = {
      crs: reference, layer: layer?.value || null, encoding: encoding?.value || null,
      fields: mapping?.value() ?? choices.fields ?? null, add: part.checked, repair: Boolean(choices.repair), gap_m: choices.gap_m ?? null, sliver_m2: choices.sliver_m2 ?? null,
    };
    run(Object.fromEntries(Object.entries(said).filter(([, value]) => value !== null)));
  }

  return el("form", { class: "stack", onsubmit: submit, dataset: { testid: "settings" } },
    el("div", { class: "settings" },
      el("fieldset", {}, el("legend", {}, t("imports.crs")), ...crs.nodes),
      el("fieldset", {}, el("legend", {}, t("imports.file_itself")),
        layer && field("import-layer", t("imports.layer"), layer), encoding && field("import-encoding", t("imports.encoding"), encoding),
        el("label", { class: "choice", for: "import-add" }, part, el("span", {}, t("imports.is_part"), el("span", { class: "muted small" }, ` ${t("imports.is_part_text")}`)))),
      mapping && el("fieldset", { class: "wide" }, el("legend", {}, t("imports.mapping")), mapping.node)),
    wrong,
    el("div", { class: "actions" }, el("button", { type: "submit", class: primary ? "button primary" : "button", dataset: { testid: "check-again" } }, t("imports.check_again"))));
}

/** The coordinate references: what the file says, what its figures would fit, the four usual ones, or a number. */
function coordinates(result, choices) {
  const guesses = new Map((result.guesses ?? []).map((guess) => [guess.crs, guess]));
  const names = [...new Set([...guesses.keys(), ...KNOWN])];
  const chosen = choices.crs ?? (result.crs_found ? "" : guesses.keys().next().value ?? "");
  const epsg = el("input", { class: "input", type: "text", inputmode: "numeric", id: "import-epsg", placeholder: "4528", "aria-label": t("imports.epsg"), value: names.includes(chosen) || !chosen ? null : chosen.replace(/^EPSG:/i, "") });
  const one = (value, text, note = null) => {
    const input = el("input", { type: "radio", name: "import-crs", value, id: `crs-${value || "file"}`, checked: value === chosen || (value === "epsg" && Boolean(epsg.value)) });
    return el("label", { class: "choice", for: input.id }, input, el("span", {}, text, note && el("span", { class: "muted small" }, ` ${note}`)));
  };
  const nodes = [
    ...(result.crs_found ? [one("", t("imports.crs_of_file", { crs: result.crs }))] : []),
    ...names.map((name) => one(name, guessName(name, guesses.get(name)), guesses.has(name) ? t("imports.crs_fits", { share: Math.round(guesses.get(name).share * 100) }) : null)),
    one("epsg", t("imports.epsg")), epsg,
  ];
  epsg.addEventListener("input", () => { document.querySelector("#crs-epsg").checked = true; });
  return {
    nodes,
    value() {
      const value = document.querySelector("[name=import-crs]:checked")?.value ?? "";
      if (value !== "epsg") return value || null;
      return /^\d{4,6}$/.test(epsg.value.trim()) ? `EPSG:${epsg.value.trim()}` : undefined;
    },
  };
}

const guessName = (crs, guess) => (knows(`imports.crs_${crs}`) ? t(`imports.crs_${crs}`) : guess ? (language === "zh" ? guess.name : guess.name_en) : crs);

function fields(result, choices) {
  const known = Object.keys(result.fields ?? {});
  const ours = [...OURS.filter((name) => known.includes(name)), ...known.filter((name) => !OURS.includes(name))];
  if (!ours.length || !result.columns.length) return null;
  const selects = new Map();
  const sampled = new Map(result.columns.map((column) => [column.name, column.samples]));
  const rows = ours.map((name) => {
    const present = choices.fields?.[name] ?? result.fields[name] ?? "";
    const sample = el("span", { class: "sample" });
    const chooser = select(`field-${name}`, [["", t("imports.no_column")], ...result.columns.map((column) => [column.name, column.name])], present);
    const tell = () => { sample.textContent = (sampled.get(chooser.value) ?? []).slice(0, SAMPLES).join("、"); };
    chooser.addEventListener("change", tell);
    tell();
    selects.set(name, chooser);
    return el("tr", {}, el("td", {}, el("label", { for: `field-${name}` }, knows(`imports.field_${name}`) ? t(`imports.field_${name}`) : name)), el("td", {}, chooser), el("td", {}, sample));
  });
  return {
    node: el("div", { class: "table-wrap" }, el("table", { class: "table mapping" },
      el("thead", {}, el("tr", {}, ...["ours", "theirs", "samples"].map((key) => el("th", { scope: "col" }, t(`imports.mapping_${key}`))))), el("tbody", {}, ...rows))),
    value: () => {
      const said = Object.fromEntries([...selects].map(([name, chooser]) => [name, chooser.value]));
      // What is left as it was guessed stays a guess.
      return Object.keys(said).every((name) => said[name] === (result.fields[name] ?? "")) ? choices.fields ?? null : said;
    },
  };
}

const field = (id, label, node) => el("div", { class: "field" }, el("label", { for: id }, label), node);

function select(id, options, chosen) {
  return el("select", { class: "input", id }, ...options.map(([value, text]) => el("option", { value, selected: value === chosen }, text)));
}
