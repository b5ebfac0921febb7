import * as tf from "@tensorflow/tfjs-core";
import "../gradients.js";
import { mendPooling } from "./pooling.js";

export type EagerName = "wasm" | "cpu" | "tensorflow";

/** Our names of engines and the library's names of backends. */
const BACKENDS: Readonly<Record<EagerName, string>> = { wasm: "wasm", cpu: "cpu", tensorflow: "tensorflow" };

/**
 * Makes this backend the current one, loading it first where need be. Every engine does so before it computes, because
 * TensorFlow.js has one current backend for the whole process.
 */
export async function useBackend(name: EagerName): Promise<void> {
  const backend = BACKENDS[name];
  // The backend may be current without our having loaded it: the engine onnx loads `cpu` for itself.
  if (!loaded.has(name)) {
    await load(name);
    loaded.add(name);
  }
  if (tf.getBackend() === backend) return;
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js cannot start its backend ${backend}`);
}

const loaded = new Set<EagerName>();

async function load(name: EagerName): Promise<void> {
  // Without it the library greets on the console and checks every value for NaN.
  tf.enableProdMode();
  switch (name) {
    case "cpu":
      await import("@tensorflow/tfjs-backend-cpu");
      mendPooling("cpu");
      return;
    case "wasm":
      await import("@tensorflow/tfjs-backend-wasm");
      // One thread: several variants run side by side, and more threads would give other bits.
      tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
      mendPooling("wasm");
      return;
    case "tensorflow": {
      const { loadTensorflow } = await import("./tensorflow.js");
      loadTensorflow();
    }
  }
}
