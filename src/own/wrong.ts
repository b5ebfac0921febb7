import type { Diagnostic } from "../base/diagnostic.js";
import { withArticle } from "../base/suggest.js";

/** A complaint about what a file exports. */
export function wrong(message: string, received: string | undefined, expected: string, fix: string): Diagnostic {
  const got = received === undefined ? {} : { received };
  return { code: "wrong-export", severity: "error", message, ...got, expected, fix };
}

export function inWords(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string") return `the text ${JSON.stringify(value.slice(0, 60))}`;
  return typeof value === "object" || typeof value === "function" ? withArticle(typeof value) : String(value);
}
