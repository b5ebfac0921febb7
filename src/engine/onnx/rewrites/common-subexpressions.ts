import type { Node, Value } from "../ir.js";
import { mapNodes, type Rewrite } from "./rewrite.js";

/** Nodes that compute the same thing from the same inputs become one. */
export const commonSubexpressions: Rewrite = {
  name: "common-subexpressions",
  apply(graph) {
    const seen = new Map<string, readonly Value[]>();
    return mapNodes(graph, (node, result) => {
      const key = keyOf(node);
      const known = seen.get(key);
      if (known) return known;
      const outputs = result.addMany(node.op, node.inputs, node.attributes);
      seen.set(key, outputs);
      return outputs;
    });
  },
};

function keyOf(node: Node): string {
  const attributes = Object.entries(node.attributes).map(([name, value]) => `${name}=${value}`);
  return `${node.op}(${node.inputs.map((value) => value?.id ?? "_")})${attributes.sort().join(" ")}`;
}
