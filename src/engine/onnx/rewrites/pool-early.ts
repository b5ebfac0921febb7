import type { Graph, Node, Value } from "../ir.js";
import { mapNodes, type Rewrite } from "./rewrite.js";

/**
 * Bias and ReLU keep the order of numbers, so a maximum may be taken before them instead of after: they, and the
 * gradient of ReLU, then work on the pooled images, a quarter of the size.
 *
 *     MaxPool(Relu(x))                             → Relu(MaxPool(x))
 *     MaxPool(x + bias)                            → MaxPool(x) + bias
 *     MaxPoolGrad(dy, Relu(x)) · [x > 0]           → MaxPoolGrad(dy · [MaxPool(x) > 0], x)
 *     MaxPoolGrad(dy, x + bias)                    → MaxPoolGrad(dy, x)
 *     ReduceSum(MaxPoolGrad(dy, x)) over all images → ReduceSum(dy)
 *
 * The third holds because the first maximum stays the first where it is positive, and elsewhere both sides are zero.
 */
export const poolEarly: Rewrite = {
  name: "pool-early",
  apply: (graph) => mapNodes(graph, (node, result) => RULES[node.op]?.(node, result)),
};

const RULES: Readonly<Record<string, (node: Node, graph: Graph) => Value | undefined>> = {
  "image.MaxPool": pooled,
  "image.MaxPoolGrad": (node, graph) => {
    const [dy, x] = node.inputs as [Value, Value];
    const sum = biased(graph, x);
    return sum && graph.add("image.MaxPoolGrad", [dy, sum.images], node.attributes);
  },
  Mul: (node, graph) => {
    const [a, b] = node.inputs as [Value, Value];
    return maskedGradient(graph, a, b) ?? maskedGradient(graph, b, a);
  },
  ReduceSum: (node, graph) => {
    const [x, axes] = node.inputs as [Value, Value | undefined];
    const gradient = graph.producer(x);
    const places = axes && graph.constants.get(axes);
    const overImages = [0, 1, 2].every((axis) => places?.includes(axis as never));
    if (gradient?.op !== "image.MaxPoolGrad" || !overImages) return undefined;
    return graph.add("ReduceSum", [gradient.inputs[0], axes], node.attributes);
  },
};

/** The pooling of what stands before bias and ReLU, with these behind it. */
function pooled(node: Node, graph: Graph): Value | undefined {
  const [x] = node.inputs as [Value];
  const before = graph.producer(x);
  if (before?.op === "Relu") {
    const inner = { ...node, inputs: before.inputs };
    return graph.add("Relu", [pooled(inner, graph) ?? graph.add(node.op, inner.inputs, node.attributes)]);
  }
  const sum = biased(graph, x);
  return sum && graph.add("Add", [graph.add(node.op, [sum.images], node.attributes), sum.bias]);
}

/** Images plus one number a channel, taken apart. */
function biased(graph: Graph, value: Value): { images: Value; bias: Value } | undefined {
  const node = graph.producer(value);
  if (node?.op !== "Add") return undefined;
  const [a, b] = node.inputs as [Value, Value];
  const isBias = (bias: Value) => bias.shape.slice(0, -1).every((size) => size === 1);
  if (isBias(b) && a.shape.length === 4) return { images: a, bias: b };
  return isBias(a) && b.shape.length === 4 ? { images: b, bias: a } : undefined;
}

/** `gradient` · `mask`, where the one is MaxPool's gradient at Relu(x) and the other asks whether x is positive. */
function maskedGradient(graph: Graph, gradient: Value, mask: Value): Value | undefined {
  const pool = graph.producer(gradient);
  if (pool?.op !== "image.MaxPoolGrad") return undefined;
  const [dy, activated] = pool.inputs as [Value, Value];
  const relu = graph.producer(activated);
  const cast = graph.producer(mask);
  const greater = cast?.op === "Cast" ? graph.producer(cast.inputs[0] as Value) : undefined;
  if (relu?.op !== "Relu" || greater?.op !== "Greater") return undefined;
  const [x] = relu.inputs as [Value];
  if (greater.inputs[0] !== x || graph.uniform(greater.inputs[1]) !== 0) return undefined;

  const forward: Node = { op: "image.MaxPool", inputs: [x], outputs: [], attributes: pool.attributes };
  const maximum = pooled(forward, graph) ?? graph.add(forward.op, [x], forward.attributes);
  const positive = graph.add("Cast", [graph.add("Greater", [maximum, graph.scalar(0)])], { to: 1 });
  const masked = graph.add("Mul", [dy, positive]);
  return graph.add(pool.op, [masked, biased(graph, x)?.images ?? x], pool.attributes);
}
