// A list on the wall ends on a whole row: half a name at the lower edge reads as a fault.

/** Shortens a scrolling list to the rows that fit entirely; `rows` selects them. Returns a function that measures anew. */
export function wholeRows(list, rows) {
  let height = "";
  const fit = () => {
    list.style.maxHeight = "";
    const room = list.getBoundingClientRect();
    const top = room.top - list.scrollTop;
    let last = 0;
    for (const row of list.querySelectorAll(rows)) {
      const end = row.getBoundingClientRect().bottom - top;
      if (end > room.height + 0.5) break;
      last = end;
    }
    height = last && list.scrollHeight > room.height + 0.5 ? `${last}px` : "";
    list.style.maxHeight = height;
  };
  return fit;
}
