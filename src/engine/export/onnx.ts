import { samplingOf } from "../../artifact/graph.js";
import { partsOf } from "../../artifact/parts.js";
import type { Model } from "../../artifact/types.js";
import type { Diagnostic } from "../../base/diagnostic.js";
import type { ExportedFile } from "../../base/exported.js";
import { err, ok, type Result } from "../../base/result.js";
import type { FunctionProgram } from "../engine.js";
import { exportOnnx } from "../onnx/index.js";
import { TraceError } from "../onnx/trace/error.js";
import { GraphError } from "../onnx/types.js";
import { decodingProgram, encodingProgram, type InputKind, predictionProgram } from "../program.js";
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

/**
 * The same predictions from a model without the head that makes standard deviations, whose weights would lie in the file
 * for nothing: a variational autoencoder of which only the means are wanted is an autoencoder.
 */
function withoutDeviation(model: Model): Model {
  const sampling = samplingOf(model);
  if (sampling === null) return model;
  const { node, mean, scaleFrom } = sampling;
  const gone = [node.name, scaleFrom];
  const moved = (name: string) => (name === node.name ? mean : name);
  const nodes = model.nodes.filter(({ name }) => !gone.includes(name));
  return {
    ...model,
    nodes: nodes.map((each) => ({ ...each, from: each.from.map(moved) })),
    outputs: model.outputs.filter((output) => !gone.includes(output.node)),
    groups: model.groups.map((group) => (group.input === undefined ? group : { ...group, input: moved(group.input) })),
  };
}

function programOf(part: ExportedPart, model: Model): FunctionProgram {
  const x: InputKind = { dtype: "float32", shape: partsOf(model).inputShape, scale: 1, offset: 0 };
  if (part.name === "encoder") return encodingProgram(model, x);
  if (part.name === "decoder") return decodingProgram(model);
  const program = predictionProgram(withoutDeviation(model), x);
  const name = part.outputs[0]?.name as string;
  return {
    ...program,
    outputs(inputs) {
      const { output } = program.outputs(inputs);
      return { [name]: output as NonNullable<typeof output> };
    },
  };
}
