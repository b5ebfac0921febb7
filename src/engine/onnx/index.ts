import type { Diagnostic } from "../../base/diagnostic.js";
import { err, ok } from "../../base/result.js";
import type { EngineFactory } from "../engine.js";

export { exportOnnx } from "./export.js";

/** The compiled engine, or why ONNX Runtime's native library does not load on this machine. */
export const createOnnxEngine: EngineFactory = async () => {
  try {
    const { onnxEngine } = await import("./onnx-engine.js");
    return ok(onnxEngine());
  } catch (error) {
    return err([unavailable(error)]);
  }
};

function unavailable(error: unknown): Diagnostic {
  return {
    code: "engine-unavailable",
    severity: "error",
    message: "the engine onnx cannot start",
    received: error instanceof Error ? error.message : String(error),
    expected: "the package onnxruntime-node with its native library for this system",
    fix: "Install onnxruntime-node for this system, or use another engine: --engine wasm.",
  };
}
