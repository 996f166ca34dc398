// 登记: a report taken down at the desk, by telephone or at the counter. Sent with a key of its own, so twice is once.
import { call, get, Problem, words } from "/static/shared/api.js";
import { el } from "/static/shared/dom.js";
import { t } from "/static/shared/texts.js";
import { uuid } from "/static/shared/uuid.js";
import { categoryField } from "./category_field.js";
import { pickMap } from "./place_map.js";

const SOURCES = ["hotline", "hall", "wechat"];

/** Opens the form. `done(ticket)` when the center has it. */
export function newReport({ me, done }) {
  let key = uuid();
  let place = null;
  let asked = 0;
  const category = categoryField();
  const text = (name, attributes) =>
    el("input", { class: "input", id: `new-${name}`, dataset: { field: name }, autocomplete: "off", ...attributes });
  const field = (name, control) =>
    el("div", { class: "field" }, el("label", { for: control.id }, t(`desk.new_${name}`)), control);
  const description = el("textarea", {
    class: "input",
    id: "new-description",
    rows: 4,
    maxlength: 5000,
    dataset: { field: "description" },
  });
  const name = text("name", { maxlength: 50 });
  const phone = text("phone", { type: "tel", maxlength: 30, inputmode: "tel" });
  const source = el(
    "select",
    { class: "input", id: "new-source", dataset: { field: "source" } },
    ...SOURCES.map((one) => el("option", { value: one }, t(`desk.source_${one}`))),
  );
  source.value = me.role === "hotline_operator" ? "hotline" : "hall";
  const where = el("p", { class: "notice", role: "status", dataset: { testid: "new-place" } }, t("desk.new_click_map"));
  const fault = el("p", { class: "fault", role: "alert", hidden: true, dataset: { testid: "problem" } });
  const send = el(
    "button",
    { class: "button primary", type: "submit", dataset: { testid: "new-send" } },
    t("desk.new_send"),
  );
  const map_box = el("div", { class: "new-map", dataset: { testid: "new-map" } });
  const box = el(
    "dialog",
    { class: "dialog new-report", "aria-labelledby": "new-title", onkeydown: (event) => event.stopPropagation() },
    el(
      "form",
      { class: "new-form", novalidate: true, onsubmit: (event) => (event.preventDefault(), void submit()) },
      el(
        "div",
        { class: "new-fields" },
        el("h2", { id: "new-title" }, t("desk.new_report")),
        category.element,
        field("description", description),
        el("div", { class: "new-pair" }, field("name", name), field("phone", phone)),
        field("source", source),
        where,
        fault,
        el(
          "div",
          { class: "row" },
          send,
          el("button", { class: "button", type: "button", onclick: () => box.close() }, t("common.cancel")),
        ),
      ),
      map_box,
    ),
  );

  async function choose(at) {
    const turn = ++asked;
    place = at;
    where.className = "notice";
    where.textContent = t("common.loading");
    try {
      const found = await get("regions/at", { lon: at.lon, lat: at.lat, datum: "wgs84" });
      if (turn !== asked) return;
      where.textContent = t("desk.new_at", {
        place: [found.town, found.village, found.grid].map((one) => one.name).join(" › "),
      });
      await map.near(found.village, found.grid);
    } catch (error) {
      if (turn !== asked) return;
      if (error instanceof Problem && error.status === 404) place = null;
      where.className = "notice warn";
      where.textContent = words(error);
    }
  }

  const say = (message) => {
    fault.hidden = !message;
    fault.textContent = message;
  };

  async function submit() {
    if (!category.value()) return (say(t("desk.missing", { field: t("common.category") })), category.focus());
    if (!place) return say(t("desk.new_no_place"));
    say("");
    send.disabled = true;
    const reporter =
      name.value.trim() || phone.value.trim() ? { name: name.value.trim(), phone: phone.value.trim() } : undefined;
    try {
      const { data } = await call("POST", "reports", {
        headers: { "Idempotency-Key": key },
        body: {
          category: category.value(),
          description: description.value,
          ...place,
          datum: "wgs84",
          source: source.value,
          reporter,
          photos: [],
        },
      });
      box.close();
      done(data);
    } catch (error) {
      // Refused: what is sent after the correction is another report. Unreachable: the same one, with the same key.
      if (error instanceof Problem && error.status < 500) key = uuid();
      say(words(error));
      send.disabled = false;
    }
    return null;
  }

  document.body.append(box);
  box.showModal();
  const map = pickMap(map_box, { region: me.region, chosen: choose });
  box.addEventListener("close", () => box.remove());
  category.focus();
}
