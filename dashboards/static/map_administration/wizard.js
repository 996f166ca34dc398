// One import from the file to its effect: what is shown follows from the state of its job, so a reload loses nothing.
import { el, toast } from "/static/shared/dom.js";
import { call, get, post, words } from "/static/shared/api.js";
import { count, knows, language, t } from "/static/shared/texts.js";
import { timeElement } from "/static/shared/time.js";
import { uuid } from "/static/shared/uuid.js";
import { ask } from "/static/administration/ask.js";
import { upload } from "/static/map_administration/upload.js";

const POLL_MS = 800;
const STEPS = ["file", "check", "apply", "done"];
const MARKS = { running: "yellow", applying: "yellow", ready: "blue", applied: "done", failed: "red" };

/**
 * wizard(box, {kind, accept, hint, report(job, tools), onApplied(job)}): `report` returns the nodes of a job that is
 * ready; its tools are again(choices), apply({what, body}), and discard().
 */
export function wizard(box, { kind, accept, hint, extra = null, report, onApplied }) {
  const limit = Number(document.querySelector("#main").dataset.limitMb);
  const body = el("div", { class: "stack" });
  const steps = el("ol", { class: "steps" }, ...STEPS.map((step) => el("li", { dataset: { step } }, t(`imports.step_${step}`))));
  let shown = null;
  let turn = 0;

  box.replaceChildren(el("section", { class: "card", "aria-labelledby": "import-title" },
    el("header", {}, el("h2", { id: "import-title" }, t(`imports.${kind}_import`))), steps, body));

  function stand(name) {
    const at = STEPS.indexOf(name);
    [...steps.children].forEach((step, n) => {
      step.className = n < at ? "past" : "";
      if (n === at) step.setAttribute("aria-current", "step");
      else step.removeAttribute("aria-current");
    });
  }

  /** Step 1: a file, dropped or chosen; below it the imports of the last days. */
  async function start(fault = null) {
    turn += 1;
    shown = null;
    window.history.replaceState(null, "", window.location.pathname);
    stand("file");
    const input = el("input", { type: "file", id: "import-file", class: "visually-hidden", accept, dataset: { testid: "import-file" }, onchange: () => send(input.files[0]) });
    const drop = el("div", { class: "drop" },
      el("p", {}, t("imports.drop")), input,
      el("label", { class: "button primary", for: "import-file" }, t("imports.choose")),
      el("p", { class: "muted small" }, hint), el("p", { class: "muted small" }, t("imports.limit", { n: limit })), extra);
    for (const name of ["dragover", "dragleave", "drop"]) {
      drop.addEventListener(name, (event) => {
        event.preventDefault();
        drop.classList.toggle("over", name === "dragover");
        if (name === "drop") send(event.dataTransfer.files[0]);
      });
    }
    const recent = el("div", {});
    body.replaceChildren(...[fault && el("p", { class: "notice fault", role: "alert" }, fault), drop, recent].filter(Boolean));
    try {
      const { items } = await get("imports", { kind });
      if (items.length) recent.replaceChildren(el("h3", {}, t("imports.recent")), recentTable(items));
    } catch (error) {
      recent.replaceChildren(el("p", { class: "muted small" }, words(error)));
    }
  }

  const recentTable = (items) => el("div", { class: "table-wrap" }, el("table", { class: "table" },
    el("thead", {}, el("tr", {}, ...["file", "when", "who", "state", "open"].map((key) => el("th", { scope: "col" }, t(`imports.col_${key}`))))),
    el("tbody", {}, ...items.slice(0, 10).map((job) => el("tr", {},
      el("td", { class: "note" }, job.file), el("td", {}, timeElement(job.created_at)), el("td", {}, job.created_by ?? "–"), el("td", {}, stateTag(job)),
      el("td", {}, el("button", { type: "button", class: "button compact", "aria-label": t("imports.open_one", { file: job.file }), onclick: () => open(job.id) }, t("imports.open"))))))));

  async function send(file) {
    if (!file) return;
    if (file.size > limit * 1024 * 1024) { await start(t("imports.too_large", { n: limit })); return; }
    const mine = ++turn;
    const bar = progress(t("imports.uploading", { file: file.name }));
    body.replaceChildren(bar.node);
    try {
      const job = await upload(file, { kind }, (sent, total) => bar.set(sent, total, t("imports.sent", { sent: megabytes(sent), total: megabytes(total) })));
      if (mine === turn) await open(job.id);
    } catch (error) {
      if (mine === turn) await start(words(error));
    }
  }

  async function open(id) {
    turn += 1;
    window.history.replaceState(null, "", `#import=${id}`);
    try {
      show(await get(`imports/${id}`));
    } catch (error) {
      await start(words(error));
    }
  }

  function show(job) {
    shown = job;
    stand({ running: "check", ready: "check", failed: "check", applying: "apply", applied: "done" }[job.state]);
    const head = el("p", { class: "row" }, el("b", {}, job.file), el("span", { class: "muted small number" }, megabytes(job.size)), stateTag(job));
    if (["running", "applying"].includes(job.state)) return follow(job, head);
    const fault = job.failure && el("p", { class: "notice fault", role: "alert" }, language === "zh" ? job.failure.text : job.failure.text_en);
    const parts = [head, fault];
    // What was chosen may be why it failed.
    const plain = Object.keys(job.choices).some((name) => job.choices[name]) ? again({}, t("imports.again_plain"), false) : null;
    if (job.state === "failed") parts.push(actions(...[again(), plain, discard()].filter(Boolean)));
    if (job.state === "ready") parts.push(...report(job, tools()));
    if (job.state === "applied") parts.push(applied(job));
    body.replaceChildren(...parts.filter(Boolean));
    return undefined;
  }

  async function follow(job, head) {
    const mine = ++turn;
    const bar = progress(t(`imports.${job.state}`));
    body.replaceChildren(head, bar.node);
    for (;;) {
      bar.set(job.progress.done, job.progress.total, stepWords(job.progress));
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      if (mine !== turn) return;
      try {
        job = await get(`imports/${job.id}`);
      } catch (error) {
        bar.set(0, 0, words(error));
        continue;
      }
      if (mine !== turn) return;
      if (!["running", "applying"].includes(job.state)) break;
    }
    show(job);
    if (job.state === "applied") onApplied(job);
  }

  const applied = (job) => el("div", { class: "stack" },
    el("p", { class: "notice done", role: "status" }, t(job.kind === "workers" ? "imports.applied_workers" : job.result.entered ? "imports.applied_now" : "imports.applied_later", { version: job.edition })),
    actions(el("button", { type: "button", class: "button primary", onclick: () => start() }, t("imports.another"))));

  const again = (choices = null, label = t("imports.again"), primary = true) => el("button", {
    type: "button", class: primary ? "button primary" : "button", onclick: () => run(choices ?? shown.choices),
  }, label);

  const discard = () => el("button", { type: "button", class: "button quiet", onclick: throwAway }, t("imports.discard"));

  async function throwAway() {
    try {
      await call("DELETE", `imports/${shown.id}`);
      await start();
    } catch (error) {
      toast(words(error), "fault");
    }
  }

  async function run(choices) {
    try {
      show(await post(`imports/${shown.id}/choices`, choices));
    } catch (error) {
      toast(words(error), "fault");
    }
  }

  /** Ask once, with what will happen, and carry it out. */
  async function apply({ title, what, yes, content }) {
    const key = uuid();
    const seen = shown;
    let conflict = false;
    const send = async () => {
      try {
        return await post(`imports/${seen.id}/apply`, { turn: seen.turn, ...content() }, { headers: { "Idempotency-Key": key } });
      } catch (error) {
        conflict = error.status === 409;
        throw error;
      }
    };
    const job = await ask({ title, what, yes, send });
    if (job) show(job);
    // Somebody else ran or applied it meanwhile: what is shown now is how it stands.
    else if (conflict) await open(seen.id);
  }

  const tools = () => ({ run, again, discard, apply });

  const wanted = window.location.hash.match(/^#import=([\w-]+)$/)?.[1];
  if (wanted) open(wanted);
  else start();
  return { start, open };
}

export const actions = (...buttons) => el("div", { class: "actions" }, ...buttons);

const stateTag = (job) => {
  const faulty = job.state === "ready" && job.ok === false;
  return el("span", { class: `tag ${faulty ? "red" : MARKS[job.state]}`, dataset: { state: job.state } },
    el("span", { class: `mark ${faulty ? "red" : MARKS[job.state]}`, "aria-hidden": "true" }), t(faulty ? "imports.state_faulty" : `imports.state_${job.state}`));
};

const stepWords = ({ step, done, total }) => {
  const name = step && knows(`imports.doing_${step}`) ? t(`imports.doing_${step}`) : (step ?? "");
  return total > 1 ? t("imports.doing", { what: name, done: count(done), total: count(total) }) : name;
};

function progress(label) {
  const bar = el("progress", { "aria-label": label });
  const text = el("span", { class: "muted", role: "status" });
  return {
    node: el("div", { class: "progress" }, el("b", {}, label), bar, text),
    set(done, total, said) {
      if (total > 1) { bar.max = total; bar.value = done; } else bar.removeAttribute("value");
      if (text.textContent !== said) text.textContent = said;
    },
  };
}

const megabytes = (bytes) => (bytes < 1024 * 1024 ? `${Math.max(1, Math.round(bytes / 1024))} kB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`);
