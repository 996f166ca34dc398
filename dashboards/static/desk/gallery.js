// Photos as a strip; a touch shows one large, arrows go on, Escape closes.
import { el } from "/static/shared/dom.js";
import { t } from "/static/shared/texts.js";

export function gallery(photos) {
  return el(
    "div",
    { class: "gallery" },
    ...photos.map((photo, n) =>
      el(
        "button",
        {
          type: "button",
          class: "thumb",
          "aria-label": t("desk.photo_n", { n: n + 1 }),
          dataset: { photo: photo.id },
          onclick: () => lightbox(photos, n),
        },
        el("img", {
          src: photo.thumbnail_url,
          alt: t("desk.photo_n", { n: n + 1 }),
          loading: "lazy",
          decoding: "async",
        }),
      ),
    ),
  );
}

function lightbox(photos, start) {
  let at = start;
  const image = el("img", { alt: "" });
  const said = el("span", { class: "lightbox-count" });
  const go = (step) => {
    at = (at + step + photos.length) % photos.length;
    image.src = photos[at].url;
    image.alt = t("desk.photo_n", { n: at + 1 });
    said.textContent = t("desk.photo_of", { n: at + 1, all: photos.length });
  };
  const several = photos.length > 1;
  const box = el(
    "dialog",
    {
      class: "lightbox",
      "aria-label": t("desk.photos"),
      onclick: (event) => event.target === box && box.close(),
      onkeydown: (event) => {
        if (event.key === "ArrowRight") go(1);
        if (event.key === "ArrowLeft") go(-1);
        event.stopPropagation();
      },
    },
    image,
    el(
      "div",
      { class: "lightbox-bar" },
      several ? el("button", { class: "button", type: "button", onclick: () => go(-1) }, t("desk.photo_before")) : null,
      said,
      several ? el("button", { class: "button", type: "button", onclick: () => go(1) }, t("desk.photo_after")) : null,
      el("button", { class: "button", type: "button", onclick: () => box.close() }, t("common.close")),
    ),
  );
  box.addEventListener("close", () => box.remove());
  go(0);
  document.body.append(box);
  box.showModal();
}
