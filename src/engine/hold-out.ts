import { sizeOf, storedValues, type Tensor, tensorOf } from "../artifact/tensor.js";
import type { Split } from "../artifact/types.js";
import { RandomStream } from "../base/random.js";

/** What the held-out part of `train` is called in histories. */
export const HELD_OUT = "validation";

export interface HeldOut {
  readonly train: Split;
  readonly heldOut: Split;
}

/**
 * Takes a share of the items out of a split, drawn without replacement. Which ones follows from the seed and the number of
 * items alone; both parts keep the order of the split.
 * @returns null where a part would have no item.
 */
export function holdOut({ x, y }: Split, fraction: number, seed: number): HeldOut | null {
  const items = x.shape[0] as number;
  const count = Math.round(items * fraction);
  if (count === 0 || count === items) return null;
  const order = new RandomStream(seed, ["train", "hold-out"]).permutation(items);
  const part = (numbers: Uint32Array): Split => {
    const sorted = numbers.slice().sort();
    return { x: itemsOf(x, sorted), y: y && itemsOf(y, sorted) };
  };
  return { train: part(order.subarray(count)), heldOut: part(order.subarray(0, count)) };
}

function itemsOf({ dtype, shape, scale, offset, ...tensor }: Tensor, numbers: Uint32Array): Tensor {
  const stored = storedValues({ dtype, shape, scale, offset, ...tensor });
  const item = shape.slice(1);
  const size = sizeOf(item);
  const taken = stored.slice(0, numbers.length * size);
  numbers.forEach((number, i) => {
    taken.set(stored.subarray(number * size, (number + 1) * size), i * size);
  });
  return tensorOf(dtype, [numbers.length, ...item], taken, { scale, offset });
}
