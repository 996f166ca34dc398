// Signing in, and the page about me: name, grid, language, large letters, signing out.

import { Later, Offline, Refused } from "./api.js";
import { el, replace } from "./dom.js";
import * as outbox from "./outbox.js";
import { session, sign_in, sign_out } from "./session.js";
import * as store from "./store.js";
import { language, named, problem_text, t } from "./texts.js";

/** `known`: the user name to expect when a session ran out while reports wait. */
export async function sign_in_view({ go, restart }) {
  const waiting = (await outbox.unsent()).length;
  const known = (await session())?.user.username ?? "";
  const name = el("input", {
    class: "field",
    name: "username",
    autocomplete: "username",
    autocapitalize: "none",
    required: true,
    value: known,
  });
  const word = el("input", {
    class: "field",
    name: "password",
    type: "password",
    autocomplete: "current-password",
    required: true,
  });
  const problem = el("p", { class: "missing", role: "alert", hidden: true });
  const button = el(
    "button",
    { class: "primary wide", type: "submit", data: { testid: "sign-in" } },
    t("phone.sign_in.button"),
  );
  const form = el(
    "form",
    { class: "view sign-in", on: { submit: (event) => (event.preventDefault(), void submit()) } },
    el("img", { src: "/m/static/icons/icon.svg", alt: "", class: "sign-in-mark" }),
    el("h1", {}, t("phone.title")),
    waiting ? el("p", { class: "notice" }, t("phone.sign_in.waiting", { n: waiting })) : null,
    el("label", {}, t("phone.sign_in.name"), name),
    el("label", {}, t("phone.sign_in.password"), word),
    problem,
    button,
    languages(restart),
  );

  async function submit() {
    button.disabled = true;
    problem.hidden = true;
    try {
      await sign_in(name.value.trim(), word.value);
      void outbox.run({ at_once: true });
      go("#report");
    } catch (error) {
      problem.hidden = false;
      problem.textContent = why(error);
      button.disabled = false;
      word.focus();
    }
  }
  return { element: form, title: t("phone.sign_in.title"), bare: true, remove() {} };
}

function why(error) {
  if (error instanceof Offline) return t("phone.sign_in.offline");
  if (error instanceof Later) return t("phone.sign_in.later");
  if (error instanceof Refused)
    return error.problem.status === 401 ? t("phone.sign_in.wrong") : problem_text(error.problem);
  return t("phone.error.unknown");
}

function languages(restart) {
  const one = (code, key) =>
    el(
      "button",
      {
        type: "button",
        class: "segment",
        "aria-pressed": String(language() === code),
        lang: code === "zh" ? "zh-CN" : "en",
        data: { language: code },
        on: { click: () => store.set("language", code).then(restart) },
      },
      t(key),
    );
  return el(
    "div",
    { class: "segments", role: "group", "aria-label": t("phone.me.language") },
    one("zh", "phone.language.zh"),
    one("en", "phone.language.en"),
  );
}

export async function me_view({ user, go, restart }) {
  const unsent = (await outbox.unsent()).length;
  const large = Boolean(await store.get("large"));
  const question = el("div", {});

  const leave = el(
    "button",
    { type: "button", class: "button wide danger", data: { testid: "sign-out" }, on: { click: () => void ask() } },
    t("phone.me.sign_out"),
  );

  /** Nothing is lost by signing out, but nothing is sent either: that is worth a question. */
  async function ask() {
    const left = (await outbox.unsent()).length;
    if (!left) return out();
    replace(
      question,
      el(
        "div",
        { class: "notice refused", role: "alert" },
        el("p", {}, t("phone.me.unsent_warning", { n: left })),
        el(
          "div",
          { class: "buttons" },
          el(
            "button",
            {
              type: "button",
              class: "button",
              on: { click: () => (replace(question), void outbox.run({ at_once: true })) },
            },
            t("phone.outbox.now"),
          ),
          el(
            "button",
            {
              type: "button",
              class: "button danger",
              data: { testid: "sign-out-anyway" },
              on: { click: () => void out() },
            },
            t("phone.me.sign_out_anyway"),
          ),
        ),
      ),
    );
    return null;
  }

  async function out() {
    await sign_out();
    go("#sign-in");
  }

  const element = el(
    "div",
    { class: "view" },
    el(
      "section",
      { class: "card" },
      el("h2", { data: { testid: "my-name" } }, user.name),
      el("p", {}, named(`phone.role.${user.role}`, user.role)),
      el("p", { class: "faint" }, user.region.name, " ", el("span", { class: "code" }, user.region.code)),
    ),
    el(
      "section",
      { class: "card" },
      el("p", {}, t("phone.me.unsent"), el("strong", { data: { testid: "unsent" } }, String(unsent))),
      el("p", { class: "faint" }, t(unsent ? "phone.me.unsent_safe" : "phone.me.all_sent")),
    ),
    el(
      "section",
      { class: "card" },
      el("div", { class: "setting" }, el("span", {}, t("phone.me.language")), languages(restart)),
      el(
        "div",
        { class: "setting" },
        el("label", { for: "large" }, t("phone.me.large")),
        el("input", {
          id: "large",
          type: "checkbox",
          class: "switch",
          role: "switch",
          checked: large,
          data: { testid: "large" },
          on: {
            change: (event) =>
              store
                .set("large", event.target.checked)
                .then(() => document.documentElement.classList.toggle("large", event.target.checked)),
          },
        }),
      ),
    ),
    question,
    leave,
  );
  return { element, title: t("phone.tab.me"), remove() {} };
}
