// A day ahead, a year at most: a few usual ones beside the calendar. It ends at the close of that working day.
import { el } from "/static/shared/dom.js";
import { t } from "/static/shared/texts.js";
import { daysBefore, isoDay, now, relative, short } from "/static/shared/time.js";
import { labelled, Missing } from "./field_parts.js";
import { plainTime } from "./words.js";

const MOST_DAYS = 364;
const PRESETS = { suspend: [7, 30, 90, 180], assist: [1, 3, 7, 14] };
const ONE_DAY = 86_400_000;

export const endOfDay = (day) => `${day}T18:00:00+08:00`;
const ahead = (days) => daysBefore(isoDay(now()), -days);

/** `name`: the action; where the date may be left out, the server's own is told. */
export function until(ticket, values, { name, needed }) {
  const said = el("span", { class: "hint", role: "status" });
  const input = el("input", {
    class: "input",
    type: "date",
    min: ahead(1),
    max: ahead(MOST_DAYS),
    oninput: () => choose(input.value),
  });
  const presets = (PRESETS[name] ?? PRESETS.assist).map((days) =>
    el(
      "button",
      {
        class: "button compact",
        type: "button",
        "aria-pressed": "false",
        dataset: { day: ahead(days) },
        onclick: () => choose(ahead(days)),
      },
      t(`desk.in_days_${days}`),
    ),
  );
  function choose(day) {
    values.until = day;
    if (input.value !== day) input.value = day;
    for (const preset of presets) preset.setAttribute("aria-pressed", String(preset.dataset.day === day));
    said.textContent = day ? t("desk.until_says", { time: plainTime(endOfDay(day)), when: relative(endOfDay(day)) }) : unsaid();
  }
  const unsaid = () => (name === "assist" ? t("desk.until_usual", { time: short(usual(ticket)) }) : "");
  choose(values.until ?? "");
  const element = labelled("until", input, { needed, label: label(name) });
  const row = el("div", { class: "row until-row" });
  element.insertBefore(row, input);
  row.append(input, ...presets);
  element.append(said);
  return {
    element,
    read: () => {
      const day = input.value;
      if (!day && !needed) return {};
      if (!day) throw new Missing(t("desk.missing", { field: label(name) }), input, "until");
      if (day < input.min || day > input.max)
        throw new Missing(t("desk.until_range", { from: input.min, to: input.max }), input, "until");
      return { until: endOfDay(day) };
    },
  };
}

const label = (name) => t(name === "assist" ? "desk.field_until_assist" : "desk.field_until");

/** The matter's own deadline, but a day at least. */
const usual = (ticket) => new Date(Math.max(new Date(ticket.due_at ?? 0).getTime(), now().getTime() + ONE_DAY));
