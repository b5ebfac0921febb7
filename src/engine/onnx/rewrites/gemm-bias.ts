import type { Graph, Value } from "../ir.js";
import { sizeOf } from "../ops/types.js";
import { mapNodes, type Rewrite, type Uses } from "./rewrite.js";

/** A bias added to every row of a product becomes the product's third operand: one pass over the result less. */
export const gemmBias: Rewrite = {
  name: "gemm-bias",
  apply: (graph) =>
    mapNodes(graph, (node, result, uses) => {
      if (node.op !== "Add") return undefined;
      const [a, b] = node.inputs as [Value, Value];
      return joined(result, uses, a, b) ?? joined(result, uses, b, a);
    }),
};

/** The product may stand under another shape, as long as the bias runs along its columns. */
function joined(graph: Graph, uses: Uses, product: Value, bias: Value): Value | undefined {
  if (uses(product) !== 1) return undefined;
  const node = graph.producer(product);
  if (node?.op === "Reshape") {
    const [inner] = node.inputs as [Value];
    const sum = inner.shape.at(-1) === product.shape.at(-1) ? joined(graph, uses, inner, bias) : undefined;
    return sum && graph.add("Reshape", [sum, node.inputs[1]]);
  }
  if (node?.op !== "Gemm" || node.inputs.length !== 2) return undefined;
  const columns = product.shape[1] as number;
  if (sizeOf(bias.shape) !== columns || bias.shape.at(-1) !== columns) return undefined;
  const flat = bias.shape.length === 1 ? bias : graph.add("Reshape", [bias, graph.ints([columns])]);
  return graph.add("Gemm", [...node.inputs, flat], node.attributes);
}
