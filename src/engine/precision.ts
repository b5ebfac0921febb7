import { type Tensor, valueRange } from "../artifact/tensor.js";
import type { Diagnostic } from "../base/diagnostic.js";
import { isFloat } from "../base/dtype.js";
import type { Items } from "./items.js";

/** Up to here single precision has every whole number. */
const EXACT = 2 ** 24;
const LARGEST = 3.4028234663852886e38;

/** Numbers that change on the way to an engine, which computes in single precision. */
export interface Imprecise {
  readonly errors: readonly Diagnostic[];
  readonly warnings: readonly Diagnostic[];
}

/** @param split its name, for people. */
export function impreciseNumbers(split: string, { columns }: Items): Imprecise {
  const values = Object.values(columns).flatMap(({ tensor, classes }) => (classes ? [] : [tensor]));
  const large = values.filter((tensor) => largestOf(tensor) > LARGEST);
  const inexact = values.filter((tensor) => !isFloat(tensor.dtype) && isWhole(tensor) && largestOf(tensor) > EXACT);
  return {
    errors: large.map((tensor) => ({
      ...found(split, tensor),
      severity: "error",
      message: `the split ${split} has numbers that are too large for single precision`,
      expected: `numbers up to ${LARGEST}`,
    })),
    warnings: inexact.map((tensor) => ({
      ...found(split, tensor),
      severity: "warning",
      message: `the split ${split} has whole numbers that single precision rounds`,
      expected: `whole numbers up to ${EXACT}`,
    })),
  };
}

function found(split: string, tensor: Tensor) {
  const [low, high] = valueRange(tensor);
  const fix = "Put a stage normalize before build, or store smaller numbers.";
  return { code: "number-too-large", path: [], received: `numbers from ${low} to ${high} in ${split}`, fix };
}

function largestOf(tensor: Tensor): number {
  return Math.max(...valueRange(tensor).map(Math.abs));
}

/** Scaled numbers are rounded anyway. */
function isWhole({ scale, offset }: Tensor): boolean {
  return Number.isInteger(scale) && Number.isInteger(offset);
}
