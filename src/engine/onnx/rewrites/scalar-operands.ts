import type { Graph, Value } from "../ir.js";
import { broadcast, sameShape } from "../ops/types.js";
import { mapNodes, type Rewrite } from "./rewrite.js";

const BROADCASTING = new Set(["Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Where", "Greater", "Less"]);

/**
 * A constant with the same number in all places becomes a scalar where the other operands give the result its shape:
 * tfjs spreads the gradient of a mean over a whole tensor, and reading it costs as much as reading data.
 */
export const scalarOperands: Rewrite = {
  name: "scalar-operands",
  apply: (graph) =>
    mapNodes(graph, (node, result) => {
      if (!BROADCASTING.has(node.op)) return undefined;
      const inputs = node.inputs.map((value) => (value && toScalar(result, value)) ?? value);
      if (inputs.every((value, i) => value === node.inputs[i])) return undefined;
      const shape = broadcast(inputs.map((value) => value?.shape ?? []));
      return shape && sameShape(shape, node.outputs[0]?.shape ?? []) ? result.add(node.op, inputs) : undefined;
    }),
};

function toScalar(graph: Graph, value: Value): Value | undefined {
  const number = value.shape.length > 0 && value.type === "float32" ? graph.uniform(value) : undefined;
  return number === undefined ? undefined : graph.scalar(number);
}
