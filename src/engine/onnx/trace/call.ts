import type * as tf from "@tensorflow/tfjs-core";
import type { Graph, Value } from "../ir.js";
import { ELEMENT_TYPE_NUMBERS } from "../ops/elementwise.js";
import { sameShape } from "../ops/types.js";
import type { Attributes, ElementType } from "../types.js";
import type { NumericArray, TraceBackend } from "./backend.js";
import { unsupportedForm } from "./error.js";

/** Records one tfjs kernel as nodes of the graph. */
export type TraceKernel = (call: KernelCall) => tf.TensorInfo | tf.TensorInfo[];
export type TraceKernels = Readonly<Record<string, TraceKernel>>;

/** One call of a tfjs kernel: its inputs as graph values of the type that an operator wants, its attributes. */
export class KernelCall {
  readonly kernel: string;
  readonly graph: Graph;
  readonly #backend: TraceBackend;
  readonly #inputs: Readonly<Record<string, tf.TensorInfo | undefined>>;
  readonly #attributes: tf.NamedAttrMap;

  constructor(kernel: string, backend: TraceBackend, inputs: tf.NamedTensorInfoMap, attributes: tf.NamedAttrMap) {
    this.kernel = kernel;
    this.graph = backend.graph as Graph;
    this.#backend = backend;
    this.#inputs = inputs;
    this.#attributes = attributes;
  }

  attribute<T>(name: string): T {
    return this.#attributes[name] as T;
  }

  /** Names of the inputs that were given; those of a list are "0", "1", … */
  names(): string[] {
    return Object.keys(this.#inputs).filter((name) => this.has(name));
  }

  has(name: string): boolean {
    return this.#inputs[name] != null;
  }

  tensor(name: string): tf.TensorInfo {
    return this.#inputs[name] ?? this.fail(`input ${name} is missing`);
  }

  shape(name: string): readonly number[] {
    return this.tensor(name).shape;
  }

  float(name: string): Value {
    return this.as(name, "float32");
  }

  bool(name: string): Value {
    return this.as(name, "bool");
  }

  index(name: string): Value {
    return this.as(name, "int64");
  }

  /** An input as a graph value of the wanted element type, in the shape of its tensor. */
  as(name: string, type: ElementType): Value {
    const { dataId, shape } = this.tensor(name);
    const data = this.#backend.data(dataId);
    if ("values" in data) {
      const values = data.values as NumericArray;
      return this.graph.constant(type, shape, type === "float32" ? Float32Array.from(values) : Array.from(values));
    }
    return this.reshape(this.cast(data.symbol, type), shape);
  }

  cast(value: Value, type: ElementType): Value {
    return value.type === type ? value : this.graph.add("Cast", [value], { to: ELEMENT_TYPE_NUMBERS[type] });
  }

  reshape(value: Value, shape: readonly number[]): Value {
    return sameShape(value.shape, shape) ? value : this.graph.add("Reshape", [value, this.graph.ints(shape)]);
  }

  /** Shorthand for a node with one output. */
  op(op: string, inputs: readonly (Value | undefined)[], attributes?: Attributes): Value {
    return this.graph.add(op, inputs, attributes);
  }

  scalar(number: number): Value {
    return this.graph.scalar(number);
  }

  ints(numbers: readonly number[]): Value {
    return this.graph.ints(numbers);
  }

  result(value: Value, dtype: tf.DataType = "float32", shape: readonly number[] = value.shape): tf.TensorInfo {
    return this.#backend.symbol(value, shape, dtype);
  }

  constant(values: NumericArray, shape: readonly number[], dtype: tf.DataType): tf.TensorInfo {
    return this.#backend.constant(values, shape, dtype);
  }

  alias(name: string, shape: readonly number[], dtype: tf.DataType = this.tensor(name).dtype): tf.TensorInfo {
    return this.#backend.alias(this.tensor(name), shape, dtype);
  }

  fail(reason: string): never {
    throw unsupportedForm(this.kernel, reason);
  }
}
