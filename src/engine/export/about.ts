import { classesOf, inputColumn } from "../../artifact/columns.js";
import { type Sampling, samplingOf } from "../../artifact/graph.js";
import { sizeOf } from "../../artifact/tensor.js";
import type { Dataset } from "../../artifact/types.js";
import type { Json, JsonObject } from "../../base/json.js";
import { type ExportedPart, exportedParts } from "./parts.js";
import type { ModelFormat, TrainedModel } from "./types.js";

/**
 * For readers who have only the files: which go together, what goes in and comes out, and how the stored
 * data becomes the float32 values that the model takes.
 */
export function aboutModel({ model, weights, dataset }: TrainedModel, format: ModelFormat): Json {
  const sampling = samplingOf(model);
  return {
    format,
    parameters: model.parameters,
    epoch: weights.epoch,
    files: exportedParts(model).map((part) => aboutPart(part, format)),
    ...(dataset === undefined ? {} : aboutData(dataset)),
    // How codes are drawn from `mean` and `scale`.
    ...(sampling === null ? {} : { latent: { units: sizeOf(sampling.node.shape), ...drawing(sampling) } }),
  };
}

function drawing({ noise, scale }: Sampling): JsonObject {
  return { noise, scale };
}

/** Every split is stored alike. */
function aboutData(dataset: Dataset): JsonObject {
  const { dtype, scale, offset } = inputColumn(dataset);
  const classes = classesOf(dataset);
  return {
    // value = stored × scale + offset
    data: { name: dataset.name, stored: dtype, scale, offset },
    ...(classes === null ? {} : { classes: [...classes] }),
  };
}

function aboutPart({ name, inputs, outputs }: ExportedPart, format: ModelFormat): Json {
  const [input, ...others] = inputs.map(tensor);
  return {
    file: format === "onnx" ? `${name}.onnx` : `${name}/model.json`,
    ...(input !== undefined && others.length === 0 ? { input } : { inputs: inputs.map(tensor) }),
    outputs: outputs.map(tensor),
  };
}

function tensor({ name, shape }: { readonly name: string; readonly shape: readonly number[] }): Json {
  return { name, dtype: "float32", shape: ["batch", ...shape] };
}
