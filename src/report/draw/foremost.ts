import type { Json } from "../../base/json.js";
import type { Page, Shown } from "../chart.js";
import { listed } from "../format.js";

/** The variants worth the room where there is none for all: the baseline and the best, in the order of the report. */
export function foremost<D extends Json>(shown: readonly Shown<D>[], page: Page, limit: number): readonly Shown<D>[] {
  if (shown.length <= limit) return shown;
  const place = (each: Shown<D>) => (each.variant.baseline ? -1 : page.ranking.indexOf(each.variant.index));
  const chosen = new Set([...shown].sort((a, b) => place(a) - place(b)).slice(0, limit));
  return shown.filter((each) => chosen.has(each));
}

/** Says which variants are left out, if any are. */
export function leftOut(shown: readonly Shown[], kept: readonly Shown[]): string | null {
  const missing = shown.filter((each) => !kept.includes(each)).map((each) => each.variant.name);
  if (missing.length === 0) return null;
  const names = missing.length <= 8 ? listed(missing) : `${missing.length} more variants`;
  return `The baseline and the best variants are drawn; left out: ${names}.`;
}

/** Rows of a table that folds after `fold`: the best come first where some are folded away, else as in the report. */
export function bestFirst<D extends Json>(shown: readonly Shown<D>[], page: Page, fold: number): readonly Shown<D>[] {
  if (shown.length <= fold) return shown;
  const place = (each: Shown<D>) => page.ranking.indexOf(each.variant.index);
  return [...shown].sort((a, b) => place(a) - place(b));
}
