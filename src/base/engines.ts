import type { Diagnostic } from "./diagnostic.js";

/** The engines, by the names that `--engine` takes. */
export const ENGINE_NAMES = ["onnx", "tensorflow", "wasm", "cpu"] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];

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
