import type { Model } from "../../artifact/types.js";
import type { Diagnostic } from "../../base/diagnostic.js";
import type { ExportedFile } from "../../base/exported.js";
import { err, ok, type Result } from "../../base/result.js";
import type { FunctionProgram } from "../engine.js";
import { exportOnnx } from "../onnx/index.js";
import { TraceError } from "../onnx/trace/error.js";
import { GraphError } from "../onnx/types.js";
import { type DataKinds, decodingProgram, encodingProgram, predictionProgram } from "../program.js";
import { type ExportedPart, exportedParts } from "./parts.js";

/**
 * Every part of a model as an ONNX file: float32 in and out, any batch size, weights inside.
 *
 * @returns `model-not-in-onnx` for a graph that one file cannot say for every batch size: a bug, but one that must not take
 * the diagnostics of other models with it.
 */
export function onnxFiles(
  model: Model,
  weights: Readonly<Record<string, Float32Array>>,
): Result<readonly ExportedFile[], Diagnostic[]> {
  try {
    return ok(
      exportedParts(model).map((part) => ({
        name: `${part.name}.onnx`,
        content: exportOnnx(programOf(part, model), weights),
      })),
    );
  } catch (error) {
    if (error instanceof TraceError) return err([error.diagnostic]);
    if (error instanceof GraphError) return err([notInOnnx(error)]);
    throw error;
  }
}

function notInOnnx({ message }: GraphError): Diagnostic {
  return {
    code: "model-not-in-onnx",
    severity: "error",
    message: `the model cannot be written for any batch size: ${message}`,
    fix: "Write it with --format tfjs, and the others with --variant.",
  };
}

function programOf(part: ExportedPart, model: Model): FunctionProgram {
  if (part.name === "decoder") return decodingProgram(model);
  const kinds = part.inputs.map(({ name, shape }) => [name, { dtype: "float32", shape, scale: 1, offset: 0 }] as const);
  const data: DataKinds = Object.fromEntries(kinds);
  return part.name === "encoder" ? encodingProgram(model, data) : predictionProgram(model, data);
}
