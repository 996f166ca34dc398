// One action on many tickets: chosen in the list, one form, one confirmation, and an answer for each.
import { call, get, Problem } from "/static/shared/api.js";
import { $, el, mark, toast } from "/static/shared/dom.js";
import { count, knows, t } from "/static/shared/texts.js";
import { now } from "/static/shared/time.js";
import { arrange } from "./actions.js";
import { isDangerous } from "./consequences.js";
import { actionForm } from "./form.js";
import { menuButton } from "./menu.js";
import { actionWord, plainly } from "./words.js";

const MOST = 200;
const AT_ONCE = 6; // tickets read anew at the same time
const OPEN = ["intake", "claim", "dispatch", "handle", "close"];
const BEFORE_CLOSE = ["claim", "dispatch", "handle"];

// What makes sense for many: from which nodes, and what its form asks for.
const ACTIONS = {
  accept: { from: ["intake"], needs: [] },
  claim: { from: ["claim"], needs: [] },
  dispatch: { from: ["dispatch"], needs: [] },
  escalate: { from: BEFORE_CLOSE, needs: ["note"], when: (one) => one.tier !== "county" },
  close: { from: ["close"], needs: ["note"] },
  start: { from: ["handle"], needs: [] },
  request_extension: { from: ["handle"], needs: ["note"], when: (one) => may_ask(one) },
  remind: { from: OPEN, needs: [] },
  supervise: { from: OPEN, needs: ["note", "colour"] },
  suspend: { from: BEFORE_CLOSE, needs: ["note", "until"], when: (one) => may_ask(one) },
  resume: { from: BEFORE_CLOSE, needs: [], when: (one) => Boolean(one.suspended_until) },
  reject: { from: ["intake"], needs: ["note"] },
};
const OFFICER = ["accept", "claim", "dispatch", "escalate", "close", "remind", "suspend", "resume", "reject"];
const BY_ROLE = {
  village_officer: OFFICER,
  town_officer: [...OFFICER, "supervise"],
  county_officer: [...OFFICER.filter((name) => name !== "escalate"), "supervise"],
  hotline_operator: ["accept", "remind", "reject"],
  leader: ["supervise", "remind", "suspend", "resume"],
  department_officer: ["start", "request_extension"],
};
// More time is asked for before the deadline, once at a time, and while the clocks run.
const may_ask = (one) => !one.suspended_until && !one.awaits && new Date(one.due_at) > now();
const fits = (name, one) => ACTIONS[name].from.includes(one.node) && (ACTIONS[name].when?.(one) ?? true);

/** createBulk({role, list(), onOpen(number), onDone(tickets)}) → {click, toggle, clear, draw, size} or null for a role without. */
export function createBulk({ role, list, onOpen, onDone }) {
  const names = BY_ROLE[role];
  if (!names) return null;
  const bar = $("#bulk");
  const picked = new Map();
  let last = null;

  function set(number, on) {
    if (!on) return void picked.delete(number);
    if (picked.size >= MOST && !picked.has(number)) return void toast(t("desk.bulk_most", { n: MOST }), "warn");
    return void picked.set(number, true);
  }
  /** A click on the box picks one; with shift, all from the one before. */
  function click(number, event) {
    const numbers = list().items.map((one) => one.number);
    const on = !picked.has(number);
    const from = event.shiftKey ? numbers.indexOf(last ?? list().selected) : -1;
    const to = numbers.indexOf(number);
    if (from === -1) set(number, on);
    else for (const one of numbers.slice(Math.min(from, to), Math.max(from, to) + 1)) set(one, true);
    last = number;
    draw();
  }
  const toggle = (number) => number && click(number, {});
  function clear() {
    picked.clear();
    last = null;
    draw();
  }

  /** What is picked and still in the list; what left it is let go. */
  function chosen() {
    const shown = list().items.filter((one) => picked.has(one.number));
    for (const number of picked.keys()) if (!shown.some((one) => one.number === number)) picked.delete(number);
    return shown;
  }

  function draw() {
    const tickets = chosen();
    for (const one of list().items) {
      const row = list().row(one.number);
      row?.setAttribute("aria-checked", String(picked.has(one.number)));
    }
    bar.hidden = !tickets.length;
    if (!tickets.length) return bar.replaceChildren();
    const usual = Object.fromEntries(names.map((name) => [name, { usual: false }]));
    const possible = names.filter((name) => tickets.some((one) => fits(name, one)));
    const { beside, more } = arrange([...possible].filter((name) => name !== "supervise"), usual);
    const with_orders = possible.includes("supervise") ? [...beside.slice(0, 2), "supervise"] : beside;
    const rest = [...beside.filter((name) => !with_orders.includes(name)), ...more];
    const fitting = (name) => count(tickets.filter((one) => fits(name, one)).length);
    return bar.replaceChildren(
      el(
        "div",
        { class: "spread" },
        el("strong", {}, t("desk.bulk_chosen", { n: count(tickets.length) })),
        el(
          "span",
          { class: "row" },
          el("button", { class: "button compact quiet", type: "button", onclick: all }, t("desk.bulk_all")),
          el(
            "button",
            { class: "button compact quiet", type: "button", dataset: { testid: "bulk-clear" }, onclick: clear },
            t("desk.bulk_clear"),
          ),
        ),
      ),
      el(
        "div",
        { class: "row", role: "group", "aria-label": t("desk.bulk") },
        ...with_orders.map((name) =>
          el(
            "button",
            {
              class: `button compact ${isDangerous(name) ? "danger" : ""}`,
              type: "button",
              title: t("desk.bulk_fits", { n: fitting(name), all: count(tickets.length) }),
              dataset: { bulk: name },
              onclick: () => begin(name, tickets),
            },
            actionWord(name),
            el("span", { class: "topic-count" }, fitting(name)),
          ),
        ),
        rest.length
          ? menuButton({
              label: t("desk.more_actions", { n: rest.length }),
              kind: "compact",
              testid: "bulk-more",
              items: rest.map((name) => ({
                text: `${actionWord(name)} ${fitting(name)}`,
                kind: isDangerous(name) ? "danger" : "",
                dataset: { bulk: name },
                onclick: () => begin(name, tickets),
              })),
            }).element
          : null,
        possible.length ? null : el("span", { class: "small muted" }, t("desk.bulk_nothing")),
      ),
    );
  }

  function all() {
    const numbers = list().items.map((one) => one.number);
    for (const number of numbers.slice(0, MOST)) set(number, true);
    if (numbers.length > MOST) toast(t("desk.bulk_most", { n: MOST }), "warn");
    draw();
  }

  function begin(name, tickets) {
    const n = count(tickets.length);
    const heading = t("desk.bulk_heading", { action: actionWord(name), n });
    const box = dialog(heading);
    const form = actionForm({
      ticket: { actions: { [name]: { needs: ACTIONS[name].needs } }, assists: [] },
      name,
      heading,
      yes: heading,
      photos: false,
      onSend: (body) => void send(body),
      onCancel: () => box.close(),
    });
    const told = el(
      "p",
      { class: "notice warn" },
      el("span", {}, t("desk.bulk_says", { action: actionWord(name), n }), " ", general(name)),
    );
    form.element.querySelector(".action-form-head").after(told);
    box.append(form.element);
    box.showModal();
    form.focus();

    async function send(body) {
      form.busy(true);
      try {
        show(box, name, body, await post(name, body, tickets));
      } catch (error) {
        form.problem(plainly(error), error.field);
      } finally {
        form.busy(false);
      }
    }
  }

  async function post(name, body, tickets) {
    const items = tickets.map(({ number, version }) => ({ number, version }));
    const { data } = await call("POST", `tickets/actions/${name}`, { body: { ...body, items } });
    const done = data.items.filter((one) => one.status === 200).map((one) => one.ticket);
    for (const one of done) picked.delete(one.number);
    onDone(done);
    draw();
    return data;
  }

  /** An answer for each: how many are done, which were refused and why, and another try for those. */
  function show(box, name, body, { items }) {
    const refused = items.filter((one) => one.status !== 200);
    const done = items.length - refused.length;
    const again = el(
      "button",
      { class: "button primary", type: "button", dataset: { testid: "bulk-retry" }, onclick: () => void retry() },
      t("desk.bulk_retry", { n: refused.length }),
    );
    const fault = el("p", { class: "fault", role: "alert", hidden: true });
    box.replaceChildren(
      el(
        "div",
        { class: "bulk-result", dataset: { testid: "bulk-result", done, refused: refused.length } },
        el("h2", { tabindex: "-1" }, t("desk.bulk_result", { action: actionWord(name) })),
        el(
          "p",
          { class: "row" },
          el("span", { class: "tag done" }, mark("done"), t("desk.bulk_done", { n: count(done) })),
          refused.length
            ? el("span", { class: "tag red" }, mark("red"), t("desk.bulk_refused", { n: count(refused.length) }))
            : null,
        ),
        refused.length
          ? el("ul", { class: "bulk-refused" }, ...refused.map((one) => refusal(box, one)))
          : el("p", { class: "muted" }, t("desk.bulk_all_done")),
        fault,
        el(
          "div",
          { class: "choices" },
          refused.length ? again : null,
          el(
            "button",
            { class: "button", type: "button", dataset: { testid: "bulk-close" }, onclick: () => box.close() },
            t("common.close"),
          ),
        ),
      ),
    );
    box.querySelector("h2").focus();

    async function retry() {
      again.disabled = true;
      try {
        show(box, name, body, await post(name, body, await anew(refused)));
      } catch (error) {
        fault.hidden = false;
        fault.textContent = plainly(error);
        again.disabled = false;
      }
    }
  }

  function refusal(box, { number, problem }) {
    const said = plainly(new Problem(problem.status, problem));
    return el(
      "li",
      { dataset: { refused: number } },
      el("span", { class: "number" }, number),
      el("span", {}, said),
      el(
        "button",
        {
          class: "button compact",
          type: "button",
          onclick: () => {
            box.close();
            onOpen(number);
          },
        },
        t("desk.bulk_show"),
      ),
    );
  }

  return {
    click,
    toggle,
    clear,
    draw,
    get size() {
      return picked.size;
    },
  };
}

/** The tickets as they are now, a few at a time; one that is gone keeps the version it had. */
async function anew(refused) {
  const fresh = [];
  for (let from = 0; from < refused.length; from += AT_ONCE) {
    const some = refused.slice(from, from + AT_ONCE);
    const read = some.map(({ number }) => get(`tickets/${number}`).catch(() => ({ number, version: 0 })));
    fresh.push(...(await Promise.all(read)));
  }
  return fresh;
}

/** What the action does to each, where that is not plain. */
const general = (name) => (knows(`desk.bulk_says_${name}`) ? t(`desk.bulk_says_${name}`) : "");

function dialog(label) {
  const box = el("dialog", {
    class: "dialog bulk",
    "aria-label": label,
    onkeydown: (event) => event.stopPropagation(),
  });
  box.addEventListener("close", () => box.remove());
  document.body.append(box);
  return box;
}
