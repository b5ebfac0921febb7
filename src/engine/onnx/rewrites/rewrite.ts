import { Graph, type Node, type Port, type Value } from "../ir.js";

/**
 * What becomes of one node: values to stand for its outputs, or `undefined` to keep it. The node's inputs are
 * values of the new graph already, so a rule sees what earlier replacements made, and may look behind its inputs
 * with `graph.producer`.
 */
export type Rule = (node: Node, graph: Graph, uses: Uses) => Value | readonly Value[] | undefined;

/** How many nodes and outputs of the old graph use a value; asked with the new graph's value. */
export type Uses = (value: Value) => number;

/** A named transformation that gives a graph of the same meaning. */
export interface Rewrite {
  readonly name: string;
  apply(graph: Graph): Graph;
}

/** A new graph in which a rule has looked at every node in order, and what nothing uses any more is gone. */
export function mapNodes(graph: Graph, rule: Rule): Graph {
  const copy = new Copy(graph);
  const counts = countUses(graph);
  const uses: Uses = (value) => copy.originals(value).reduce((sum, original) => sum + (counts.get(original) ?? 0), 0);
  for (const node of graph.nodes) {
    const inputs = copy.valuesOf(node.inputs);
    const replaced = rule({ ...node, inputs }, copy.graph, uses);
    copy.stand(
      node.outputs,
      replaced === undefined ? copy.graph.addMany(node.op, inputs, node.attributes) : [replaced].flat(),
    );
  }
  return withoutDead(copy.finish());
}

/** The graph without nodes and constants that no output depends on. Inputs stay: they are the graph's interface. */
export function withoutDead(graph: Graph): Graph {
  const live = new Set(graph.outputs.map((port) => port.value));
  for (const node of graph.nodes.toReversed()) {
    if (node.outputs.some((value) => live.has(value))) for (const value of node.inputs) if (value) live.add(value);
  }
  const copy = new Copy(graph, (value) => live.has(value));
  for (const node of graph.nodes) if (node.outputs.some((value) => live.has(value))) copy.node(node);
  return copy.finish();
}

/** A graph in the making from an older one, and which of its values stand for which of the older. */
export class Copy {
  readonly graph = new Graph();
  readonly #from: Graph;
  readonly #map = new Map<Value, Value>();
  readonly #originals = new Map<Value, Value[]>();

  /** Starts with the inputs and, of the constants, those wanted. */
  constructor(from: Graph, wanted: (constant: Value) => boolean = () => true, inputs: readonly Port[] = from.inputs) {
    this.#from = from;
    for (const { name, value, parts } of inputs) {
      this.stand([value], [this.graph.input(name, value.type, value.shape, parts)]);
    }
    for (const [value, data] of from.constants) {
      if (wanted(value)) this.stand([value], [this.graph.constant(value.type, value.shape, data)]);
    }
  }

  stand(olds: readonly Value[], news: readonly Value[]): void {
    olds.forEach((old, i) => {
      const value = news[i] as Value;
      this.#map.set(old, value);
      const originals = this.#originals.get(value);
      if (originals) originals.push(old);
      else this.#originals.set(value, [old]);
    });
  }

  node(node: Node): void {
    this.stand(node.outputs, this.graph.addMany(node.op, this.valuesOf(node.inputs), node.attributes));
  }

  value(old: Value): Value {
    return this.#map.get(old) as Value;
  }

  valuesOf(olds: readonly (Value | undefined)[]): (Value | undefined)[] {
    return olds.map((old) => old && this.value(old));
  }

  originals(value: Value): readonly Value[] {
    return this.#originals.get(value) ?? [];
  }

  outputs(ports: readonly Port[]): void {
    for (const { name, value, parts } of ports) this.graph.output(name, this.value(value), parts);
  }

  /** The new graph, with all outputs of the old. */
  finish(): Graph {
    this.outputs(this.#from.outputs);
    return this.graph;
  }
}

/** Which nodes take a value, in their order; one that takes it twice is there twice. */
export function usersOf(graph: Graph): Map<Value, Node[]> {
  const users = new Map<Value, Node[]>();
  for (const node of graph.nodes) {
    for (const value of node.inputs) {
      if (!value) continue;
      const known = users.get(value);
      if (known) known.push(node);
      else users.set(value, [node]);
    }
  }
  return users;
}

function countUses(graph: Graph): Map<Value, number> {
  const counts = new Map<Value, number>();
  const count = (value: Value | undefined) => value && counts.set(value, (counts.get(value) ?? 0) + 1);
  for (const node of graph.nodes) node.inputs.forEach(count);
  for (const port of graph.outputs) count(port.value);
  return counts;
}
