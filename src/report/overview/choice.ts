import type { Block } from "../block.js";
import { listed } from "../format.js";
import type { Variant } from "../gather.js";
import type { Comparison } from "./facts.js";

/**
 * Which variants were chosen on the very items that they are judged by, as the first sentence of the page; empty where
 * none was. Of many epochs one is the best on these items by luck, too.
 */
export function choiceSentence({ facts, split, info }: Comparison): string {
  if (split === "train") return "";
  const chosen = facts.filter(({ value, variant }) => value !== null && choseOn(variant, split));
  if (chosen.length === 0) return "";
  const names = listed(chosen.map(({ variant }) => variant.look.name));
  const [have, their] = chosen.length === 1 ? ["has", "its"] : ["have", "their"];
  return `${names} ${have} chosen ${their} epoch on the ${split} items themselves (early stopping), so ${their} ${split} ${info.label.toLowerCase()} is better than new data would show. `;
}

/** A rule that neither ended the training nor put other weights in place has chosen nothing. */
function choseOn({ artifacts: { history } }: Variant, split: string): boolean {
  const { chosenBy, stopped } = history ?? {};
  return chosenBy?.split === split && (chosenBy.restoreBest || stopped !== undefined);
}

/** What the numbers of a split may not be taken for, as the evaluation said it: once for all variants that it is said of. */
export function cautions(variants: readonly Variant[]): Block[] {
  const said = new Map<string, string[]>();
  for (const { artifacts, look } of variants) {
    for (const text of Object.values(artifacts.metrics?.cautions ?? {}).flat()) {
      said.set(text, [...(said.get(text) ?? []), look.name]);
    }
  }
  return [...said].map(([text, names]) => ({ type: "notice", level: "warning", title: `${listed(names)}:`, text }));
}
