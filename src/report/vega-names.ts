/**
 * Names that Vega trips over. Its parser of expressions takes the text `"if"`, and any that is a member of every object
 * (`"toString"`), for an identifier, and some of its transforms keep groups in plain objects. Names are the users', and reach
 * expressions by titles, orders and conditions. So Vega never sees such a name: an invisible sign at its end makes it another
 * text, which looks the same. `page/data.ts` does to rows what is done to them here.
 */
import type { Columns } from "./chart.js";

/** A word joiner: it has no width and breaks no line. */
export const VEIL = "\u2060";

export const VEILED_NAMES: readonly string[] = ["if", ...Object.getOwnPropertyNames(Object.prototype).sort()];

const veiledNames = new Set(VEILED_NAMES);
/** Texts in an expression. */
const LITERAL = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g;

/** A column as a field of Vega, which takes dots and brackets for a way into a value. */
export function fieldNamed(column: string): string {
  return column.replace(/[.[\]\\]/g, "\\$&");
}

function veiled(name: string): string {
  // These end a line of an expression, and so does an escaped one from the second on.
  const text = name.replace(/[\u2028\u2029]/g, " ");
  return veiledNames.has(text) ? text + VEIL : text;
}

/** A specification with every such name veiled: where it is a whole text, and where it is a text in an expression. */
export function veiledSpec<T>(spec: T): T {
  return veil(spec) as T;
}

function veil(value: unknown): unknown {
  if (typeof value === "string") {
    return veiled(value).replace(LITERAL, (text) => text[0] + veiled(text.slice(1, -1)) + text[0]);
  }
  if (Array.isArray(value)) return value.map(veil);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, veil(item)]));
}

/** Rows as Vega may see them. */
export function veiledColumns(columns: Columns): Columns {
  return Object.fromEntries(
    Object.entries(columns).map(([name, values]) => [
      veiled(name),
      values.map((value) => (typeof value === "string" ? veiled(value) : value)),
    ]),
  );
}
