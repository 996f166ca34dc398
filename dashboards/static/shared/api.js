// Calls to /api/v1 with the page's cookie. A problem document becomes a Problem with a text in the page's language.
import { language, t } from "/static/shared/texts.js";

export class Problem extends Error {
  constructor(status, document = {}) {
    const own = language === "zh" ? document.detail || document.title : document.detail_en || document.title_en;
    super(own || document.detail || document.title || t("common.error_unknown", { status }));
    this.status = status;
    this.type = document.type || "about:blank";
    this.code = this.type.split("/").pop();
    this.field = document.field;
    this.document = document;
  }
}

/** The network did not answer: nothing is known about what happened, so a write is repeated with the same key. */
export class Unreachable extends Error {
  constructor() {
    super(t("common.error_network"));
  }
}

const csrf = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

function address(path, params) {
  const url = new URL(path.startsWith("/") ? path : `/api/v1/${path}`, window.location.origin);
  for (const [name, value] of Object.entries(params ?? {})) {
    if (value !== null && value !== undefined && value !== "") url.searchParams.set(name, value);
  }
  return url;
}

/**
 * The general call. `path` is "tickets" or "/api/v1/tickets"; a body object is sent as JSON, a FormData as it is.
 * Returns {data, etag, status}. Throws Problem or Unreachable. Signed out: goes to the sign-in page and back.
 */
export async function call(method, path, { params, body, headers = {}, signal } = {}) {
  const form = body instanceof FormData;
  const sent = { Accept: "application/json", ...headers };
  if (method !== "GET") sent["X-CSRFToken"] = csrf();
  if (body !== undefined && !form) sent["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(address(path, params), {
      method, signal, headers: sent, credentials: "same-origin",
      body: body === undefined || form ? body : JSON.stringify(body),
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Unreachable();
  }
  const text = await answer.text();
  let data = null;
  try {
    data = text ? JSON.parse(text) : null;
  } catch {
    data = null;
  }
  if (answer.status === 401) {
    const here = window.location.pathname + window.location.search;
    window.location.assign(`/?next=${encodeURIComponent(here)}`);
  }
  if (!answer.ok) throw new Problem(answer.status, data ?? {});
  return { data, etag: answer.headers.get("ETag"), status: answer.status };
}

export const get = async (path, params, options = {}) => (await call("GET", path, { params, ...options })).data;
export const post = async (path, body, options = {}) => (await call("POST", path, { body, ...options })).data;

/** All pages of a list, at most `most` items. Returns {items, total, cut}: cut is true when more are there. */
export async function all(path, params = {}, { most = 1000, onPage, signal } = {}) {
  const items = [];
  let cursor = null;
  let total = null;
  do {
    const page = await get(path, { limit: 200, ...params, cursor }, { signal });
    items.push(...page.items);
    total = page.total ?? total;
    cursor = page.next_cursor;
    onPage?.(page.items);
  } while (cursor && items.length < most);
  return { items, total: total ?? items.length, cut: Boolean(cursor) };
}

/** The words for the person at the screen, whatever was thrown. */
export const words = (error) => (error instanceof Problem || error instanceof Unreachable ? error.message : t("common.error_page", { what: String(error) }));
