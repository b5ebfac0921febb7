import * as tf from "@tensorflow/tfjs-core";
import type { InputSpec, NamedTensors } from "../../engine.js";
import { Graph, type Value } from "../ir.js";
import { type NumericArray, TRACE_BACKEND, type TraceBackend } from "./backend.js";
import { traceBackend } from "./register.js";

/** A variable of the program, with the numbers that it started from. */
export interface StateVariable {
  readonly name: string;
  readonly variable: tf.Variable;
  readonly initial: Float32Array;
}

/** What happens while a graph is recorded: the backend, and helpers to bring values in and out. */
export class Recording {
  readonly graph = new Graph();
  readonly #backend: TraceBackend;

  constructor(backend: TraceBackend) {
    this.#backend = backend;
  }

  /** A graph input as the tensor that a program sees: float32 of stored × scale + offset, int32 as it is. */
  input(spec: InputSpec): tf.Tensor {
    const stored = this.graph.input(`input.${spec.name}`, spec.dtype, spec.shape);
    if (spec.dtype === "int32") return this.tensor(stored, spec.shape, "int32");
    let value = spec.dtype === "uint8" ? this.graph.add("Cast", [stored], { to: 1 }) : stored;
    if ((spec.scale ?? 1) !== 1) value = this.graph.add("Mul", [value, this.graph.scalar(spec.scale as number)]);
    if ((spec.offset ?? 0) !== 0) value = this.graph.add("Add", [value, this.graph.scalar(spec.offset as number)]);
    return this.tensor(value, spec.shape);
  }

  inputs(specs: readonly InputSpec[]): NamedTensors {
    return Object.fromEntries(specs.map((spec) => [spec.name, this.input(spec)]));
  }

  tensor(value: Value, shape: readonly number[] = value.shape, dtype: "float32" | "int32" = "float32"): tf.Tensor {
    const info = this.#backend.symbol(value, shape, dtype);
    return tf.engine().makeTensorFromTensorInfo(info, this.#backend);
  }

  /** Makes a variable stand for a value of the graph. */
  bind(variable: tf.Variable, value: Value): void {
    const tensor = this.tensor(value, variable.shape);
    variable.assign(tensor);
    tensor.dispose();
  }

  /** The value that a tensor stands for, as float32 in the tensor's shape. */
  valueOf(tensor: tf.Tensor): Value {
    const data = this.#backend.data(tensor.dataId);
    if ("values" in data) {
      return this.graph.constant("float32", tensor.shape, Float32Array.from(data.values as NumericArray));
    }
    let value = data.symbol;
    if (value.type !== "float32") value = this.graph.add("Cast", [value], { to: 1 });
    const same = value.shape.length === tensor.shape.length && value.shape.every((n, i) => n === tensor.shape[i]);
    return same ? value : this.graph.add("Reshape", [value, this.graph.ints(tensor.shape)]);
  }
}

/**
 * Runs `program` on the recording backend and gives back what it returns. Whatever happens, tfjs is afterwards as
 * it was: its backend, and the numbers in `variables()` (asked for at the end, since a program may make some).
 */
export function record<T>(variables: () => readonly StateVariable[], program: (recording: Recording) => T): T {
  const previous = tf.getBackend();
  const backend = traceBackend();
  const recording = new Recording(backend);
  tf.setBackend(TRACE_BACKEND);
  backend.graph = recording.graph;
  try {
    let result: T | undefined;
    tf.tidy(() => {
      result = program(recording);
    });
    return result as T;
  } catch (error) {
    dropTape();
    throw error;
  } finally {
    backend.graph = undefined;
    tf.setBackend("cpu");
    for (const { variable, initial } of variables()) restore(variable, initial);
    if (previous) tf.setBackend(previous);
  }
}

/** When an exception leaves the computation of gradients, tfjs forgets the tensors that it kept for going back. */
function dropTape(): void {
  const state = tf.engine().state as unknown as { activeTape: { saved?: tf.Tensor[] }[] | null };
  for (const node of state.activeTape ?? []) for (const tensor of node.saved ?? []) tensor.dispose();
  state.activeTape = null;
}

/** Runs `make` where tfjs computes with numbers, and leaves its backend as it was. */
export function onCpu<T>(make: () => T): T {
  const previous = tf.getBackend();
  tf.setBackend("cpu");
  try {
    return make();
  } finally {
    if (previous) tf.setBackend(previous);
  }
}

/** A variable as it is now; its numbers must be known. */
export function stateVariable(variable: tf.Variable): StateVariable {
  return { name: variable.name, variable, initial: Float32Array.from(variable.dataSync()) };
}

function restore(variable: tf.Variable, values: Float32Array): void {
  const tensor = tf.tensor(values, variable.shape, variable.dtype as "float32");
  variable.assign(tensor);
  tensor.dispose();
}
