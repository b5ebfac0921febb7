/** Files of models with several inputs or outputs and shared layers: other programs compute from them what we do. */
import * as tf from "@tensorflow/tfjs-core";
import { loadLayersModel } from "@tensorflow/tfjs-layers";
import { expect, it } from "vitest";
import { columnTensor } from "../../src/artifact/columns.js";
import { floatValues, type Tensor, tensorOf } from "../../src/artifact/tensor.js";
import type { Weights } from "../../src/artifact/types.js";
import { exportModel } from "../../src/engine/export/index.js";
import { openModel } from "../../src/engine/index.js";
import { inputName } from "../../src/engine/items.js";
import { Network } from "../../src/engine/network.js";
import * as ort from "../../src/engine/onnx/runtime.js";
import { datasetOfCase, type GraphCase, graphCases, graphReferences, modelOfCase } from "../engine/graph-models.js";
import { engineOf, unwrap } from "../engine/support.js";

const twoOutputs = graphCases.two_outputs as GraphCase;
const { outputs, ...rest } = twoOutputs.graph;

/** Each with the case whose weights and data it has. */
const cases: readonly (readonly [label: string, name: string, given: GraphCase])[] = [
  ...Object.entries(graphCases).map(([name, given]) => [name, name, given] as const),
  [
    "one node as two outputs",
    "two_outputs",
    {
      ...twoOutputs,
      graph: {
        ...rest,
        outputs: {
          ...outputs,
          _again: { node: "size", target: "extent" },
          valueOf: { node: "size", target: "extent" },
        },
      },
    },
  ],
];

async function made(name: string, given: GraphCase) {
  const model = await modelOfCase(given);
  const reference = graphReferences[name] as (typeof graphReferences)[string];
  const dataset = datasetOfCase(given, reference.data);
  const tensors = new Network(model).weights.map((weight) => {
    const values = Float32Array.from(reference.weights[weight.name] ?? []);
    return { name: weight.name, tensor: tensorOf("float32", weight.shape, values) };
  });
  const weights: Weights = { tensors, epoch: 1, loss: given.loss as never };
  const inputs = model.inputs.map(({ name, column }) => {
    const described = dataset.columns.find((one) => one.name === column);
    return { name, as: inputName(model, name), tensor: columnTensor(dataset, "train", described as never) as Tensor };
  });
  const runner = unwrap(await openModel(await engineOf("cpu"), model, weights));
  const outputs = unwrap(await runner.outputs(Object.fromEntries(inputs.map(({ name, tensor }) => [name, tensor]))));
  return { model, weights, inputs, outputs };
}

function expectClose(actual: ArrayLike<number>, expected: Tensor): void {
  const values = floatValues(expected);
  expect(actual.length).toBe(values.length);
  values.forEach((value, i) => {
    expect(Math.abs((actual[i] as number) - value)).toBeLessThan(1e-5);
  });
}

it.each(cases)("ONNX Runtime computes %s", async (_, name, given) => {
  const { model, weights, inputs, outputs } = await made(name, given);
  const files = unwrap(await exportModel({ model, weights }, "onnx"));
  expect(files.map((file) => file.name)).toEqual(["model.onnx", "about.json"]);
  const session = await ort.InferenceSession.create(files[0]?.content as Uint8Array, { logSeverityLevel: 3 });
  const feeds = inputs.map(({ as, tensor }) => [as, new ort.Tensor("float32", floatValues(tensor), tensor.shape)]);
  const results = await session.run(Object.fromEntries(feeds));
  expect(Object.keys(results).sort()).toEqual(Object.keys(outputs).sort());
  for (const [output, expected] of Object.entries(outputs)) {
    expectClose(results[output]?.data as Float32Array, expected);
  }
});

it.each(cases)("TensorFlow.js computes %s", async (_, name, given) => {
  const { model, weights, inputs, outputs } = await made(name, given);
  const files = unwrap(await exportModel({ model, weights }, "tfjs"));
  const content = (file: string) => files.find((one) => one.name === file)?.content as Uint8Array;
  const { modelTopology, weightsManifest } = JSON.parse(new TextDecoder().decode(content("model/model.json")));
  const loaded = await loadLayersModel(
    tf.io.fromMemory({
      modelTopology,
      weightSpecs: weightsManifest[0].weights,
      weightData: Uint8Array.from(content("model/weights.bin")).buffer,
    }),
  );
  // Shared weights are in the file once.
  expect(loaded.countParams()).toBe(model.parameters);
  const xs = loaded.inputNames.map((input) => {
    const { tensor } = inputs.find(({ as }) => as === input) as (typeof inputs)[number];
    return tf.tensor(floatValues(tensor), [...tensor.shape]);
  });
  const results = [loaded.predict(xs.length === 1 ? (xs[0] as tf.Tensor) : xs)].flat();
  Object.values(outputs).forEach((expected, i) => {
    expectClose((results[i] as tf.Tensor).dataSync(), expected);
  });
});
