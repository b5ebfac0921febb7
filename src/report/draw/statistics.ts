import { type NumberArray, sizeOf, storedParts, type Tensor } from "../../artifact/tensor.js";

/** Of the values of a tensor, for people: six digits; `background` is the share of those that are as small as the smallest. */
export function statistics(x: Tensor) {
  const totals = {
    minimum: Number.POSITIVE_INFINITY,
    maximum: Number.NEGATIVE_INFINITY,
    sum: 0,
    squares: 0,
    lowest: 0,
  };
  for (const stored of storedParts(x)) addTo(totals, stored);
  const { minimum, maximum, sum, squares, lowest } = totals;
  const count = sizeOf(x.shape);
  const n = Math.max(1, count);
  const mean = sum / n;
  const real = (value: number) => Number((value * x.scale + x.offset).toPrecision(6));
  return {
    minimum: real(minimum),
    maximum: real(maximum),
    mean: real(mean),
    deviation: Number((Math.sqrt(Math.max(0, squares / n - mean * mean)) * Math.abs(x.scale)).toPrecision(6)),
    background: Number((lowest / n).toPrecision(4)),
  };
}

interface Totals {
  minimum: number;
  maximum: number;
  sum: number;
  squares: number;
  /** How many are as small as the smallest. */
  lowest: number;
}

/** The loop has its numbers to itself: beside a generator it takes twice as long. */
function addTo(totals: Totals, stored: NumberArray): void {
  let { minimum, maximum, sum, squares, lowest } = totals;
  for (let i = 0; i < stored.length; i++) {
    const value = stored[i] as number;
    if (value < minimum) {
      minimum = value;
      lowest = 0;
    }
    if (value === minimum) lowest++;
    if (value > maximum) maximum = value;
    sum += value;
    squares += value * value;
  }
  Object.assign(totals, { minimum, maximum, sum, squares, lowest });
}
