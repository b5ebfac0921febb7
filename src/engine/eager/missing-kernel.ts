import type { Diagnostic } from "../../base/diagnostic.js";
import { err, ok, type Result } from "../../base/result.js";
import { currentLayer, trackLayers } from "../layer.js";
import { otherEngines } from "../other-engines.js";
import type { EagerName } from "./backend.js";

/** How TensorFlow.js says that a backend cannot run an operation. */
const MISSING = /Kernel '(\w+)' not registered for backend/;

/**
 * Runs `f`; where the backend lacks an operation, runs it once more with the layers leaving their names, and says which
 * layer asked for it. `f` must not have changed anything when it fails for that reason.
 */
export async function explainMissingKernel<T>(engine: EagerName, f: () => T): Promise<Result<T, Diagnostic[]>> {
  try {
    return ok(f());
  } catch (error) {
    const operation = missingKernel(error);
    if (operation === undefined) throw error;
    return err([await diagnose(engine, operation, findLayer(f))]);
  }
}

function missingKernel(error: unknown): string | undefined {
  return error instanceof Error ? MISSING.exec(error.message)?.[1] : undefined;
}

function findLayer(f: () => unknown): string | null {
  try {
    trackLayers(f);
  } catch (error) {
    if (missingKernel(error) === undefined) throw error;
  }
  return currentLayer();
}

async function diagnose(engine: EagerName, operation: string, layer: string | null): Promise<Diagnostic> {
  const whom = layer === null ? "the model" : `the layer ${layer}`;
  return {
    code: "engine-missing-operation",
    severity: "error",
    message: `the engine ${engine} cannot compute ${operation}, which ${whom} needs`,
    ...(layer === null ? {} : { layer }),
    fix: await otherEngines(operation, engine),
  };
}
