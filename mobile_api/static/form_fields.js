// What an action may ask for, one builder each: (context) → {element, read(), remove?}. `read` gives what goes into the
// body, or throws Missing with the words to show. `values` is what was sent before, when a refused form is shown again.

import { Later, Offline, read } from "./api.js";
import { pick } from "./categories.js";
import { el, replace } from "./dom.js";
import { grid_choice, place_picker } from "./place.js";
import { problem_text, t } from "./texts.js";
import { called } from "./words.js";

export class Missing extends Error {}

let count = 0;

const labelled = (text, input, hint = null) =>
  el(
    "div",
    { class: "asked" },
    el("label", { for: (input.id ||= `asked-${++count}`) }, text),
    input,
    hint && el("span", { class: "faint" }, hint),
  );

const group = (text, ...children) => el("div", { class: "asked", role: "group", "aria-label": text }, el("p", {}, text), ...children);

/** A few large buttons of which one is pressed. options: [[value, words, {class, testid, mark}]] */
function choice(text, options, chosen, changed, style = "verdicts") {
  const buttons = options.map(([value, words, extra = {}]) =>
    el(
      "button",
      {
        type: "button",
        class: `verdict ${extra.class ?? ""}`,
        "aria-pressed": String(value === chosen),
        data: { testid: extra.testid, value: String(value) },
        on: {
          click: (event) => {
            buttons.forEach((one) => one.setAttribute("aria-pressed", String(one === event.currentTarget)));
            changed(value);
          },
        },
      },
      extra.mark ? el("span", { class: `mark ${extra.mark}`, "aria-hidden": "true" }) : null,
      words,
    ),
  );
  return group(text, el("div", { class: style }, ...buttons));
}

function yes_or_no(name, text, yes, no, testids, missing) {
  return ({ values, say }) => {
    let chosen = values[name];
    const element = choice(
      t(text),
      [
        [true, t(yes), { class: "yes", mark: "done", testid: testids[0] }],
        [false, t(no), { class: "no", mark: "red", testid: testids[1] }],
      ],
      chosen,
      (value) => ((chosen = value), say("")),
    );
    const read = () => {
      if (chosen === undefined || chosen === null) throw new Missing(t(missing));
      return { [name]: chosen };
    };
    return { element, read };
  };
}

/** The five scores, best first, in words: a number alone means something else to everybody. */
function score({ values, say }) {
  let chosen = values.score;
  const element = choice(
    t("phone.rate.question"),
    [5, 4, 3, 2, 1].map((one) => [one, t(`phone.rate.score_${one}`), { testid: `score-${one}` }]),
    chosen,
    (value) => ((chosen = value), say("")),
    "scores",
  );
  const read = () => {
    if (!chosen) throw new Missing(t("phone.rate.choose"));
    return { score: chosen };
  };
  return { element, read };
}

function colour({ values }) {
  let chosen = values.colour ?? "yellow";
  const options = ["red", "yellow", "blue"].map((one) => [
    one,
    t(`phone.order.${one}`),
    { class: `order ${one}`, testid: `colour-${one}` },
  ]);
  return { element: choice(t("phone.form.colour"), options, chosen, (value) => (chosen = value), "scores"), read: () => ({ colour: chosen }) };
}

/** Where the phone is. Only when it cannot tell, the place is set by hand. */
function place({ user, ticket, values }) {
  const found = {};
  const known = values.lon === undefined ? null : { lon: values.lon, lat: values.lat, accuracy_m: null, by: "phone" };
  const picker = place_picker({
    region: user.region,
    place: known,
    fixed: true,
    near: { lon: ticket.lon, lat: ticket.lat },
    changed: ({ lon, lat }) => Object.assign(found, { lon, lat, datum: "wgs84" }),
  });
  const read = () => {
    if (found.lon === undefined) throw new Missing(t("phone.form.no_place"));
    return { ...found };
  };
  return { element: picker.element, read, remove: () => picker.remove() };
}

/** A native list: the phone's own, large one. It fills when the answer comes, from the kept one without network. */
function select(text, load, wanted) {
  const input = el("select", { class: "field" }, el("option", { value: "" }, t("phone.loading")));
  const fill = async () => {
    try {
      const groups = await load();
      const options = (items) => items.map(([value, words]) => el("option", { value, selected: value === wanted }, words));
      replace(
        input,
        el("option", { value: "" }, t("phone.form.choose")),
        ...groups.flatMap(([label, items]) => (label ? [el("optgroup", { label }, ...options(items))] : options(items))),
      );
    } catch (error) {
      replace(input, el("option", { value: "" }, why(error)));
    }
  };
  void fill();
  return { element: labelled(text, input), input };
}

const why = (error) =>
  error instanceof Offline || error instanceof Later ? t("phone.form.list_offline") : problem_text(error.problem);

const all_departments = async () => (await read("/departments")).data.items;

/** To a department, the authority list's one chosen already, or to one of our own people. */
function department({ ticket, values }) {
  const usual = ticket.default_department?.code;
  const before = values.to ? `u:${values.to}` : `d:${values.department ?? usual ?? ""}`;
  const load = async () => {
    const departments = await all_departments();
    const people = await read(`/users?ticket=${ticket.number}`).then(
      ({ data }) => data.items,
      () => [],
    );
    const name = (one) => (one.code === usual ? t("phone.form.usual_department", { name: called(one) }) : called(one));
    return [
      [t("phone.form.departments"), departments.map((one) => [`d:${one.code}`, name(one)])],
      ...(people.length ? [[t("phone.form.own_people"), people.map((one) => [`u:${one.username}`, one.name])]] : []),
    ];
  };
  const { element, input } = select(t("phone.form.department"), load, before);
  const read_it = () => {
    if (!input.value) throw new Missing(t("phone.form.department_missing"));
    return input.value.startsWith("u:") ? { to: input.value.slice(2) } : { department: input.value.slice(2) };
  };
  return { element, read: read_it };
}

/** Several departments at once: a long list of lines to tick, folded until it is wanted. */
function departments({ ticket, values, say }) {
  const chosen = new Set(values.departments ?? []);
  const lines = el("div", { class: "ticks" }, el("p", { class: "faint" }, t("phone.loading")));
  const tell = el("span", {}, t("phone.form.none_chosen"));
  const show = () => {
    tell.textContent = chosen.size ? t("phone.form.chosen", { n: chosen.size }) : t("phone.form.none_chosen");
  };
  const line = (one) => {
    const box = el("input", {
      type: "checkbox",
      checked: chosen.has(one.code),
      data: { department: one.code },
      on: {
        change: () => {
          if (box.checked) chosen.add(one.code);
          else chosen.delete(one.code);
          say("");
          show();
        },
      },
    });
    return el("label", { class: "tick" }, box, called(one));
  };
  void all_departments().then(
    (items) => replace(lines, ...items.filter((one) => one.code !== ticket.department?.code).map(line)),
    (error) => replace(lines, el("p", { class: "faint" }, why(error))),
  );
  show();
  const element = el("details", { class: "asked fold" }, el("summary", {}, t("phone.form.assisting"), " ", tell), lines);
  const read_it = () => {
    if (!chosen.size) throw new Missing(t("phone.form.departments_missing"));
    return { departments: [...chosen] };
  };
  return { element, read: read_it };
}

const date =
  (required) =>
  ({ values }) => {
    const input = el("input", { type: "date", class: "field", value: values.until?.slice(0, 10) });
    const element = labelled(t(required ? "phone.form.until" : "phone.form.until_optional"), input);
    const read_it = () => {
      if (!input.value && required) throw new Missing(t("phone.form.until_missing"));
      return input.value ? { until: `${input.value}T18:00:00` } : {};
    };
    return { element, read: read_it };
  };

/** Another ticket: one of the open ones near by, or a number typed by hand. */
function into({ ticket, values, say }) {
  const input = el("input", {
    class: "field",
    inputmode: "numeric",
    autocomplete: "off",
    maxlength: 40,
    value: values.into,
    data: { testid: "into" },
  });
  const near = el("div", { class: "near" });
  void read(`/tickets/${ticket.number}/similar`)
    .then(({ data }) =>
      replace(
        near,
        ...data.items.slice(0, 5).map((one) =>
          el(
            "button",
            { type: "button", class: "row-button", on: { click: () => ((input.value = one.number), say("")) } },
            el("span", { class: "row-main" }, one.description || called(one.category), el("small", {}, one.number)),
            el("span", { class: "row-side" }, t("phone.distance.metres", { n: Math.round(one.distance_m) })),
          ),
        ),
      ),
    )
    .catch(() => {});
  const read_it = () => {
    if (!input.value.trim()) throw new Missing(t("phone.form.into_missing"));
    return { into: input.value.trim() };
  };
  return { element: el("div", {}, labelled(t("phone.form.into"), input), near), read: read_it };
}

/** What the matter is about, corrected by whoever received it. */
function category({ ticket, values }) {
  let chosen = values.category ?? null;
  const name = el("span", { class: "row-main" }, called(ticket.category));
  const change = async () => {
    const picked = await pick().catch(() => null);
    if (picked) [chosen, name.textContent] = [picked.code, picked.name];
  };
  const button = el(
    "button",
    { type: "button", class: "row-button", on: { click: () => void change() } },
    name,
    el("span", { class: "row-side" }, t("phone.form.correct_category")),
  );
  return { element: group(t("phone.form.category"), button), read: () => (chosen ? { category: chosen } : {}) };
}

/** Those who still owe their answer are named, because not waiting for them is said on the record. */
function overrule({ ticket, values }) {
  const owing = (ticket.assists ?? []).filter((one) => !one.answered_at && !one.overruled);
  const names = owing.map((one) => called(one.department)).join(t("phone.form.and"));
  const box = el("input", { type: "checkbox", checked: Boolean(values.overrule), data: { testid: "overrule" } });
  const element = el("label", { class: "tick card" }, box, t("phone.form.overrule", { names }));
  return { element, read: () => (box.checked ? { overrule: true } : {}) };
}

/** Whether the reporter is satisfied: only asked of someone who was reached. */
const satisfied = yes_or_no(
  "satisfied",
  "phone.form.satisfied",
  "phone.form.satisfied_yes",
  "phone.form.satisfied_no",
  ["satisfied", "not-satisfied"],
  "phone.form.satisfied_missing",
);

function satisfied_or_not(context) {
  const built = satisfied(context);
  const read_it = () => {
    try {
      return built.read();
    } catch {
      return {}; // nobody was reached: the server says when it must be told
    }
  };
  return { ...built, read: read_it };
}

/** A question, two answers, and the words when neither was chosen: they differ with what is decided. */
const DECISIONS = {
  verify: ["phone.verify.question", "phone.verify.passed", "phone.verify.failed", "phone.verify.choose"],
  follow_up: ["phone.form.follow_up", "phone.form.follow_up_yes", "phone.form.follow_up_no", "phone.form.decide_missing"],
};
const DECISION = ["phone.form.decide", "phone.form.decide_yes", "phone.form.decide_no", "phone.form.decide_missing"];

function passed(context) {
  const [question, yes, no, missing] = DECISIONS[context.name] ?? DECISION;
  return yes_or_no("passed", question, yes, no, ["passed", "not-passed"], missing)(context);
}

const NEEDED = {
  passed,
  place,
  score,
  colour,
  department,
  departments,
  into,
  grid,
  until: date(true),
  reached: yes_or_no(
    "reached",
    "phone.form.reached",
    "phone.form.reached_yes",
    "phone.form.reached_no",
    ["reached", "not-reached"],
    "phone.form.reached_missing",
  ),
};
/** Another of the grids that the place may lie in. */
function grid({ ticket, values }) {
  let chosen = values.to;
  const box = el("div", { class: "asked" }, t("phone.loading"));
  const fill = async () => {
    try {
      const circle = ticket.accuracy_m ? `&accuracy_m=${ticket.accuracy_m}` : "";
      const { data } = await read(`/regions/at?lon=${ticket.lon}&lat=${ticket.lat}&datum=wgs84${circle}`);
      const others = data.candidates.filter((one) => one.grid.code !== ticket.region.grid.code);
      const take = ({ code }) => (chosen = code);
      replace(box, others.length ? grid_choice(others, chosen, take, t("phone.form.grid")) : t("phone.form.grid_none"));
    } catch (error) {
      replace(box, why(error));
    }
  };
  void fill();
  const given = () => {
    if (!chosen) throw new Missing(t("phone.form.grid_missing"));
    return { to: chosen };
  };
  return { element: box, read: given };
}

const OFFERED = { category, overrule, until: date(false), satisfied: satisfied_or_not };

/** The fields of an action in the order of its needs, the note excepted; null when this phone is too old for one. */
export function fields_of({ needs, may }, context) {
  const asked = needs.filter((need) => need !== "note");
  if (!asked.every((need) => need in NEEDED)) return null;
  return [
    ...asked.map((need) => NEEDED[need](context)),
    ...(may ?? []).filter((one) => one in OFFERED).map((one) => OFFERED[one](context)),
  ];
}

export const can_ask = ({ needs }) => needs.every((need) => need === "note" || need in NEEDED);
