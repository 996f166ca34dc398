// Pictures of the county: what is chosen stands in the address; the preview is drawn anew a moment after a change.
import { $, $$, el, write } from "/static/shared/dom.js";
import { all, get, Problem, words } from "/static/shared/api.js";
import { daysBefore, isoDay, now } from "/static/shared/time.js";
import { language, nameOf, t } from "/static/shared/texts.js";

const LEVELS = ["county", "town", "village", "grid"];
const SOON = 350;
const LONG = 6000;
const form = $("#order");
const stage = $("#stage");
let me = null;
let how = "png";
let turn = 0;
let underway = null;

const kind = () => form.elements.kind.value;
const asks = () => $("input[name=kind]:checked").dataset.asks.split(" ");
const region = () => $("#village").value || $("#town").value || me.region.code;

/** The level of a code, as the server tells it. */
function levelOf(code) {
  if (code.length > 12) return "grid";
  if (code.endsWith("000000")) return "county";
  return code.endsWith("000") ? "town" : "village";
}

/** What is asked for, without what this kind does not know. */
function order() {
  const wanted = new URLSearchParams({ region: region() });
  const names = { period: ["from", "to"], category: ["category"], by: ["by"], measure: ["measure"], classes: ["classes"], cell: ["cell"], edition: ["edition"] };
  for (const ask of asks()) {
    for (const name of names[ask]) if (form.elements[name]?.value) wanted.set(name, form.elements[name].value);
  }
  wanted.set("paper", form.elements.paper.value);
  wanted.set("lie", form.elements.lie.value);
  wanted.set("lang", language);
  return wanted;
}

function address(ending, more = {}) {
  const wanted = order();
  for (const [name, value] of Object.entries(more)) wanted.set(name, value);
  return `/api/v1/pictures/${kind()}.${ending}?${wanted}`;
}

function fill(select, items, first) {
  select.replaceChildren(...(first ? [el("option", { value: first.value }, first.text)] : []), ...items.map((item) => el("option", { value: item.code }, item.name)));
  select.disabled = false;
}

async function below(select, code, level) {
  const { items } = await all("regions", { parent: code, level });
  fill(select, items, { value: "", text: t("pictures.whole_region") });
  select.hidden = false;
}

/** The selects of places, as far down as villages; what is above the reader's own region is fixed. */
async function regions(wanted) {
  const [town, village] = [$("#town"), $("#village")];
  const own = me.region;
  if (own.level === "county") {
    const { items } = await all("regions", { parent: own.code, level: "town" });
    fill(town, items, { value: own.code, text: t("pictures.whole", { name: own.name }) });
  } else {
    fill(town, [own]);
  }
  const sought = wanted || own.code;
  const chosen = levelOf(sought) === "village" ? `${sought.slice(0, 9)}000` : sought;
  if (own.level === "county" && [...town.options].some((option) => option.value === chosen)) town.value = chosen;
  await villages();
  if ([...village.options].some((option) => option.value === sought)) village.value = sought;
}

async function villages() {
  const code = $("#town").value;
  $("#village").hidden = true;
  $("#village").replaceChildren();
  if (levelOf(code) === "town") await below($("#village"), code, "village");
}

async function categories(wanted) {
  const { items } = await get("categories");
  $("#category").append(...items.map((major) => el("optgroup", { label: nameOf(major) },
    el("option", { value: major.code }, t("pictures.major_all", { name: nameOf(major) })),
    ...(major.children ?? []).map((minor) => el("option", { value: minor.code }, nameOf(minor))))));
  if (wanted) $("#category").value = wanted;
}

/** Show what this kind is asked, and the levels there are below the region. */
function frame() {
  const asked = asks();
  for (const field of $$("[data-ask]")) field.hidden = !asked.includes(field.dataset.ask);
  const levels = LEVELS.slice(LEVELS.indexOf(levelOf(region())) + 1);
  const usual = kind() === "edition" ? "grid" : levels[0];
  const before = $("#by").dataset.kind === kind() ? $("#by").value : null;
  $("#by").replaceChildren(...levels.map((level) => el("option", { value: level }, t(`pictures.by_${level}`))));
  $("#by").value = levels.includes(before) ? before : usual ?? "";
  $("#by").dataset.kind = kind();
  for (const link of $$("[data-form]")) link.href = address(link.dataset.form, { download: "1" });
}

function tell(text, ...more) {
  $("#told").replaceChildren(...(text ? [text, ...more] : []));
}

async function draw() {
  const mine = ++turn;
  underway?.abort();
  underway = new AbortController();
  frame();
  const kept = order();
  kept.delete("lang");
  kept.set("kind", kind());
  window.history.replaceState(null, "", `/maps?${kept}`);
  document.documentElement.dataset.ready = "false";
  stage.setAttribute("aria-busy", "true");
  $(".downloads").hidden = false;
  tell(t("pictures.drawing"));
  const long = setTimeout(() => mine === turn && tell(t("pictures.drawing_long")), LONG);
  try {
    await (how === "png" ? sheet(mine) : page(mine));
    if (mine !== turn) return;
    tell("");
  } catch (error) {
    if (mine !== turn || error.name === "AbortError") return;
    $("#sheet").hidden = $("#page").hidden = true;
    const again = el("button", { class: "button", type: "button", onclick: draw }, t("pictures.retry"));
    const nothing = error instanceof Problem && error.status === 404;
    $(".downloads").hidden = nothing;
    tell(words(error), ...(nothing ? [] : [el("br"), again]));
  } finally {
    clearTimeout(long);
    if (mine === turn) {
      stage.setAttribute("aria-busy", "false");
      document.documentElement.dataset.ready = "true";   // for tests: the preview stands, or says why not
    }
  }
}

/** Fetch, so that a refusal arrives with its words. */
async function fetched(url) {
  const answer = await fetch(url, { credentials: "same-origin", headers: { Accept: "application/json" }, signal: underway.signal });
  if (!answer.ok) throw new Problem(answer.status, await answer.json().catch(() => ({})));
  return answer.blob();
}

async function sheet(mine) {
  const blob = await fetched(address("png", { size: "screen" }));
  if (mine !== turn) return;
  const image = $("#sheet");
  URL.revokeObjectURL(image.src);
  image.src = URL.createObjectURL(blob);
  image.alt = t("pictures.preview_alt", { title: $("input[name=kind]:checked").parentElement.textContent.trim() });
  await image.decode();
  image.hidden = false;
  $("#page").hidden = true;
}

async function page(mine) {
  // Drawn once for the words of a refusal; the frame then gets the same from the server's memory.
  await fetched(address("html"));
  if (mine !== turn) return;
  await new Promise((done) => {
    $("#page").addEventListener("load", done, { once: true });
    $("#page").src = address("html");
    $("#page").hidden = false;
  });
  $("#sheet").hidden = true;
}

let planned = null;
function soon() {
  clearTimeout(planned);
  planned = setTimeout(draw, SOON);
}

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("change", async (event) => {
  if (event.target.id === "town") await villages();
  soon();
});
for (const button of $$("#how [data-how]")) {
  button.addEventListener("click", () => {
    how = button.dataset.how;
    for (const other of $$("#how [data-how]")) other.setAttribute("aria-pressed", String(other === button));
    draw();
  });
}

async function begin() {
  const given = new URLSearchParams(window.location.search);
  for (const name of ["kind", "measure", "cell", "classes", "edition", "paper", "lie"]) {
    const value = given.get(name);
    if (value && form.elements[name]) form.elements[name].value = value;
  }
  if (!form.elements.kind.value) $("input[name=kind]").checked = true;   // a kind that is not for this role
  const today = isoDay(now());
  form.elements.from.value = given.get("from") ?? daysBefore(today, 29);
  form.elements.to.value = given.get("to") ?? today;
  me = await get("me");
  await Promise.all([regions(given.get("region")), categories(given.get("category"))]);
  frame();
  if (given.get("by") && [...$("#by").options].some((option) => option.value === given.get("by"))) $("#by").value = given.get("by");
  await draw();
}

begin().catch((error) => {
  write($("#told"), words(error));
  stage.setAttribute("aria-busy", "false");
});
