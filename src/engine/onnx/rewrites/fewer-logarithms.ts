import type { Graph, Node, Value } from "../ir.js";
import { sizeOf } from "../ops/types.js";
import { mapNodes, type Rewrite, type Uses } from "./rewrite.js";

/**
 * Σ log p = Σ log Π p, with the products taken over groups of 16. A logarithm costs ten times a product, and here the
 * factors are sigmoid(|x|), between ½ and 1, so a product of 16 keeps its full precision.
 *
 * Such sums stand inside larger ones, Σ (a − log p − b): the term is taken out of the sum first.
 */
export const fewerLogarithms: Rewrite = {
  name: "fewer-logarithms",
  apply: (graph) =>
    mapNodes(graph, (node, result, uses) => {
      if (node.op !== "ReduceSum") return undefined;
      const [terms] = node.inputs as [Value];
      const parts = takeOut(result, uses, terms);
      if (!parts) return undefined;
      const sum = groupedSum(result, parts.probability, node);
      if (!sum) return undefined;
      if (!parts.rest) return sum;
      const rest = result.add("ReduceSum", [parts.rest, node.inputs[1]], node.attributes);
      return result.add(parts.negative ? "Sub" : "Add", [rest, sum]);
    }),
};

const GROUP = 16;

interface Parts {
  /** The terms without the logarithm; none when it is all there is. */
  readonly rest: Value | undefined;
  /** What the logarithm is taken of. */
  readonly probability: Value;
  readonly negative: boolean;
}

/** Splits `terms` into log(sigmoid(|x|)) and the rest, through sums and differences of equal shape. */
function takeOut(graph: Graph, uses: Uses, terms: Value): Parts | undefined {
  const node = graph.producer(terms);
  if (!node) return undefined;
  if (node.op === "Log") {
    const [probability] = node.inputs as [Value];
    return isSafe(graph, probability) ? { rest: undefined, probability, negative: false } : undefined;
  }
  if ((node.op !== "Add" && node.op !== "Sub") || uses(terms) > 1) return undefined;
  const [a, b] = node.inputs as [Value, Value];
  if (sizeOf(a.shape) !== sizeOf(b.shape)) return undefined;
  const left = takeOut(graph, uses, a);
  if (left) return { ...left, rest: left.rest ? graph.add(node.op, [left.rest, b]) : signed(graph, node, b) };
  const right = takeOut(graph, uses, b);
  if (!right) return undefined;
  const negative = (node.op === "Sub") !== right.negative;
  return { ...right, negative, rest: right.rest ? graph.add(node.op, [a, right.rest]) : a };
}

function signed(graph: Graph, node: Node, value: Value): Value {
  return node.op === "Sub" ? graph.add("Neg", [value]) : value;
}

function isSafe(graph: Graph, probability: Value): boolean {
  const sigmoid = graph.producer(probability);
  return sigmoid?.op === "Sigmoid" && graph.producer(sigmoid.inputs[0] as Value)?.op === "Abs";
}

/** The sum over the last axis of a matrix, whose length the groups divide. */
function groupedSum(graph: Graph, probability: Value, reduction: Node): Value | undefined {
  const [rows, columns, ...more] = probability.shape;
  const axes = graph.constants.get(reduction.inputs[1] as Value);
  if (rows === undefined || columns === undefined || more.length > 0 || columns % GROUP !== 0) return undefined;
  if (axes?.length !== 1 || axes[0] !== 1) return undefined;
  // The group on the middle axis: neighbours in memory belong to different products, which suits vector units.
  const groups = graph.add("Reshape", [probability, graph.ints([rows, GROUP, columns / GROUP])]);
  const products = graph.add("ReduceProd", [groups, graph.ints([1])], { keepdims: 0 });
  return graph.add("ReduceSum", [graph.add("Log", [products]), graph.ints([1])], reduction.attributes);
}
