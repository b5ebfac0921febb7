import type { Graph, Node, Value } from "../ir.js";
import { Copy, type Rewrite, withoutDead } from "./rewrite.js";

/**
 * sigmoid(|x|) as max(s, 1 − s) with s = sigmoid(x), where s is needed anyway: the value of a crossentropy needs the
 * one, its gradient the other.
 */
export const sharedSigmoid: Rewrite = {
  name: "shared-sigmoid",
  apply(graph) {
    const sigmoids = graph.nodes.filter((node) => node.op === "Sigmoid");
    const plain = new Set(sigmoids.map((node) => node.inputs[0]));
    const ofAbsolute = sigmoids.filter((node) => plain.has(absoluteOf(graph, node)));
    return ofAbsolute.length === 0 ? graph : withoutDead(rebuild(graph, new Set(ofAbsolute)));
  },
};

/** x of a node sigmoid(|x|). */
function absoluteOf(graph: Graph, sigmoid: Node): Value | undefined {
  const inner = graph.producer(sigmoid.inputs[0] as Value);
  return inner?.op === "Abs" ? inner.inputs[0] : undefined;
}

function rebuild(graph: Graph, ofAbsolute: ReadonlySet<Node>): Graph {
  const copy = new Copy(graph);
  const made = new Map<Value, Value>();
  const sigmoid = (x: Value) => {
    const s = made.get(x) ?? copy.graph.add("Sigmoid", [copy.value(x)]);
    made.set(x, s);
    return s;
  };
  for (const node of graph.nodes) {
    if (node.op !== "Sigmoid") copy.node(node);
    else if (!ofAbsolute.has(node)) copy.stand(node.outputs, [sigmoid(node.inputs[0] as Value)]);
    else {
      const s = sigmoid(absoluteOf(graph, node) as Value);
      const other = copy.graph.add("Sub", [copy.graph.scalar(1), s]);
      copy.stand(node.outputs, [copy.graph.add("Max", [s, other])]);
    }
  }
  return copy.finish();
}
