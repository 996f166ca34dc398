// Sends what is waiting: the pictures first, then the report. Each step is kept, so that a dead battery costs one step.
//
// States of an entry: draft → waiting → sent, or waiting → refused (kept, with the reason, until a person decides).

import { call, clock_offset, Later, Offline, on_network, Refused, SignInNeeded } from "./api.js";
import { session } from "./session.js";
import * as store from "./store.js";

const LONGEST_PAUSE = 5 * 60_000;
const KEEP_SENT = 20;
const watchers = new Set();
let timer = null;
let running = false;

export const on_change = (watcher) => {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
};
export const announce = (entry) => watchers.forEach((watcher) => watcher(entry));

/** Two seconds, four, eight … five minutes, a little uneven, so that a town does not call at once. */
export function pause_after(attempts) {
  return Math.min(LONGEST_PAUSE, 2000 * 2 ** Math.min(attempts, 10)) * (0.8 + 0.4 * Math.random());
}

export async function save(entry) {
  await store.put_entry(entry);
  announce(entry);
}

/** Puts an entry on its way: from here on the server may have it, so it changes no more. */
export async function hand_over(entry) {
  await save({ ...entry, state: "waiting", problem: null, attempts: 0, next_at: 0 });
  void run();
}

/** Unsent entries of whoever is signed in. */
export async function unsent() {
  const now = await session();
  if (!now) return [];
  return (await store.entries(now.user.username)).filter((one) => one.state === "waiting" || one.state === "refused");
}

/** Sends everything that is due; safe to call at any time, and from several windows. */
export async function run({ at_once = false } = {}) {
  if (navigator.locks) {
    return navigator.locks.request("outbox", { ifAvailable: true }, (lock) => (lock ? send_all(at_once) : null));
  }
  return send_all(at_once);
}

async function send_all(at_once) {
  if (running) return;
  running = true;
  clearTimeout(timer);
  try {
    const now = await session();
    if (!now?.token) return;
    for (const entry of await store.entries(now.user.username)) {
      if (entry.state !== "waiting" || (!at_once && entry.next_at > Date.now())) continue;
      if (!(await attempt(entry))) break;
    }
    await tidy(now.user.username);
  } finally {
    running = false;
    await plan();
  }
}

/** Returns false when there is no use in trying the next one. */
async function attempt(entry) {
  try {
    const ticket = entry.kind === "report" ? await send_report(entry) : await send_action(entry);
    for (const picture of await store.photos(entry.key)) await store.drop_photo(picture.id);
    await save({ ...entry, state: "sent", number: ticket.number, ticket, sent_at: Date.now() });
    return true;
  } catch (error) {
    if (error instanceof SignInNeeded) return false;
    if (error instanceof Refused) {
      await save({ ...(await store.entry(entry.key)), state: "refused", problem: error.problem });
      return true;
    }
    const attempts = entry.attempts + 1;
    const wait = Math.max(pause_after(attempts), error instanceof Later ? error.wait : 0);
    await save({ ...(await store.entry(entry.key)), attempts, next_at: Date.now() + wait });
    if (!(error instanceof Offline || error instanceof Later)) console.error(error);
    return !(error instanceof Offline);
  }
}

async function send_pictures(entry) {
  const pictures = await store.photos(entry.key);
  for (const picture of pictures) {
    if (picture.attachment) continue;
    const form = new FormData();
    form.append("file", picture.blob, `${picture.id}.jpg`);
    try {
      const { data } = await call("POST", "/attachments", { form, key: picture.id, seconds: 120 });
      picture.attachment = data.id;
    } catch (error) {
      if (error instanceof Refused) error.problem.photo = picture.id;
      throw error;
    }
    await store.put_photo(picture);
    announce(entry);
  }
  return pictures.map((picture) => picture.attachment);
}

async function send_report(entry) {
  const photos = await send_pictures(entry);
  const { category, description, lon, lat, accuracy_m, grid, captured_at } = entry.report;
  const body = { category, description, lon, lat, datum: "wgs84", captured_at, photos };
  if (accuracy_m !== null && accuracy_m !== undefined) body.accuracy_m = accuracy_m;
  if (grid) body.grid = grid;
  return (await call("POST", "/reports", { body, key: entry.key })).data;
}

async function send_action(entry) {
  const { number, name, version, body } = entry.action;
  const photos = await send_pictures(entry);
  const whole = photos.length ? { ...body, photos } : body;
  // The key makes a repeated action the same action: an answer lost on the way does no harm.
  return (await call("POST", `/tickets/${number}/actions/${name}`, { body: whole, key: entry.key, version })).data;
}

/** Confirmed ones are shown for a while, then go. */
async function tidy(owner) {
  const sent = (await store.entries(owner)).filter((one) => one.state === "sent");
  for (const one of sent.slice(0, Math.max(0, sent.length - KEEP_SENT))) await store.drop_entry(one.key);
}

async function plan() {
  const waiting = (await unsent()).filter((one) => one.state === "waiting");
  if (!waiting.length) return;
  const soonest = Math.min(...waiting.map((one) => one.next_at || 0));
  timer = setTimeout(() => void run(), Math.max(1000, soonest - Date.now()));
}

/** The present time by the server's clock: a phone that is a day ahead would be refused. */
export async function now_by_server() {
  return new Date(Date.now() + (await clock_offset())).toISOString();
}

on_network((online) => online && void run({ at_once: true }));
document.addEventListener("visibilitychange", () => document.hidden || void run());
