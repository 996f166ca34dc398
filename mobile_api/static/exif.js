// Carries over to the small picture where and when the camera took the large one: drawing it anew loses that. Only the
// GPS tags and the time go along; no maker, no thumbnail, no orientation, since the small picture is upright already.

const HEAD = 256 * 1024; // EXIF stands at the beginning of a file
const LONGEST = 64; // bytes of a value: three fractions are 24
const MOST_TAGS = 40;
const SIZES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8];
const EXIF_IFD = 0x8769;
const GPS_IFD = 0x8825;
const TIMES = new Set([0x9003, 0x9011]); // DateTimeOriginal, OffsetTimeOriginal

/** A JPEG blob with the place and time of `original`, or as it is when there are none. */
export async function with_place(small, original) {
  try {
    const segment = place_segment(new Uint8Array(await original.slice(0, HEAD).arrayBuffer()));
    return segment ? new Blob([new Uint8Array([0xff, 0xd8]), segment, small.slice(2)], { type: "image/jpeg" }) : small;
  } catch {
    return small; // a camera that writes nonsense took a picture all the same
  }
}

/** The APP1 segment to insert, or null. */
function place_segment(bytes) {
  const tiff = find_tiff(bytes);
  if (!tiff) return null;
  const { view, little } = tiff;
  const first = entries(tiff, view.getUint32(4, little));
  const pointed = (tag) => {
    const pointer = first.find((one) => one.tag === tag);
    return pointer ? entries(tiff, pointer.offset) : [];
  };
  const times = pointed(EXIF_IFD).filter((one) => TIMES.has(one.tag));
  const gps = pointed(GPS_IFD);
  return times.length || gps.length ? written(times, gps, little) : null;
}

/** The TIFF structure inside the first Exif segment of a JPEG: {view, little}. */
function find_tiff(bytes) {
  const view = new DataView(bytes.buffer);
  if (bytes.length < 4 || view.getUint16(0) !== 0xffd8) return null;
  for (let at = 2; at + 10 < bytes.length && bytes[at] === 0xff && bytes[at + 1] !== 0xda; ) {
    const length = view.getUint16(at + 2);
    if (bytes[at + 1] === 0xe1 && view.getUint32(at + 4) === 0x45786966) {
      const inner = new DataView(bytes.buffer, at + 10, Math.min(length - 8, bytes.length - at - 10));
      const order = inner.getUint16(0);
      return order === 0x4949 || order === 0x4d4d ? { view: inner, little: order === 0x4949 } : null;
    }
    at += 2 + length;
  }
  return null;
}

/** The tags of a directory with their raw values: [{tag, type, count, value, offset}]. */
function entries({ view, little }, start) {
  const found = [];
  for (let n = 0; n < Math.min(view.getUint16(start, little), MOST_TAGS); n++) {
    const at = start + 2 + 12 * n;
    const [tag, type, count] = [view.getUint16(at, little), view.getUint16(at + 2, little), view.getUint32(at + 4, little)];
    const size = (SIZES[type] ?? 0) * count;
    if (!size || size > LONGEST) continue;
    const offset = view.getUint32(at + 8, little);
    const from = size > 4 ? offset : at + 8;
    if (from + size > view.byteLength) continue;
    found.push({ tag, type, count, offset, value: new Uint8Array(view.buffer, view.byteOffset + from, size) });
  }
  return found;
}

/** APP1 with a directory that points to the two others; values keep the byte order they had. */
function written(times, gps, little) {
  const pointers = [
    [EXIF_IFD, times],
    [GPS_IFD, gps],
  ].filter(([, tags]) => tags.length);
  const root = pointers.map(([tag]) => ({ tag, type: 4, count: 1, value: new Uint8Array(4) }));
  const blocks = [root, ...pointers.map(([, tags]) => tags)];
  const sizes = blocks.map((tags) => 6 + 12 * tags.length + tags.reduce((sum, { value }) => sum + (value.length > 4 ? value.length + (value.length % 2) : 0), 0));
  const out = new Uint8Array(18 + sizes.reduce((sum, size) => sum + size, 0));
  const view = new DataView(out.buffer);
  out.set([0xff, 0xe1, 0, 0, 0x45, 0x78, 0x69, 0x66, 0, 0], 0);
  view.setUint16(2, out.length - 2);
  out.set(little ? [0x49, 0x49] : [0x4d, 0x4d], 10);
  view.setUint16(12, 42, little);
  view.setUint32(14, 8, little);
  let start = 8;
  const starts = sizes.map((size) => ((start += size), start - size));
  root.forEach((pointer, n) => new DataView(pointer.value.buffer).setUint32(0, starts[n + 1], little));
  blocks.forEach((tags, n) => write_directory(out, view, tags, starts[n], little));
  return out;
}

/** `start` counts from the TIFF header, which stands ten bytes into the segment. */
function write_directory(out, view, tags, start, little) {
  const at = 10 + start;
  let free = start + 6 + 12 * tags.length;
  view.setUint16(at, tags.length, little);
  tags.forEach(({ tag, type, count, value }, n) => {
    const entry = at + 2 + 12 * n;
    view.setUint16(entry, tag, little);
    view.setUint16(entry + 2, type, little);
    view.setUint32(entry + 4, count, little);
    if (value.length <= 4) out.set(value, entry + 8);
    else {
      view.setUint32(entry + 8, free, little);
      out.set(value, 10 + free);
      free += value.length + (value.length % 2);
    }
  });
}
