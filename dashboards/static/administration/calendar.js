// The working calendar: a year at a glance, and for administrators the notice's days handed in as a file.
import { $, el, toast } from "/static/shared/dom.js";
import { call, get, words } from "/static/shared/api.js";
import { count, language, t } from "/static/shared/texts.js";
import { ask } from "/static/administration/ask.js";
import { KINDS, asCsv, yearView } from "/static/administration/year.js";

const MOST_FAULTS = 200;
const MOST_TURNS = 500;

export async function calendarTab(panel, context) {
  async function show(year) {
    const data = await get("calendar", { year });
    panel.replaceChildren(el("section", { class: "card" },
      el("header", {}, el("h2", {}, t("administration.calendar_of", { year: data.year })), status(data.status), years(data)),
      legend(data),
      yearView(data.days),
      context.changes ? handIn(data) : el("p", { class: "muted small" }, t("administration.calendar_read_only"))));
  }

  const years = (data) => el("div", { class: "segments push", role: "group", "aria-label": t("administration.years") },
    ...data.years.map((one) => el("button", {
      type: "button", "aria-pressed": String(one.year === data.year), dataset: { year: one.year },
      onclick: () => show(one.year).catch((error) => toast(words(error), "fault")),
    }, String(one.year), one.status === "confirmed" ? null : el("span", { class: "provisional-mark", title: t("administration.year_provisional") }, "?"))));

  const legend = (data) => el("ul", { class: "legend" },
    ...KINDS.map((kind) => el("li", {}, el("i", { class: `day ${kind}`, "aria-hidden": "true" }, "1"),
      t("administration.kind_count", { kind: t(`administration.kind_${kind}`), n: count(data.days.filter((day) => day.kind === kind).length) }))));

  function handIn(data) {
    const input = el("input", { type: "file", class: "visually-hidden", id: "year-file", accept: ".csv,text/csv", dataset: { testid: "year-file" }, onchange: () => chosen(input, data.year) });
    const next = data.year + 1;
    return el("section", { class: "hand-in" },
      el("h3", {}, t("administration.hand_in", { year: data.year })),
      el("p", { class: "muted" }, t("administration.hand_in_text", { year: data.year })),
      el("div", { class: "row" },
        input,
        el("label", { class: "button primary", for: "year-file" }, t("administration.hand_in_choose", { year: data.year })),
        el("button", { type: "button", class: "button", onclick: () => download(data) }, t("administration.download", { year: data.year })),
        data.recomputed ? null : el("span", { class: "tag yellow" }, t("administration.recompute_unfinished"))),
      data.years.some((one) => one.year === next) ? null : el("p", { class: "muted small" }, t("administration.hand_in_next", { year: next })),
      el("div", { id: "year-result", role: "status" }));
  }

  async function chosen(input, shown) {
    const file = input.files[0];
    input.value = "";
    if (!file) return;
    const year = (await yearOf(file)) ?? shown;
    const provisional = await get("tickets", { topic: "provisional", limit: 1 }).catch(() => null);
    const done = await ask({
      title: t("administration.confirm_year", { year }),
      what: [
        el("p", {}, t("administration.confirm_file", { file: file.name })),
        el("p", {}, provisional ? t("administration.confirm_open", { n: count(provisional.total) }) : t("administration.confirm_open_some")),
        el("p", { class: "muted" }, t("administration.confirm_record")),
      ],
      yes: t("administration.confirm_year_yes", { year }),
      send: (note, button) => handOver(file, year, button),
    });
    if (!done) return;
    await show(year);
    $("#year-result").replaceChildren(el("p", { class: `notice ${done.failed ? "warn" : "done"}` },
      t(done.failed ? "administration.confirmed_failed" : "administration.confirmed", { year, moved: count(done.moved), failed: count(done.failed) })));
  }

  /** The server works as long as a call may take, and goes on where it stopped when called again. */
  async function handOver(file, year, button) {
    const total = { moved: 0, failed: 0 };
    for (let turn = 0; turn < MOST_TURNS; turn++) {
      const body = new FormData();
      body.append("file", file, "calendar.csv");
      let data;
      try {
        ({ data } = await call("POST", `calendar/${year}/confirm`, { body }));
      } catch (error) {
        if (error.document?.faults) error.told = faultList(error.document);
        throw error;
      }
      total.moved += data.moved;
      total.failed = data.failed;
      if (data.finished || data.failed) break;
      button.textContent = t("administration.remaining", { n: count(data.remaining) });
    }
    return total;
  }

  await show(null);
}

const status = (kind) => el("span", { class: `tag ${kind === "confirmed" ? "done" : "yellow"}`, dataset: { status: kind } },
  el("span", { class: `mark ${kind === "confirmed" ? "done" : "yellow"}`, "aria-hidden": "true" }), t(`administration.year_${kind}`));

/** Most of the rows say which year it is: the next one is not on the screen before it is there. */
async function yearOf(file) {
  const seen = new Map();
  for (const [, year] of (await file.text()).matchAll(/^(\d{4})-\d{2}-\d{2},/gm)) seen.set(year, (seen.get(year) ?? 0) + 1);
  const [most] = [...seen].sort((one, other) => other[1] - one[1]);
  return most ? Number(most[0]) : null;
}

function faultList({ faults }) {
  const own = (fault) => (language === "zh" ? fault.text : fault.text_en);
  return el("div", {},
    el("b", {}, t("administration.faults", { n: count(faults.length) })),
    el("ul", { class: "faults", dataset: { testid: "faults" } }, ...faults.slice(0, MOST_FAULTS).map((fault) =>
      el("li", {}, fault.row === null ? el("span", { class: "muted" }, t("administration.fault_file")) : el("span", { class: "number muted" }, t("administration.fault_row", { n: fault.row })), own(fault)))));
}

function download(data) {
  const url = URL.createObjectURL(new Blob(["\ufeff", asCsv(data.days)], { type: "text/csv" }));
  el("a", { href: url, download: `calendar-${data.year}.csv` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}
