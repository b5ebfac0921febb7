import type { Graph, Node, Value } from "../ir.js";
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

function joined(graph: Graph, uses: Uses, product: Value, bias: Value): Value | undefined {
  const gemm: Node | undefined = graph.producer(product);
  if (gemm?.op !== "Gemm" || gemm.inputs.length !== 2 || uses(product) !== 1) return undefined;
  if (bias.shape.length !== 1 || bias.shape[0] !== product.shape[1]) return undefined;
  return graph.add("Gemm", [...gemm.inputs, bias], gemm.attributes);
}
