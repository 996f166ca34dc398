// What is kept on the phone. A report is written here before anything is sent, and leaves only when the server has it.
//
//   kv       settings, the session, recent categories
//   cache    the last answers of the server, to look at without network
//   outbox   reports and actions not yet confirmed, by their UUID
//   photos   pictures of the outbox, each with the attachment id once it has been taken in

import { openDB } from "/vendor/idb/index.js";

const database = openDB("grid-phone", 1, {
  upgrade(db) {
    db.createObjectStore("kv");
    db.createObjectStore("cache");
    db.createObjectStore("outbox", { keyPath: "key" });
    db.createObjectStore("photos", { keyPath: "id" }).createIndex("entry", "entry");
  },
});

export const get = async (key) => (await database).get("kv", key);
export const set = async (key, value) => (await database).put("kv", value, key);
export const forget = async (key) => (await database).delete("kv", key);

export const cached = async (key) => (await database).get("cache", key);
export const keep = async (key, data) => (await database).put("cache", { at: Date.now(), data }, key);
export const empty_cache = async () => (await database).clear("cache");

export const entry = async (key) => (await database).get("outbox", key);
export const put_entry = async (value) => (await database).put("outbox", value);

/** Entries of one person, oldest first: what one worker saved is never sent in another's name. */
export async function entries(owner) {
  const all = await (await database).getAll("outbox");
  return all.filter((one) => one.owner === owner).sort((a, b) => a.created_at - b.created_at);
}

export const photos = async (key) => {
  const found = await (await database).getAllFromIndex("photos", "entry", key);
  return found.sort((a, b) => a.n - b.n);
};
export const put_photo = async (value) => (await database).put("photos", value);
export const drop_photo = async (id) => (await database).delete("photos", id);

/** Removes an entry and its pictures together, or neither. */
export async function drop_entry(key) {
  const transaction = (await database).transaction(["outbox", "photos"], "readwrite");
  const pictures = await transaction.objectStore("photos").index("entry").getAllKeys(key);
  await Promise.all([
    transaction.objectStore("outbox").delete(key),
    ...pictures.map((id) => transaction.objectStore("photos").delete(id)),
    transaction.done,
  ]);
}

/** Gives an entry and its pictures a new UUID: a corrected report is another report. */
export async function rename_entry(old, key) {
  const transaction = (await database).transaction(["outbox", "photos"], "readwrite");
  const outbox = transaction.objectStore("outbox");
  const value = await outbox.get(old);
  await outbox.delete(old);
  await outbox.put({ ...value, key });
  const store = transaction.objectStore("photos");
  for (const picture of await store.index("entry").getAll(old)) await store.put({ ...picture, entry: key });
  await transaction.done;
}
