import * as tf from "@tensorflow/tfjs-core";
import type { EngineName } from "../base/engines.js";
import { type EagerName, useBackend } from "./eager/backend.js";

/** Fastest first. `tensorflow` is not suggested: it is there only where the user installed it. */
const CANDIDATES = ["onnx", "wasm", "cpu"] as const;

/** What to do where `engine` cannot compute an operation: names the others that have it and start on this machine. */
export async function otherEngines(operation: string, engine: EngineName): Promise<string> {
  const previous = tf.getBackend();
  const names: string[] = [];
  for (const name of CANDIDATES) {
    if (name === engine) continue;
    const has = name === "onnx" ? await onnxHas(operation) : await backendHas(name, operation);
    if (has) names.push(name === "cpu" ? "cpu, which is slow" : name);
  }
  await tf.setBackend(previous);
  if (names.length === 0) return "Write the model without it; no other engine here has it.";
  return `Use another engine: --engine ${names.join(", or ")}.`;
}

/** Asks the table of kernels and the native library, not the engine: the engine asks here. */
async function onnxHas(operation: string): Promise<boolean> {
  const { KERNELS } = await import("./onnx/kernels/index.js");
  if (!(operation in KERNELS)) return false;
  return import("./onnx/runtime.js").then(
    () => true,
    () => false,
  );
}

async function backendHas(name: EagerName, operation: string): Promise<boolean> {
  try {
    await useBackend(name);
  } catch {
    return false;
  }
  return tf.getKernel(operation, name) !== undefined;
}
