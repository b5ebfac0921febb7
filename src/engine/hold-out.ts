import { RandomStream } from "../base/random.js";
import { countOf, type Items } from "./items.js";

/** What the held-out part of `train` is called in histories. */
export const HELD_OUT = "validation";

export interface HeldOut {
  readonly train: Items;
  readonly heldOut: Items;
}

/**
 * Takes a share of the items out of a split, drawn without replacement. Which ones follows from the seed and the number of
 * items alone; both parts keep the order of the split.
 * @returns null where a part would have no item.
 */
export function holdOut(items: Items, fraction: number, seed: number): HeldOut | null {
  const all = countOf(items);
  const count = Math.round(all * fraction);
  if (count === 0 || count === all) return null;
  const order = new RandomStream(seed, ["train", "hold-out"]).permutation(all);
  const part = (numbers: Uint32Array): Items => ({ ...items, picked: numbers.slice().sort() });
  return { train: part(order.subarray(count)), heldOut: part(order.subarray(0, count)) };
}
