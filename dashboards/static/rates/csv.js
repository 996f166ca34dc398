// The table where the eye is, as a CSV file that Excel opens in the right encoding.
import { t } from "/static/shared/texts.js";

/** Text that begins like a formula gets an apostrophe: a spreadsheet must not run what somebody named something. A long code stays text, as ="…". */
function field(value) {
  let text = value === null || value === undefined ? "" : String(value);
  if (typeof value === "string" && /^[=+\-@\t\r]/.test(text)) text = `'${text}`;
  if (typeof value === "string" && /^\d{12,}$/.test(value)) text = `="${value}"`;
  return /[",\n\r]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}

const HEAD = ["code", "name", "reported", "accepted", "closed", "closure_rate", "on_time", "due", "on_time_rate", "open", "overdue", "suspended", "exempt", "called", "reached", "satisfied", "satisfaction_rate"];
const share = (figure) => (figure.denominator ? (figure.numerator / figure.denominator).toFixed(4) : "");

export function exportTable(items, total, view, regionName) {
  const line = (item) => [item.code, item.name, item.reported, item.accepted, item.closed, share(item.closure_rate), item.on_time_rate.numerator, item.on_time_rate.denominator, share(item.on_time_rate), item.open, item.overdue, item.suspended, item.exempt, item.called, item.reached, item.satisfied, share(item.satisfaction_rate)];
  const rows = [HEAD.map((key) => t(`rates.csv_${key}`)), ...items.map(line), line({ ...total, name: t("common.total") })];
  const text = `\ufeff${rows.map((row) => row.map(field).join(",")).join("\r\n")}\r\n`;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  link.download = `${regionName}_${view.from}_${view.to}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
