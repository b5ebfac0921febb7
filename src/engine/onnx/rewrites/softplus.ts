import { mapNodes, type Rewrite } from "./rewrite.js";

/**
 * log(1 + eˣ) as max(x, 0) − log(sigmoid(|x|)): equal for every x, never overflows, and made of operators that
 * ONNX Runtime has fast code for, which its Softplus is not.
 */
export const softplus: Rewrite = {
  name: "softplus",
  apply: (graph) =>
    mapNodes(graph, (node, result) => {
      if (node.op !== "Softplus") return undefined;
      const [x] = node.inputs;
      const probability = result.add("Sigmoid", [result.add("Abs", [x])]);
      return result.add("Sub", [result.add("Relu", [x]), result.add("Log", [probability])]);
    }),
};
