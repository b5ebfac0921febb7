import { Graph, type Node, type Value } from "../ir.js";

/**
 * What becomes of one node: values to stand for its outputs, or `undefined` to keep it. The node's inputs are
 * values of the new graph already, so a rule sees what earlier replacements made, and may look behind its inputs
 * with `graph.producer`.
 */
export type Rule = (node: Node, graph: Graph, context: RuleContext) => Value | readonly Value[] | undefined;

export interface RuleContext {
  /** How many nodes and outputs of the old graph use the output of the node that the rule looks at. */
  readonly uses: number;
}

/** A named transformation that gives a graph of the same meaning. */
export interface Rewrite {
  readonly name: string;
  apply(graph: Graph): Graph;
}

/** A new graph in which a rule has looked at every node in order, and what nothing uses any more is gone. */
export function mapNodes(graph: Graph, rule: Rule): Graph {
  const result = new Graph();
  const map = new Map<Value, Value>();
  const uses = countUses(graph);
  for (const { name, value } of graph.inputs) map.set(value, result.input(name, value.type, value.shape));
  for (const [value, data] of graph.constants) map.set(value, result.constant(value.type, value.shape, data));
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((value) => value && (map.get(value) as Value));
    const replaced = rule({ ...node, inputs }, result, { uses: uses.get(node.outputs[0] as Value) ?? 0 });
    const outputs = replaced === undefined ? result.addMany(node.op, inputs, node.attributes) : [replaced].flat();
    node.outputs.forEach((value, i) => {
      map.set(value, outputs[i] as Value);
    });
  }
  for (const { name, value } of graph.outputs) result.output(name, map.get(value) as Value);
  return withoutDead(result);
}

/** The graph without nodes and constants that no output depends on. Inputs stay: they are the graph's interface. */
export function withoutDead(graph: Graph): Graph {
  const live = new Set(graph.outputs.map((port) => port.value));
  for (const node of graph.nodes.toReversed()) {
    if (node.outputs.some((value) => live.has(value))) for (const value of node.inputs) if (value) live.add(value);
  }
  const result = new Graph();
  const map = new Map<Value, Value>();
  for (const { name, value } of graph.inputs) map.set(value, result.input(name, value.type, value.shape));
  for (const [value, data] of graph.constants) {
    if (live.has(value)) map.set(value, result.constant(value.type, value.shape, data));
  }
  for (const node of graph.nodes) {
    if (!node.outputs.some((value) => live.has(value))) continue;
    const inputs = node.inputs.map((value) => value && (map.get(value) as Value));
    const outputs = result.addMany(node.op, inputs, node.attributes);
    node.outputs.forEach((value, i) => {
      map.set(value, outputs[i] as Value);
    });
  }
  for (const { name, value } of graph.outputs) result.output(name, map.get(value) as Value);
  return result;
}

function countUses(graph: Graph): Map<Value, number> {
  const counts = new Map<Value, number>();
  const count = (value: Value | undefined) => value && counts.set(value, (counts.get(value) ?? 0) + 1);
  for (const node of graph.nodes) node.inputs.forEach(count);
  for (const port of graph.outputs) count(port.value);
  return counts;
}
