// The people who work here: a roster checked row by row, with what it would do to accounts, then carried out whole.
import { $, el } from "/static/shared/dom.js";
import { count, t } from "/static/shared/texts.js";
import { faultKinds } from "/static/map_administration/faults.js";
import { actions, wizard } from "/static/map_administration/wizard.js";

const COUNTS = ["rows", "grid_worker", "village_officer", "town_officer", "department_officer", "made", "changed", "same", "closed", "grids_without_worker"];
const COLUMNS = ["name", "phone", "grid", "village", "town", "department", "role", "username"];
const GROUPS = ["closed", "made", "changed"];
const FIELDS = ["name", "phone", "role", "region_code", "department_code", "active"];

const box = el("div", {});
$("#page").replaceChildren(box);
wizard(box, {
  kind: "workers", accept: ".xlsx,.csv", hint: t("imports.workers_hint"),
  extra: el("a", { class: "button", href: "/api/v1/imports/template.xlsx", download: true }, t("imports.template")),
  report, onApplied: () => {},
});

function report(job, tools) {
  const { result } = job;
  const { counts } = result;
  const faults = result.faults.filter((kind) => kind.level === "fault").reduce((sum, kind) => sum + kind.count, 0);
  const nothing = result.ok && !counts.made && !counts.changed && !counts.closed;
  const notice = result.ok
    ? el("p", { class: `notice ${nothing ? "" : counts.closed ? "warn" : "done"}`, role: "status" }, t(nothing ? "imports.workers_nothing" : counts.closed ? "imports.workers_closing" : "imports.workers_sound", { n: count(counts.closed ?? 0), used: count((counts.closed ?? 0) - (counts.closed_never_used ?? 0)) }))
    : el("p", { class: "notice fault", role: "status" }, t("imports.faulty", { n: count(faults) }));
  const listed = result.faults.length ? faultKinds(job) : null;
  const columns = COLUMNS.filter((ours) => result.columns[ours]).map((ours) => t("imports.column_is", { ours: t(`imports.column_${ours}`), theirs: result.columns[ours] })).join("；");
  const bar = [];
  if (result.ok && !nothing) bar.push(el("button", { type: "button", class: "button primary", dataset: { testid: "apply-workers" }, onclick: () => confirm(job, tools) }, t("imports.apply_workers")));
  bar.push(tools.again({ add: !job.choices.add }, t(job.choices.add ? "imports.as_whole" : "imports.as_part"), false));
  if (result.faults.length) bar.push(el("a", { class: "button", href: `/api/v1/imports/${job.id}/faults.xlsx`, download: true }, t("imports.download_faults")));
  return [
    notice,
    el("p", { class: "muted small" }, t(job.choices.add ? "imports.roster_part" : "imports.roster_whole"), " ", columns),
    el("div", { class: "report-columns" },
      el("div", { class: "report" }, figures(counts), listed && el("section", {}, el("h3", {}, t(result.ok ? "imports.notes" : "imports.faults")), listed.node)),
      result.steps.length ? el("div", { class: "report" }, ...GROUPS.map((what) => people(what, result.steps.filter((step) => step.what === what), counts[what]))) : null),
    actions(...bar, tools.discard()),
  ];
}

const figures = (counts) => el("div", { class: "table-wrap" }, el("table", { class: "table", dataset: { testid: "counts" } },
  el("tbody", {}, ...COUNTS.filter((name) => counts[name] !== undefined && (counts[name] || !name.endsWith("_officer"))).map((name) =>
    el("tr", {}, el("th", { scope: "row" }, t(`imports.workers_${name}`)), el("td", { class: "figure" }, count(counts[name])))))));

function people(what, steps, total) {
  if (!steps.length) return null;
  return el("section", {}, el("h3", {}, t(`imports.people_${what}`, { n: count(total) })),
    el("div", { class: "people table-wrap" }, el("table", { class: "table" }, el("tbody", {}, ...steps.map((step) => el("tr", {},
      el("td", {}, step.name, " ", el("span", { class: "muted small" }, step.username)),
      el("td", {}, t(`role.${step.role}`), " ", el("span", { class: "muted small number" }, step.region)),
      el("td", { class: "note small" }, what === "closed" ? (step.never_used ? t("imports.never_used") : t("imports.signed_out")) : changes(step))))))),
    steps.length < total && el("p", { class: "muted small" }, t("imports.people_cut", { n: count(steps.length), total: count(total) })));
}

const changes = (step) => FIELDS.filter((name) => step.changes[name]).map((name) => {
  const [before, after] = step.changes[name];
  if (name === "active") return el("span", {}, t("imports.reopened"), " ");
  return el("span", {}, before && el("span", { class: "before" }, name === "role" ? t(`role.${before}`) : before), before && " → ", name === "role" ? t(`role.${after}`) : after ?? "–", "  ");
});

function confirm(job, tools) {
  const { counts } = job.result;
  tools.apply({
    title: t("imports.workers_apply_title"),
    what: [
      el("ul", { class: "consequences" },
        ...["made", "changed", "closed"].filter((name) => counts[name]).map((name) => el("li", {}, t(`imports.people_${name}`, { n: count(counts[name]) }))),
        counts.open_tickets_of_closed ? el("li", {}, t("imports.closed_tickets", { n: count(counts.open_tickets_of_closed) })) : null),
      counts.closed ? el("p", { class: "notice warn" }, t("imports.closing_text", { n: count(counts.closed) })) : null,
      el("p", { class: "muted small" }, t("imports.passwords_text")),
    ].filter(Boolean),
    yes: counts.closed ? t("imports.workers_apply_closing", { n: count(counts.closed) }) : t("imports.apply_workers"),
    content: () => ({ closing: counts.closed ?? 0 }),
  });
}
