import type { Diagnostic } from "../../../base/diagnostic.js";

/**
 * A program that cannot be traced, for a reason its author can act on. Thrown through tfjs, which knows no other
 * way out of the middle of a computation, and turned into a value again by `compileTraining`/`compileFunction`.
 */
export class TraceError extends Error {
  override readonly name = "TraceError";
  readonly diagnostic: Diagnostic;
  /** The tfjs operation that another engine may have; who catches the error looks for one. */
  readonly operation: string | undefined;

  constructor(diagnostic: Diagnostic, operation?: string) {
    super(diagnostic.message);
    this.diagnostic = diagnostic;
    this.operation = operation;
  }
}

export function missingKernel(kernel: string): TraceError {
  const message = `the engine onnx has no form of the operation ${kernel}`;
  return new TraceError({ code: "engine-missing-operation", severity: "error", message }, kernel);
}

export function unsupportedForm(kernel: string, reason: string): TraceError {
  const message = `the engine onnx cannot express this ${kernel}: ${reason}`;
  return new TraceError({ code: "engine-unsupported-operation", severity: "error", message }, kernel);
}

export function hostRead(): TraceError {
  return new TraceError({
    code: "engine-host-read",
    severity: "error",
    message: `a compiled step reads the numbers of a tensor, which exist only when the step runs`,
    fix: `Keep values inside tensor operations (no dataSync, print or whereAsync), or use --engine cpu.`,
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
