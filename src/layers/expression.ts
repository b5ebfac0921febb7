import type * as tf from "@tensorflow/tfjs-core";
import type { ExpressionLayer } from "../gen/layers.js";
import { defineLayer, err, type Kit, type Result, type Shape, type Unfit } from "../layer.js";
import { type Formula, inputNames, inputsIn, parseFormula } from "./shared/expression.js";
import { broadcastShape, merging } from "./shared/merging.js";

/** A formula of the elements at the same place of its inputs. */
export default defineLayer<ExpressionLayer>({
  ...merging,
  inputs: [1, 10],
  picture: "keeps",
  shape({ expression }, inputs) {
    const formula = parseFormula(expression, inputs.length);
    if (!formula.ok) {
      const { at, found, expected } = formula.error;
      return wrong(`${found} at character ${at} of ${JSON.stringify(expression)}`, expected);
    }
    const used = inputsIn(formula.value);
    const unused = inputNames(inputs.length).filter((_, i) => !used.has(i));
    if (unused.length > 0) return wrong(JSON.stringify(expression), `a formula with ${unused.join(", ")}`);
    return broadcastShape(undefined, inputs);
  },
  own: {
    call(kit, inputs, { expression }) {
      const formula = parseFormula(expression, inputs.length);
      if (!formula.ok) throw new Error(`the expression ${expression} was not checked`);
      return value(kit, formula.value, inputs);
    },
  },
});

function wrong(received: string, expected: string): Result<Shape, Unfit> {
  return err({
    code: "wrong-value",
    says: "cannot compute its expression",
    path: ["expression"],
    received,
    expected,
    fix: "Write it as in `x * 2 + 1`, or with several inputs `a * tanh(b)`.",
  });
}

type Operation = (kit: Kit, a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

const OPERATIONS: Readonly<Record<string, Operation>> = {
  "+": ({ tf }, a, b) => tf.add(a, b),
  "-": ({ tf }, a, b) => tf.sub(a, b),
  "*": ({ tf }, a, b) => tf.mul(a, b),
  "/": ({ tf }, a, b) => tf.div(a, b),
  "^": ({ tf }, a, b) => tf.pow(a, b),
  negative: ({ tf }, a) => tf.neg(a),
  abs: ({ tf }, a) => tf.abs(a),
  cos: ({ tf }, a) => tf.cos(a),
  erf: ({ tf }, a) => tf.erf(a),
  exp: ({ tf }, a) => tf.exp(a),
  log: ({ tf }, a) => tf.log(a),
  relu: ({ tf }, a) => tf.relu(a),
  sigmoid: ({ tf }, a) => tf.sigmoid(a),
  sign: ({ tf }, a) => tf.sign(a),
  sin: ({ tf }, a) => tf.sin(a),
  softplus: ({ tf }, a) => tf.softplus(a),
  sqrt: ({ tf }, a) => tf.sqrt(a),
  square: ({ tf }, a) => tf.square(a),
  tanh: ({ tf }, a) => tf.tanh(a),
  min: ({ tf }, a, b) => tf.minimum(a, b),
  max: ({ tf }, a, b) => tf.maximum(a, b),
};

function value(kit: Kit, formula: Formula, inputs: readonly tf.Tensor[]): tf.Tensor {
  if ("number" in formula) return kit.tf.scalar(formula.number);
  if ("input" in formula) return inputs[formula.input] as tf.Tensor;
  const [base, exponent] = formula.on as [Formula, Formula | undefined];
  if (formula.call === "^" && exponent !== undefined && "number" in exponent) {
    const power = wholePower(kit, value(kit, base, inputs), exponent.number);
    if (power !== null) return power;
  }
  const [a, b] = formula.on.map((part) => value(kit, part, inputs)) as [tf.Tensor, tf.Tensor];
  return (OPERATIONS[formula.call] as Operation)(kit, a, b);
}

/** Small whole powers are products: their gradient is right at 0 and below, and every engine is quick at them. */
function wholePower({ tf }: Kit, base: tf.Tensor, exponent: number): tf.Tensor | null {
  if (!Number.isInteger(exponent) || exponent < 1 || exponent > 8) return null;
  return Array<tf.Tensor>(exponent)
    .fill(base)
    .reduce((product, factor) => tf.mul(product, factor));
}
