// Who is using the phone. A bearer token kept here outlives the network; the page's cookie is only a way to get one.

import { call, Refused, SignInNeeded } from "./api.js";
import * as store from "./store.js";

export const session = () => store.get("session");

async function remember(answer) {
  const { data: me } = await call("GET", "/me", { token: answer.access_token });
  const value = { token: answer.access_token, user: me, expires_at: Date.now() + 1000 * answer.expires_in };
  const before = await store.get("last_user");
  // Another person's lists are not for this one's eyes; their unsent reports stay, under their name.
  if (before && before !== me.username) await store.empty_cache();
  await store.set("session", value);
  await store.set("last_user", me.username);
  await store.forget("signed_out");
  return value;
}

/** Raises: Refused (wrong name or password), Offline, Later. */
export async function sign_in(username, password) {
  try {
    const { data } = await call("POST", "/session", { body: { username, password }, token: "" });
    return await remember(data);
  } catch (error) {
    if (error instanceof SignInNeeded) throw new Refused({ status: 401 });
    throw error;
  }
}

/** Someone who signed in on the front page need not do so again: the cookie is exchanged for a token. */
export async function adopt_cookie() {
  if (await store.get("signed_out")) return null;
  try {
    const answer = await fetch("/m/token", { method: "POST", headers: { "X-Requested-With": "phone" } });
    if (answer.status !== 200) return null;
    return await remember(await answer.json());
  } catch {
    return null;
  }
}

/** The token is no longer good; the person and everything unsent stay. */
export async function expire() {
  const now = await session();
  if (now) await store.set("session", { ...now, token: null });
}

export async function sign_out() {
  await store.forget("session");
  await store.set("signed_out", true);
  await store.empty_cache();
}
