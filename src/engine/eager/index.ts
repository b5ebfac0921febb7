import * as tf from "@tensorflow/tfjs-core";
import type { Diagnostic } from "../../base/diagnostic.js";
import { err, ok, type Result } from "../../base/result.js";
import type { Engine } from "../engine.js";
import { type EagerName, useBackend } from "./backend.js";
import { EagerFunction } from "./function.js";
import { EagerTraining } from "./training.js";

/** TensorFlow.js on one of its own backends, one operation after the other. */
export async function createEagerEngine(name: EagerName): Promise<Result<Engine, Diagnostic[]>> {
  try {
    await useBackend(name);
  } catch (error) {
    return err([unavailable(name, error)]);
  }
  return ok({
    name,
    version: name === "tensorflow" ? await tensorflowVersion() : tf.version_core,
    // A call of a few steps keeps progress lively; more steps a call would not be faster.
    stepsPerCall: name === "cpu" ? 4 : 32,
    async compileTraining(program) {
      await useBackend(name);
      return ok(new EagerTraining(name, program));
    },
    async compileFunction(program) {
      await useBackend(name);
      return ok(new EagerFunction(name, program));
    },
    dispose() {},
  });
}

async function tensorflowVersion(): Promise<string> {
  const { libtensorflowVersion } = await import("./tensorflow.js");
  return `${tf.version_core} on libtensorflow ${libtensorflowVersion()}`;
}

function unavailable(name: EagerName, error: unknown): Diagnostic {
  const reason = error instanceof Error ? (error.message.split("\n")[0] as string) : String(error);
  return {
    code: "engine-unavailable",
    severity: "error",
    message: `the engine ${name} cannot start: ${reason}`,
    fix:
      name === "tensorflow"
        ? "Install it, pipe engine install tensorflow, or use another engine: --engine wasm."
        : "Install the packages again: npm install.",
  };
}
