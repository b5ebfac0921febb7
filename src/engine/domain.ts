import { type Model, reconstructedInput } from "../artifact/graph.js";
import { type Tensor, valueRange } from "../artifact/tensor.js";
import type { Diagnostic } from "../base/diagnostic.js";
import { chosen } from "./choice.js";
import { type ItemColumn, type Items, inputName } from "./items.js";
import type { Objective } from "./objective.js";

/** Targets outside of a loss's domain. */
export interface Beyond {
  readonly split: string;
  readonly diagnostic: Diagnostic;
  /** For readers of the report: a whole sentence. */
  readonly caution: string;
}

/** The error that scaling by a float32 may leave in a 0 or 1. */
const ROUNDING = 1e-6;

/**
 * Binary crossentropy is a likelihood for targets between 0 and 1; beyond, it has no lower bound. Data may have such
 * values: those of another split on the scale of `train`. Null where they do not.
 */
export function beyondDomain(model: Model, objective: Objective, name: string, items: Items): Beyond | null {
  for (const { output, loss } of objective.outputs) {
    const input = reconstructedInput(model, output);
    if (input === undefined || chosen(loss).kind !== "binary-crossentropy") continue;
    const { tensor } = items.columns[inputName(model, input.name)] as ItemColumn;
    const beyond = beyondUnit(name, tensor);
    if (beyond !== null) return beyond;
  }
  return null;
}

function beyondUnit(name: string, values: Tensor): Beyond | null {
  const [low, high] = valueRange(values);
  if (low >= -ROUNDING && high <= 1 + ROUNDING) return null;
  const range = `values from ${short(low)} to ${short(high)}`;
  return {
    split: name,
    diagnostic: {
      code: "values-out-of-range",
      severity: "warning",
      message: `binary-crossentropy has no least value for the split ${name}, whose values leave 0 to 1`,
      path: ["loss"],
      received: range,
      expected: "values between 0 and 1",
      fix: "Use mean-squared-error, or data whose splits span the same values.",
    },
    caution: `The split ${name} has ${range}, for which binary crossentropy has no least value: it can fall below what the best model should reach.`,
  };
}

function short(value: number): number {
  return Number(value.toPrecision(4));
}
