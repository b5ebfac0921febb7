import * as tf from "@tensorflow/tfjs-core";
import type { Graph, Value } from "../ir.js";
import { bakedRandomness, hostRead } from "./error.js";

/** Under this name tfjs knows the backend and its kernels. */
export const TRACE_BACKEND = "onnx-trace";

export type NumericArray = Float32Array | Int32Array | Uint8Array;

/** What stands behind a tensor: numbers that are known now, or a value of the graph. */
export type TracedData = { readonly values: tf.BackendValues } | { readonly symbol: Value };

interface Entry {
  data: TracedData;
  references: number;
}

/** tfjs marks the scopes of its own operations so. */
const OP_SCOPE = "__op";
const RANDOM_OPS = new Set([
  "randomNormal",
  "randomUniform",
  "randomUniformInt",
  "randomGamma",
  "truncatedNormal",
  "multinomial",
]);

/**
 * The store behind tensors while a program is traced. It keeps numbers and graph values side by side; the kernels
 * registered for it add nodes to `graph` instead of computing.
 */
export class TraceBackend extends tf.KernelBackend {
  /** Where kernels add their nodes; there is one only during a trace. */
  graph: Graph | undefined;
  readonly #entries: tf.DataStorage<Entry> = new tf.DataStorage(this, tf.engine());

  data(dataId: tf.DataId): TracedData {
    return this.#entries.get(dataId).data;
  }

  /** A tensor for a value of the graph. */
  symbol(value: Value, shape: readonly number[], dtype: tf.DataType): tf.TensorInfo {
    return { dataId: this.#add({ symbol: value }), shape: [...shape], dtype };
  }

  constant(values: tf.BackendValues, shape: readonly number[], dtype: tf.DataType): tf.TensorInfo {
    return { dataId: this.#add({ values }), shape: [...shape], dtype };
  }

  /** The same data under another shape or type name: what Reshape and Identity cost here. */
  alias(of: tf.TensorInfo, shape: readonly number[], dtype: tf.DataType): tf.TensorInfo {
    this.incRef(of.dataId);
    return { dataId: of.dataId, shape: [...shape], dtype };
  }

  override write(values: tf.BackendValues): tf.DataId {
    const operation = currentOperations().find((name) => RANDOM_OPS.has(name));
    if (operation) throw bakedRandomness(operation);
    return this.#add({ values });
  }

  override move(dataId: tf.DataId, values: tf.BackendValues, _s: number[], _d: tf.DataType, references: number): void {
    this.#entries.set(dataId, { data: { values }, references });
  }

  override readSync(dataId: tf.DataId): tf.BackendValues {
    const data = this.data(dataId);
    if ("symbol" in data) throw hostRead();
    return data.values;
  }

  override async read(dataId: tf.DataId): Promise<tf.BackendValues> {
    return this.readSync(dataId);
  }

  override numDataIds(): number {
    return this.#entries.numDataIds();
  }

  override refCount(dataId: tf.DataId): number {
    return this.#entries.has(dataId) ? this.#entries.get(dataId).references : 0;
  }

  override incRef(dataId: tf.DataId): void {
    this.#entries.get(dataId).references++;
  }

  override disposeData(dataId: tf.DataId, force = false): boolean {
    if (!this.#entries.has(dataId)) return true;
    const entry = this.#entries.get(dataId);
    entry.references--;
    if (!force && entry.references > 0) return false;
    this.#entries.delete(dataId);
    return true;
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }

  override floatPrecision(): 32 {
    return 32;
  }

  /** The same constant as on the backends that compute, or losses would differ. */
  override epsilon(): number {
    return 1e-7;
  }

  override timerAvailable(): boolean {
    return false;
  }

  override dispose(): void {}

  #add(data: TracedData): tf.DataId {
    const dataId = {};
    this.#entries.set(dataId, { data, references: 1 });
    return dataId;
  }
}

/** The library's operations that tracing is inside of, the outermost first. */
function currentOperations(): string[] {
  return scopeNames()
    .filter((name) => name.endsWith(OP_SCOPE))
    .map((name) => name.slice(0, -OP_SCOPE.length));
}

function scopeNames(): string[] {
  const state = tf.engine().state as unknown as { readonly scopeStack: readonly { readonly name: string }[] };
  return state.scopeStack.map((scope) => scope.name);
}
