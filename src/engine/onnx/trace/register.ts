import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import "../../gradients.js";
import { KERNELS } from "../kernels/index.js";
import { type NumericArray, TRACE_BACKEND, TraceBackend } from "./backend.js";
import { KernelCall, type TraceKernel } from "./call.js";
import { missingKernel } from "./error.js";

/** What this engine asks of tfjs's cpu backend, which computes everything that is known while tracing. */
interface ComputingBackend extends tf.KernelBackend {
  makeTensorInfo(shape: number[], dtype: tf.DataType, values: tf.BackendValues): tf.TensorInfo;
}

// Before any backend starts: or the library greets on the console, and looks for NaN after every kernel.
tf.enableProdMode();

let registered: TraceBackend | undefined;

/** The tracing backend, made known to tfjs on first use together with its kernels. */
export function traceBackend(): TraceBackend {
  if (registered) return registered;
  const backend = new TraceBackend();
  // Priority 0 keeps tfjs from ever choosing it on its own.
  tf.registerBackend(TRACE_BACKEND, () => backend, 0);
  const names = new Set([
    ...Object.keys(KERNELS),
    ...tf.getKernelsForBackend("cpu").map((kernel) => kernel.kernelName),
  ]);
  for (const kernelName of names) {
    const kernelFunc = kernelFunction(kernelName, backend, KERNELS[kernelName]);
    tf.registerKernel({ kernelName, backendName: TRACE_BACKEND, kernelFunc });
  }
  registered = backend;
  return backend;
}

function kernelFunction(name: string, backend: TraceBackend, record: TraceKernel | undefined): tf.KernelFunc {
  return ({ inputs, attrs }) => {
    const folded = computeNow(name, backend, inputs, attrs ?? {});
    if (folded) return folded;
    if (!record) throw missingKernel(name);
    return record(new KernelCall(name, backend, inputs, attrs ?? {}));
  };
}

/** A kernel whose inputs are all known is computed at once, by tfjs's own code for it. */
function computeNow(
  name: string,
  backend: TraceBackend,
  inputs: tf.NamedTensorInfoMap,
  attrs: tf.NamedAttrMap,
): tf.TensorInfo | tf.TensorInfo[] | undefined {
  const kernel = tf.getKernel(name, "cpu");
  const entries = Object.entries(inputs).filter((entry): entry is [string, tf.TensorInfo] => entry[1] != null);
  const known = entries.every(([, input]) => "values" in backend.data(input.dataId));
  if (!kernel || !known) return undefined;

  const cpu = tf.engine().findBackend("cpu") as ComputingBackend;
  const copies = entries.map(([key, input]) => {
    const data = backend.data(input.dataId) as { values: NumericArray };
    return [key, cpu.makeTensorInfo(input.shape, input.dtype, data.values)] as const;
  });
  const list = Array.isArray(inputs) ? copies.map(([, copy]) => copy) : Object.fromEntries(copies);
  const outputs = kernel.kernelFunc({ inputs: list as tf.NamedTensorInfoMap, backend: cpu, attrs });
  const take = ({ dataId, shape, dtype }: tf.TensorInfo) => backend.constant(cpu.readSync(dataId), shape, dtype);
  const results = Array.isArray(outputs) ? outputs.map(take) : take(outputs);
  const used = new Set([...copies.map(([, copy]) => copy), ...[outputs].flat()].map((info) => info.dataId));
  for (const dataId of used) cpu.disposeData(dataId, true);
  return results;
}
