import * as ort from "./runtime.js";

/**
 * One thread, one operator after the other: a training has one core, variants run side by side, and the bits of a
 * result do not depend on how many cores a machine has.
 */
const OPTIONS: ort.InferenceSession.SessionOptions = {
  executionProviders: ["cpu"],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: "sequential",
  graphOptimizationLevel: "all",
  // Only what stops a run: the optimizer warns about every initializer that it removes.
  logSeverityLevel: 4,
};

export function openSession(
  model: Uint8Array,
  options: ort.InferenceSession.SessionOptions = {},
): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(model, { ...OPTIONS, ...options });
}
