import type { Graph, Node, Value } from "../ir.js";
import { sameShape } from "../ops/types.js";
import { mapNodes, type Rewrite } from "./rewrite.js";

/** Nodes that change nothing go: x · 1, x + 0, x / 1, casts back and forth, reshapes and transposes of their like. */
export const identities: Rewrite = {
  name: "identities",
  apply: (graph) => mapNodes(graph, (node, result) => RULES[node.op]?.(node, result)),
};

const RULES: Readonly<Record<string, (node: Node, graph: Graph) => Value | undefined>> = {
  Mul: neutral(1, true),
  Add: neutral(0, true),
  Div: neutral(1, false),
  Sub: neutral(0, false),
  Identity: (node) => node.inputs[0],
  Expand: (node) => unchanged(node),
  Cast: (node, graph) => {
    const [x] = node.inputs as [Value];
    if (x.type === node.outputs[0]?.type) return x;
    const before = graph.producer(x);
    const origin = before?.op === "Cast" ? (before.inputs[0] as Value) : undefined;
    // Only booleans survive a journey through any other type.
    return origin?.type === "bool" && node.outputs[0]?.type === "bool" ? origin : undefined;
  },
  Reshape: (node, graph) => {
    const same = unchanged(node);
    if (same) return same;
    const before = graph.producer(node.inputs[0] as Value);
    if (before?.op !== "Reshape") return undefined;
    const [origin] = before.inputs as [Value];
    const shape = node.outputs[0]?.shape as readonly number[];
    return sameShape(origin.shape, shape) ? origin : graph.add("Reshape", [origin, node.inputs[1]]);
  },
  ReduceSum: (node, graph) => {
    // Axes of size 1 in front, which a sum over them removes again, need not be put there.
    const before = graph.producer(node.inputs[0] as Value);
    const axes = graph.constants.get(node.inputs[1] as Value);
    if (before?.op !== "Reshape" || !axes || node.attributes.keepdims !== 0) return undefined;
    const [x] = before.inputs as [Value];
    const shape = before.outputs[0]?.shape as readonly number[];
    const extra = shape.length - x.shape.length;
    if (extra <= 0 || !sameShape(shape.slice(extra), x.shape) || shape.slice(0, extra).some((n) => n !== 1))
      return undefined;
    for (let axis = 0; axis < extra; axis++) if (!axes.includes(axis as never)) return undefined;
    const rest = [...axes].filter((axis) => axis >= extra).map((axis) => axis - extra);
    return rest.length === 0 ? x : graph.add("ReduceSum", [x, graph.ints(rest)], node.attributes);
  },
  Transpose: (node, graph) => {
    const perm = node.attributes.perm as readonly number[];
    if (perm.every((axis, i) => axis === i)) return node.inputs[0];
    const before = graph.producer(node.inputs[0] as Value);
    if (before?.op !== "Transpose") return undefined;
    const first = before.attributes.perm as readonly number[];
    const both = perm.map((axis) => first[axis] as number);
    if (both.every((axis, i) => axis === i)) return before.inputs[0];
    return graph.add("Transpose", [before.inputs[0]], { perm: both });
  },
};

function unchanged(node: Node): Value | undefined {
  const [x] = node.inputs as [Value];
  return sameShape(x.shape, node.outputs[0]?.shape ?? []) ? x : undefined;
}

/** The other operand, when one is the constant that does nothing and the other has the result's shape. */
function neutral(number: number, commutes: boolean) {
  return (node: Node, graph: Graph): Value | undefined => {
    const [a, b] = node.inputs as [Value, Value];
    const shape = node.outputs[0]?.shape ?? [];
    if (graph.uniform(b) === number && sameShape(a.shape, shape)) return a;
    return commutes && graph.uniform(a) === number && sameShape(b.shape, shape) ? b : undefined;
  };
}
