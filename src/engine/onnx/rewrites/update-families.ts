import type { Graph, Node, Port, Value } from "../ir.js";
import { sameShape, sizeOf } from "../ops/types.js";
import { usersOf } from "./rewrite.js";

/**
 * The part of a step that updates one variable and its optimizer slots, as far as it works element by element: nodes
 * whose operands are states of the family, numbers, or whole tensors from outside (above all the gradient).
 */
export interface UpdateFamily {
  /** Inputs and outputs of the graph, one pair a state, in canonical order. */
  readonly states: readonly { readonly input: Port; readonly output: Port }[];
  /** In an order in which they can run. */
  readonly nodes: readonly Node[];
  /** Tensors from outside, of the shape of the states, in canonical order. */
  readonly leaves: readonly Value[];
  /** Equal for families that do the same with their states and leaves and with the same numbers. */
  readonly signature: string;
}

const ELEMENTWISE = new Set(
  "Add Sub Mul Div Pow Max Min Sqrt Abs Neg Sign Exp Log Relu Reciprocal Clip Sigmoid Tanh".split(" "),
);

/** The families of all states of at most `limit` elements that are updated element by element. */
export function updateFamilies(graph: Graph, limit: number): UpdateFamily[] {
  const finder = new Finder(graph, limit);
  return finder.families();
}

class Finder {
  readonly #graph: Graph;
  /** Small changing states by their input value. */
  readonly #states = new Map<Value, { input: Port; output: Port }>();
  readonly #users: ReadonlyMap<Value, readonly Node[]>;
  readonly #plainOutputs: ReadonlySet<Value>;

  constructor(graph: Graph, limit: number) {
    this.#graph = graph;
    const outputs = new Map(graph.outputs.map((port) => [port.name, port]));
    for (const input of graph.inputs) {
      const output = outputs.get(input.name);
      const size = sizeOf(input.value.shape);
      if (output && output.value !== input.value && size > 1 && size <= limit) {
        this.#states.set(input.value, { input, output });
      }
    }
    this.#users = usersOf(graph);
    this.#plainOutputs = new Set(
      graph.outputs.filter((port) => !port.name.startsWith("state.")).map((port) => port.value),
    );
  }

  families(): UpdateFamily[] {
    const taken = new Set<Value>();
    const found: UpdateFamily[] = [];
    for (const start of this.#states.keys()) {
      if (taken.has(start)) continue;
      const { states, nodes } = this.#closure(start);
      for (const state of states) taken.add(state);
      if (this.#isClosed(states, nodes)) found.push(this.#describe(states, nodes));
    }
    return found;
  }

  /** All states that the updates of `start` and of those states read, and the nodes of these updates. */
  #closure(start: Value): { states: Set<Value>; nodes: Set<Node> } {
    const states = new Set<Value>();
    const nodes = new Set<Node>();
    const visit = (value: Value) => {
      if (this.#states.has(value)) {
        if (states.has(value)) return;
        states.add(value);
        visit(this.#states.get(value)?.output.value as Value);
        return;
      }
      const node = this.#inside(value, start);
      if (!node || nodes.has(node)) return;
      nodes.add(node);
      for (const input of node.inputs) if (input && sameShape(input.shape, start.shape)) visit(input);
    };
    visit(start);
    return { states, nodes };
  }

  /** The node behind a value when it may belong to the family of a state. */
  #inside(value: Value, state: Value): Node | undefined {
    const node = this.#graph.producer(value);
    const fits = (input: Value | undefined) =>
      input === undefined || sizeOf(input.shape) === 1 || sameShape(input.shape, state.shape);
    const whole = node && ELEMENTWISE.has(node.op) && sameShape(value.shape, state.shape) && node.inputs.every(fits);
    return whole ? node : undefined;
  }

  /** Whether nothing outside uses what the nodes compute, and every state's new value is computed by them. */
  #isClosed(states: ReadonlySet<Value>, nodes: ReadonlySet<Node>): boolean {
    const results = [...states].map((state) => this.#states.get(state)?.output.value as Value);
    const own = new Set([...nodes].flatMap((node) => node.outputs));
    if (new Set(results).size < results.length || !results.every((value) => own.has(value))) return false;
    return [...own].every(
      (value) => !this.#plainOutputs.has(value) && (this.#users.get(value) ?? []).every((user) => nodes.has(user)),
    );
  }

  #describe(states: ReadonlySet<Value>, nodes: ReadonlySet<Node>): UpdateFamily {
    const pairs = [...states].map((state) => this.#states.get(state) as { input: Port; output: Port });
    const shapeOfUpdate = new Map(pairs.map((pair) => [pair, this.#expression(pair.output.value, states, nodes)]));
    const ordered = pairs.sort((a, b) => compareText(shapeOfUpdate.get(a) ?? "", shapeOfUpdate.get(b) ?? ""));
    return { states: ordered, ...this.#signature(ordered, nodes) };
  }

  /** An update as text in which all states look alike, to bring states into an order that all families share. */
  #expression(value: Value, states: ReadonlySet<Value>, nodes: ReadonlySet<Node>): string {
    const node = this.#graph.producer(value);
    if (states.has(value)) return "state";
    if (!node || !nodes.has(node)) return sizeOf(value.shape) === 1 ? `v${value.id}` : "leaf";
    return `${node.op}(${node.inputs.map((input) => (input ? this.#expression(input, states, nodes) : "_"))})`;
  }

  /** Walks all updates in order and numbers states, leaves and nodes as they come. */
  #signature(pairs: readonly { input: Port; output: Port }[], nodes: ReadonlySet<Node>) {
    const names = new Map<Value, string>(pairs.map((pair, i) => [pair.input.value, `s${i}`]));
    const order: Node[] = [];
    const leaves: Value[] = [];
    const text: string[] = [];
    const nameOf = (value: Value): string => {
      const known = names.get(value);
      if (known !== undefined) return known;
      const node = this.#graph.producer(value);
      if (!node || !nodes.has(node)) {
        if (sizeOf(value.shape) === 1) return `v${value.id}`;
        names.set(value, `l${leaves.length}`);
        leaves.push(value);
        return names.get(value) as string;
      }
      const inputs = node.inputs.map((input) => (input ? nameOf(input) : "_"));
      const name = `n${order.length}`;
      order.push(node);
      names.set(value, name);
      text.push(`${name}=${node.op}(${inputs})${JSON.stringify(node.attributes)}`);
      return name;
    };
    const results = pairs.map((pair) => nameOf(pair.output.value));
    return { nodes: order, leaves, signature: `${text.join(";")} → ${results}` };
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
