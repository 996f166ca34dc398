// A list on the wall ends on a whole row: half a name at its lower edge reads as a fault.

/** Shortens a scrolling list to the rows (a selector) that fit entirely, and again with its box. Call what it returns when rows changed. */
export function wholeRows(list, rows) {
  let counted = 0;
  const fit = () => {
    list.style.maxHeight = "";
    const box = list.getBoundingClientRect();
    const ends = [...list.querySelectorAll(rows)].map((row) => row.getBoundingClientRect().bottom - box.top + list.scrollTop);
    const fitting = ends.filter((end) => end <= box.height + 0.5);
    if (fitting.length && fitting.length < ends.length) list.style.maxHeight = `${fitting[fitting.length - 1]}px`;
  };
  new ResizeObserver(fit).observe(list.parentElement);
  return () => {
    const now = list.querySelectorAll(rows).length;
    if (now !== counted) fit();
    counted = now;
  };
}
