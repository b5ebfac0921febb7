import type { Value } from "../ir.js";
import { sizeOf } from "../ops/types.js";
import { mapNodes, type Rewrite } from "./rewrite.js";

/** A whole tensor divided by one number: the number is inverted once, and multiplying is cheaper than dividing. */
export const scalarDivision: Rewrite = {
  name: "scalar-division",
  apply: (graph) =>
    mapNodes(graph, (node, result) => {
      if (node.op !== "Div") return undefined;
      const [numerator, divisor] = node.inputs as [Value, Value];
      if (sizeOf(divisor.shape) !== 1 || sizeOf(numerator.shape) === 1) return undefined;
      const number = result.uniform(divisor);
      const data = number === undefined ? undefined : Float32Array.of(1 / number);
      const inverse = data ? result.constant("float32", divisor.shape, data) : result.add("Reciprocal", [divisor]);
      return result.add("Mul", [numerator, inverse]);
    }),
};
