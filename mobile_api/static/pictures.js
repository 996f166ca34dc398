// Makes a photo small enough for a mast far away: at most 1,600 px, JPEG. The original stays in the camera roll.

import { with_place } from "./exif.js";

const LONGEST_SIDE = 1600;
const QUALITY = 0.82;

/** A file from the camera → a smaller JPEG; what this browser cannot read (some HEIC) goes as it is. */
export async function smaller(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return file;
  }
  const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d");
  // A transparent PNG would turn black as a JPEG.
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const drawn = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  return drawn ? with_place(drawn, file) : file;
}
