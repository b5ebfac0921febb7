/** Layers and data in, trained weights out. Knows nothing of pipelines. */
import type { Diagnostic } from "../base/diagnostic.js";
import { type EngineName, unknownEngine } from "../base/engines.js";
import { err, type Result } from "../base/result.js";
import type { Engine } from "./engine.js";

// All of this is the package's `./engine`, which docs/engine.md describes: programs import what nothing here does.
export { datasetOfArrays } from "../artifact/columns.js";
export { floatValues, tensorOf } from "../artifact/tensor.js";
export { buildGraph } from "./build.js";
export type { CompiledFunction, CompiledTraining, Engine, EngineFactory } from "./engine.js";
export { type EvaluationResult, type EvaluationTask, evaluate } from "./evaluate.js";
export { adoptOwnKind } from "./own-kinds.js";
export { type ModelRunner, openModel } from "./runner.js";
export { tryTraining } from "./self-test.js";
export { type TrainingHooks, type TrainingResult, train } from "./train.js";
export type { TrainingTask } from "./training-task.js";

/** Starts an engine by its name. Its libraries are loaded here, not before. */
export async function loadEngine(name: string): Promise<Result<Engine, Diagnostic[]>> {
  switch (name as EngineName) {
    case "onnx": {
      const { createOnnxEngine } = await import("./onnx/index.js");
      return createOnnxEngine();
    }
    case "tensorflow":
    case "wasm":
    case "cpu": {
      const { createEagerEngine } = await import("./eager/index.js");
      return createEagerEngine(name as "tensorflow" | "wasm" | "cpu");
    }
    default:
      return err([unknownEngine(name)]);
  }
}
