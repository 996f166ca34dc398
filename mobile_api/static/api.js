// The one place that talks to the server. A call ends in an answer or in one of four reasons why not.

import * as store from "./store.js";

export class Offline extends Error {}
export class SignInNeeded extends Error {}

/** The server cannot just now: try again after `wait` milliseconds (0: as you like). */
export class Later extends Error {
  constructor(wait = 0) {
    super("later");
    this.wait = wait;
  }
}

/** The server will not, and says why in a problem document; asking again changes nothing. */
export class Refused extends Error {
  constructor(problem) {
    super(problem.type ?? "refused");
    this.problem = problem;
  }
}

const AGAIN = new Set([408, 425, 429, 500, 502, 503, 504]);
const watchers = new Set();
let reachable = navigator.onLine;

export const online = () => reachable;
export const on_network = (watcher) => watchers.add(watcher);

function noticed(now_reachable) {
  if (now_reachable === reachable) return;
  reachable = now_reachable;
  for (const watcher of watchers) watcher(reachable);
}

window.addEventListener("online", () => noticed(true));
window.addEventListener("offline", () => noticed(false));

/** How far this phone's clock is behind the server's, in milliseconds; known after the first answer. */
export async function clock_offset() {
  return (await store.get("clock_offset")) ?? 0;
}

async function learn_clock(answer) {
  const date = Date.parse(answer.headers.get("Date") ?? "");
  if (Number.isNaN(date)) return;
  const offset = date - Date.now();
  // Half a minute is the noise of a slow network; more is a wrong clock.
  await store.set("clock_offset", Math.abs(offset) > 30_000 ? offset : 0);
}

async function body_of(answer) {
  const text = await answer.text();
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

/**
 * call("POST", "/reports", {body, form, key, version, seconds}) → {status, data}
 * Raises: Offline, SignInNeeded, Later, Refused.
 */
export async function call(method, path, { body, form, key, version, seconds = 30, token } = {}) {
  const bearer = token ?? (await store.get("session"))?.token;
  const headers = { Accept: "application/json" };
  if (bearer) headers.Authorization = `Bearer ${bearer}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  if (version !== undefined) headers["If-Match"] = `"${version}"`;
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), seconds * 1000);
  let answer, data;
  try {
    answer = await fetch(`/api/v1${path}`, {
      method,
      headers,
      signal: abort.signal,
      credentials: "omit",
      cache: "no-store",
      body: form ?? (body === undefined ? undefined : JSON.stringify(body)),
    });
    data = await body_of(answer);
  } catch {
    noticed(false);
    throw new Offline("no answer");
  } finally {
    clearTimeout(timer);
  }
  noticed(true);
  await learn_clock(answer);
  if (answer.ok) return { status: answer.status, data };
  if (answer.status === 401) {
    // Not for the sign-in page's own calls, which bring their token along.
    if (token === undefined) window.dispatchEvent(new CustomEvent("phone:sign-in-needed"));
    throw new SignInNeeded("401");
  }
  if (AGAIN.has(answer.status)) throw new Later(1000 * Number(answer.headers.get("Retry-After") ?? 0) || 0);
  throw new Refused({ status: answer.status, ...(data ?? {}) });
}

/** Reads, and keeps the answer; without network, or while the server cannot, the last answer: {data, at, fresh}. */
export async function read(path, options) {
  try {
    const { data } = await call("GET", path, options);
    await store.keep(path, data);
    return { data, at: Date.now(), fresh: true };
  } catch (error) {
    if (!(error instanceof Offline || error instanceof Later)) throw error;
    const kept = await store.cached(path);
    if (!kept) throw error;
    return { ...kept, fresh: false };
  }
}
