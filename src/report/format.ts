import type { NumberFormat } from "./block.js";

const MINUS = "−";
const THIN_SPACE = "\u202f";

/** How a number is written everywhere in the report; null is an en dash, NaN and infinities keep their names. */
export function formatNumber(value: number | null | undefined, format: NumberFormat = "plain"): string {
  if (value === null || value === undefined) return "–";
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : `${MINUS}∞`;
  switch (format) {
    case "integer":
      return grouped(Math.round(value).toFixed(0));
    case "percent":
      return `${grouped((value * 100).toFixed(Math.abs(value) < 0.1 ? 2 : 1))}${THIN_SPACE}%`;
    case "signed":
      return value === 0 ? "0" : value > 0 ? `+${plain(value)}` : plain(value);
    case "fixed":
      return grouped(value.toFixed(3));
    case "compact":
      return compact(value);
    case "plain":
      return plain(value);
  }
}

/** A number for CSV and JSON: as exact as it is useful, without locale. */
export function exactNumber(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(9))) : String(value);
}

/** Rounded to `digits` significant ones: keeps data in the page small. */
export function round(value: number, digits = 5): number {
  return Number.isFinite(value) ? Number(value.toPrecision(digits)) : value;
}

/**
 * How an axis over these values labels its ticks, in the notation of d3-format: as many digits as distinguish neighbours, and
 * powers of ten only where a number would be too long to read.
 */
export function tickFormat(values: readonly number[], scale: "linear" | "log"): string {
  const sizes = values.map(Math.abs).filter((size) => size > 0);
  const most = sizes.reduce((a, b) => Math.max(a, b), 0);
  // On a linear axis the smallest value is no tick.
  const least = scale === "linear" ? most : sizes.reduce((a, b) => Math.min(a, b), most);
  const span = values.reduce((a, b) => Math.max(a, b), -Infinity) - values.reduce((a, b) => Math.min(a, b), Infinity);
  const digits = Math.min(12, Math.max(3, Math.ceil(Math.log10(most / (span || most || 1)) || 0) + 3));
  return most >= 1e7 || (least < 1e-5 && least > 0) ? `.${digits - 1}~e` : `,.${digits}~r`;
}

function plain(value: number): string {
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e15) return grouped(value.toFixed(0));
  if (size >= 10_000) return grouped(value.toFixed(0));
  if (size >= 1) return grouped(value.toFixed(2));
  if (size >= 0.001) return grouped(value.toFixed(size >= 0.1 ? 3 : 4));
  const [mantissa = "0", exponent = "0"] = value.toExponential(1).split("e");
  return `${mantissa.replace("-", MINUS)}·10${superscript(Number(exponent))}`;
}

function compact(value: number): string {
  const size = Math.abs(value);
  for (const [limit, unit] of [
    [1e12, "T"],
    [1e9, "G"],
    [1e6, "M"],
    [1e3, "k"],
  ] as const) {
    if (size >= limit) return `${grouped((value / limit).toPrecision(3))}${THIN_SPACE}${unit}`;
  }
  return plain(value);
}

function superscript(n: number): string {
  const digits = [...String(Math.abs(n))].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]).join("");
  return n < 0 ? `⁻${digits}` : digits;
}

/** `-12345.6` → `−12 345.6` with thin spaces, which no language mistakes for a decimal sign. */
function grouped(text: string): string {
  const [whole = "", fraction] = text.replace("-", "").split(".");
  const parts = whole.length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, THIN_SPACE) : whole;
  return `${text.startsWith("-") ? MINUS : ""}${parts}${fraction === undefined ? "" : `.${fraction}`}`;
}

/** `["a", "b", "c"]` → `a, b and c`. */
export function listed(words: readonly string[]): string {
  if (words.length <= 1) return words[0] ?? "";
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** `[28, 28]` → `28 × 28`; a scalar is `1`. */
export function formatShape(shape: readonly number[]): string {
  return shape.length === 0 ? "1" : shape.map((n) => grouped(String(n))).join(" × ");
}

/** `3 items`, `1 item`. */
export function counted(n: number, noun: string, plural = `${noun}s`): string {
  return `${formatNumber(n, "integer")} ${n === 1 ? noun : plural}`;
}
