import type { Diagnostic } from "../../../base/diagnostic.js";

/**
 * A program that cannot be traced, for a reason its author can act on. Thrown through tfjs, which knows no other
 * way out of the middle of a computation, and turned into a value again by `compileTraining`/`compileFunction`.
 */
export class TraceError extends Error {
  override readonly name = "TraceError";
  readonly diagnostic: Diagnostic;

  constructor(diagnostic: Diagnostic) {
    super(diagnostic.message);
    this.diagnostic = diagnostic;
  }
}

const OTHER_ENGINES = "Use an engine that computes one operation at a time: --engine cpu.";

export function missingKernel(kernel: string, elsewhere: boolean): TraceError {
  return new TraceError({
    code: "engine-missing-operation",
    severity: "error",
    message: `the engine onnx has no form of the operation ${kernel}`,
    fix: elsewhere ? "Use another engine: --engine cpu." : "Write the model without it; no engine here has it.",
  });
}

export function unsupportedForm(kernel: string, reason: string): TraceError {
  return new TraceError({
    code: "engine-unsupported-operation",
    severity: "error",
    message: `the engine onnx cannot express this ${kernel}: ${reason}`,
    fix: OTHER_ENGINES,
  });
}

export function hostRead(): TraceError {
  return new TraceError({
    code: "engine-host-read",
    severity: "error",
    message: `a compiled step reads the numbers of a tensor, which exist only when the step runs`,
    fix: `Keep values inside tensor operations (no dataSync, print or whereAsync). ${OTHER_ENGINES}`,
  });
}

export function bakedRandomness(operation: string): TraceError {
  return new TraceError({
    code: "engine-random-draw",
    severity: "error",
    message: `a compiled step draws random numbers (${operation}); every step would get the same ones`,
    fix: "Take the noise as an input of the program.",
  });
}
