import type { Diagnostic } from "./diagnostic.js";

/** Who can compute, by the name that `--engine` takes. */
export const ENGINE_NAMES = ["onnx", "tensorflow", "wasm", "cpu"] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];

/**
 * Of our own part of each engine; goes into fingerprints beside the versions of its libraries. Raised when a change in
 * `src/engine` changes the bits that the engine computes, so that what older code trained is not taken for its own.
 */
export const ENGINE_REVISIONS: Readonly<Record<EngineName, number>> = { onnx: 2, tensorflow: 2, wasm: 2, cpu: 2 };

/** The types forbid it; a program in JavaScript may not know. */
export function unknownEngine(name: string): Diagnostic {
  return {
    code: "unknown-engine",
    severity: "error",
    message: `no engine is called ${name}`,
    expected: ENGINE_NAMES.join(", "),
    fix: "Name one of these.",
  };
}
