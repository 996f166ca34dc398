// The pictures of one entry: added by the camera, shown small, removed by one touch. Kept on the phone at once.

import { el, icon, replace } from "./dom.js";
import { smaller } from "./pictures.js";
import * as store from "./store.js";
import { t } from "./texts.js";
import { uuid } from "/static/shared/uuid.js";

export const MOST_PHOTOS = 9;

/** `key`: a function giving the entry's UUID. `changed(count)` after each change. Returns {element, remove()}. */
export function photo_strip({ key, refused = null, changed = () => {} }) {
  const strip = el("div", { class: "photos" });
  const full = el("p", { class: "missing", role: "alert", hidden: true }, t("phone.photo.unsaved"));
  const element = el("div", {}, strip, full);
  let urls = [];

  async function draw() {
    const pictures = await store.photos(key());
    urls.forEach((url) => URL.revokeObjectURL(url));
    urls = pictures.map((picture) => URL.createObjectURL(picture.blob));
    replace(
      strip,
      ...pictures.map((picture, n) => tile(picture, urls[n], n)),
      pictures.length >= MOST_PHOTOS ? null : camera(pictures.length),
    );
    changed(pictures.length);
  }

  const tile = (picture, url, n) =>
    el(
      "div",
      { class: `photo${picture.id === refused ? " refused" : ""}`, data: { photo: picture.id } },
      el("img", { src: url, alt: t("phone.photo.n", { n: n + 1 }) }),
      el(
        "button",
        {
          type: "button",
          class: "photo-remove",
          "aria-label": t("phone.photo.remove", { n: n + 1 }),
          on: { click: () => store.drop_photo(picture.id).then(draw) },
        },
        icon("remove"),
      ),
    );

  function camera(count) {
    const input = el("input", {
      type: "file",
      accept: "image/*",
      capture: "environment",
      multiple: true,
      class: "visually-hidden",
      "aria-label": t("phone.photo.add"),
      data: { testid: "photo-input" },
      on: { change: () => add([...input.files], count) },
    });
    return el(
      "label",
      { class: `camera${count ? "" : " first"}` },
      input,
      icon("camera"),
      el("span", {}, t(count ? "phone.photo.more" : "phone.photo.add")),
    );
  }

  async function add(files, count) {
    for (const file of files.slice(0, MOST_PHOTOS - count)) {
      const blob = await smaller(file);
      try {
        await store.put_photo({ id: uuid(), entry: key(), blob, attachment: null, n: Date.now() + Math.random() });
      } catch (error) {
        console.warn(error);
        full.hidden = false;
      }
    }
    await draw();
  }

  void draw();
  return { element, remove: () => urls.forEach((url) => URL.revokeObjectURL(url)) };
}
