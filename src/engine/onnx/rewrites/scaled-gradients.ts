import type { Graph, Node, Value } from "../ir.js";
import { Copy, type Rewrite, usersOf, withoutDead } from "./rewrite.js";

/**
 * Adam and its kin want c₁·g and c₂·g² of a gradient g. When g is a matrix product, the product gives √c₂·g for
 * nothing: its square is c₂·g², and one multiplication of a whole gradient is saved.
 *
 *     g = A·B,  c₁·g,  c₂·(g·g)   →   h = √c₂·A·B,  (c₁/√c₂)·h,  h·h
 */
export const scaledGradients: Rewrite = {
  name: "scaled-gradients",
  apply(graph) {
    const found = findGradients(graph);
    return found.size === 0 ? graph : withoutDead(rebuild(graph, found));
  },
};

interface Gradient {
  readonly linear: Node;
  readonly square: Node;
  readonly scaledSquare: Node;
  /** c₁ and c₂. */
  readonly linearFactor: number;
  readonly squareFactor: number;
}

function findGradients(graph: Graph): Map<Node, Gradient> {
  const users = usersOf(graph);
  const outputs = new Set(graph.outputs.map((port) => port.value));
  const found = new Map<Node, Gradient>();
  for (const gemm of graph.nodes) {
    const [g] = gemm.outputs as [Value];
    const around = [...new Set(users.get(g))];
    if (gemm.op !== "Gemm" || gemm.inputs.length !== 2 || around.length !== 2 || outputs.has(g)) continue;
    const square = around.find((node) => node.op === "Mul" && node.inputs.every((value) => value === g));
    const linear = around.find((node) => node !== square);
    const [scaledSquare, ...more] = new Set(square ? users.get(square.outputs[0] as Value) : []);
    if (!square || !linear || !scaledSquare || more.length > 0 || outputs.has(square.outputs[0] as Value)) continue;
    const linearFactor = factorOf(graph, linear);
    const squareFactor = factorOf(graph, scaledSquare);
    if (linearFactor === undefined || squareFactor === undefined || squareFactor <= 0) continue;
    found.set(gemm, { linear, square, scaledSquare, linearFactor, squareFactor });
  }
  return found;
}

/** c of a node c · x. */
function factorOf(graph: Graph, node: Node): number | undefined {
  if (node.op !== "Mul") return undefined;
  const constants = node.inputs.filter((value) => value && value.shape.length === 0);
  return constants.length === 1 ? graph.uniform(constants[0]) : undefined;
}

function rebuild(graph: Graph, found: ReadonlyMap<Node, Gradient>): Graph {
  const copy = new Copy(graph);
  const owner = new Map<Node, readonly [gemm: Node, gradient: Gradient]>();
  for (const [gemm, gradient] of found) {
    for (const node of [gemm, gradient.linear, gradient.square, gradient.scaledSquare])
      owner.set(node, [gemm, gradient]);
  }
  for (const node of graph.nodes) {
    const [gemm, gradient] = owner.get(node) ?? [];
    if (!gemm || !gradient) copy.node(node);
    else copy.stand(node.outputs, [scaled(copy, node, gemm, gradient)]);
  }
  return copy.finish();
}

function scaled(copy: Copy, node: Node, gemm: Node, gradient: Gradient): Value {
  const { graph } = copy;
  const root = Math.sqrt(gradient.squareFactor);
  if (node === gemm) {
    const alpha = ((node.attributes.alpha as number | undefined) ?? 1) * root;
    return graph.add(node.op, copy.valuesOf(node.inputs), { ...node.attributes, alpha });
  }
  const h = copy.value(gemm.outputs[0] as Value);
  if (node === gradient.linear) return graph.add("Mul", [h, graph.scalar(gradient.linearFactor / root)]);
  return node === gradient.square ? graph.add("Mul", [h, h]) : copy.value(gradient.square.outputs[0] as Value);
}
