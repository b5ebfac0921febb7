import { inferTypes } from "./ops/index.js";
import { type Attributes, type ConstantData, type ElementType, GraphError, type TensorType } from "./types.js";

/** Something that a graph computes, is given, or holds: defined once, used any number of times. */
export interface Value extends TensorType {
  /** Unique within its graph; `v<id>` is its name in print and in the emitted model. */
  readonly id: number;
}

export interface Node {
  /** The ONNX operator, `Add`; those of ONNX Runtime's own domain carry it: `com.microsoft.FusedMatMul`. */
  readonly op: string;
  /** `undefined` stands for an optional input that is left out. */
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly Value[];
  readonly attributes: Attributes;
}

/** An input or output of the whole graph, under the name by which the outside world knows it. */
export interface Port {
  readonly name: string;
  readonly value: Value;
  /** When the value is a vector of several outside tensors laid end to end: what those are called and look like. */
  readonly parts?: readonly PortPart[];
}

export interface PortPart {
  readonly name: string;
  readonly shape: readonly number[];
}

/**
 * A computation as data: inputs and constants, nodes in an order in which they can run, outputs.
 *
 * A graph only grows. Rewrites make a new graph from an old one (see `rewrite.ts`), so an older form can always
 * be printed beside the newer. Types are inferred by the operator table as nodes are added: a node that is
 * illegal cannot be made, and `checkGraph` verifies the whole again.
 */
export class Graph {
  readonly inputs: Port[] = [];
  readonly outputs: Port[] = [];
  readonly nodes: Node[] = [];
  readonly constants = new Map<Value, ConstantData>();
  readonly #producers = new Map<Value, Node>();
  readonly #pool = new Map<string, Value>();
  #nextId = 0;

  input(name: string, type: ElementType, shape: readonly number[], parts?: readonly PortPart[]): Value {
    const value = this.#value({ type, shape });
    this.inputs.push({ name, value, ...(parts ? { parts } : {}) });
    return value;
  }

  output(name: string, value: Value, parts?: readonly PortPart[]): void {
    this.outputs.push({ name, value, ...(parts ? { parts } : {}) });
  }

  /** A constant. Those of one number in all places, and short ones, are one value where their content is equal. */
  constant(type: ElementType, shape: readonly number[], data: ConstantData): Value {
    const key = contentKey(data, `${type}[${shape}]`);
    const known = key === undefined ? undefined : this.#pool.get(key);
    if (known) return known;
    const value = this.#value({ type, shape });
    this.constants.set(value, data);
    if (key !== undefined) this.#pool.set(key, value);
    return value;
  }

  scalar(number: number): Value {
    return this.constant("float32", [], Float32Array.of(number));
  }

  /** A vector of whole numbers: axes, shapes, pads. */
  ints(numbers: readonly number[]): Value {
    return this.constant("int64", [numbers.length], numbers);
  }

  /** Adds a node with one output. */
  add(op: string, inputs: readonly (Value | undefined)[], attributes: Attributes = {}): Value {
    const outputs = this.addMany(op, inputs, attributes);
    if (outputs.length !== 1) throw new GraphError(`${op} has ${outputs.length} outputs, one was asked for`);
    return outputs[0] as Value;
  }

  addMany(op: string, inputs: readonly (Value | undefined)[], attributes: Attributes = {}): readonly Value[] {
    const types = inferTypes(op, inputs, attributes, (value) => this.constants.get(value as Value));
    const node = { op, inputs, attributes, outputs: types.map((type) => this.#value(type)) };
    this.nodes.push(node);
    for (const output of node.outputs) this.#producers.set(output, node);
    return node.outputs;
  }

  /** The node that computes a value; none for inputs and constants. */
  producer(value: Value): Node | undefined {
    return this.#producers.get(value);
  }

  /** The one number that a constant holds in all its places, however many they are. */
  uniform(value: Value | undefined): number | undefined {
    const data = value && this.constants.get(value);
    return data && oneNumber(data);
  }

  #value(type: TensorType): Value {
    return { id: this.#nextId++, type: type.type, shape: [...type.shape] };
  }
}

function exactText(number: number): string {
  return Object.is(number, -0) ? "-0" : String(number);
}

/** Longer constants are distinguished by the identity of their arrays. */
const LONGEST_COMPARED = 64;

/**
 * What equal constants have in common. One number in all places counts at any length: the zeros that a recurrent layer
 * begins with must be one value at every batch size, or the graphs of two sizes would differ.
 */
function contentKey(data: ConstantData, type: string): string | undefined {
  const number = oneNumber(data);
  if (number !== undefined) return `${type} all ${exactText(number)}`;
  return data.length <= LONGEST_COMPARED ? `${type}${[...data].map(exactText)}` : undefined;
}

function oneNumber(data: ConstantData): number | undefined {
  const first = data[0];
  if (first === undefined) return undefined;
  for (let i = 1; i < data.length; i++) if (!Object.is(data[i], first)) return undefined;
  return first;
}
