import { readdirSync } from "node:fs";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { floatValues } from "../../src/artifact/tensor.js";
import { buildLayer } from "../../src/engine/build-layer.js";
import { Feed } from "../../src/engine/feed.js";
import { makeVariables } from "../../src/engine/layer.js";
import { dataKinds, trainingProgram } from "../../src/engine/program.js";
import type { Layer, LayerKind } from "../../src/gen/layers.js";
import { withPlain } from "../layers/plain.js";
import { foreseenShape } from "./foreseen.js";
import {
  ADAM,
  CROSSENTROPY,
  complete,
  engineOf,
  itemsOf,
  joined,
  layer,
  MSE,
  modelOf,
  objectiveFor,
  outputShape,
  pixels,
  sequentialOf,
  unwrap,
} from "./support.js";

const IMAGE = [6, 6, 2];
const SEQUENCE = [5, 3];

type Sample = readonly [inputShape: readonly number[], layer: Layer];

/** Examples of kinds with forms or inputs of their own, with the shapes of the inputs; for any other kind its plainest use. */
const listed: Readonly<Record<string, readonly Sample[]>> = {
  activation: [[[4], layer("activation", { activation: "gelu" })]],
  add: [[[4], joined("add", [[], [layer("dense", { units: 4 })]])]],
  average_pooling1d: [[SEQUENCE, layer("average_pooling1d", { padding: "same" })]],
  average_pooling2d: [[IMAGE, layer("average_pooling2d", { poolSize: 3, strides: 2 })]],
  batch_normalization: [[IMAGE, layer("batch_normalization")]],
  bidirectional: [
    [SEQUENCE, layer("bidirectional", { layer: layer("lstm", { units: 3, returnSequences: true }) })],
    [SEQUENCE, layer("bidirectional", { layer: layer("gru", { units: 3 }), mergeMode: "sum" })],
    [SEQUENCE, layer("bidirectional", { layer: layer("simple_rnn", { units: 3 }) })],
  ],
  concatenate: [[IMAGE, joined("concatenate", [[], [layer("conv2d", { filters: 3, kernelSize: 1 })]])]],
  conv1d: [[SEQUENCE, layer("conv1d", { filters: 4, kernelSize: 3, padding: "causal", dilationRate: 2 })]],
  conv2d: [
    [IMAGE, layer("conv2d", { filters: 3, kernelSize: [3, 2], strides: 2, activation: "relu" })],
    [IMAGE, layer("conv2d", { filters: 3, kernelSize: 2, dilationRate: [2, 3] })],
  ],
  conv2d_transpose: [[IMAGE, layer("conv2d_transpose", { filters: 3, kernelSize: 3, strides: 2, padding: "same" })]],
  dense: [
    [[4], layer("dense", { units: 3, kernelRegularizer: { l1: 0.01, l2: 0.01 } })],
    [SEQUENCE, layer("dense", { units: 2, useBias: false })],
  ],
  depthwise_conv2d: [
    [IMAGE, layer("depthwise_conv2d", { kernelSize: 3, depthMultiplier: 2 })],
    [IMAGE, layer("depthwise_conv2d", { kernelSize: 2, dilationRate: 2 })],
  ],
  elu: [[[4], layer("elu", { alpha: 0.7 })]],
  embedding: [[[5], layer("embedding", { inputDim: 256, outputDim: 3 })]],
  expression: [[SEQUENCE, layer("expression", { expression: "x * tanh(x - 0.1) + 1" })]],
  gru: [
    [SEQUENCE, layer("gru", { units: 4, returnSequences: true })],
    [SEQUENCE, layer("gru", { units: 4, resetAfter: true })],
  ],
  layer_normalization: [[IMAGE, layer("layer_normalization")]],
  lstm: [[SEQUENCE, layer("lstm", { units: 4, goBackwards: true })]],
  max_pooling2d: [[IMAGE, layer("max_pooling2d", { poolSize: [2, 3], padding: "same" })]],
  permute: [[IMAGE, layer("permute", { dims: [3, 1, 2] })]],
  re_lu: [[[4], layer("re_lu", { maxValue: 0.5 })]],
  reshape: [[IMAGE, layer("reshape", { targetShape: [-1, 4] })]],
  separable_conv2d: [
    [IMAGE, layer("separable_conv2d", { filters: 4, kernelSize: 3, depthMultiplier: 2 })],
    [IMAGE, layer("separable_conv2d", { filters: 4, kernelSize: 2, dilationRate: 2, padding: "same" })],
  ],
  simple_rnn: [[SEQUENCE, layer("simple_rnn", { units: 4 })]],
  up_sampling2d: [
    [IMAGE, layer("up_sampling2d", { size: [2, 3] })],
    [IMAGE, layer("up_sampling2d", { interpolation: "bilinear" })],
  ],
  zero_padding2d: [
    [
      IMAGE,
      layer("zero_padding2d", {
        padding: [
          [1, 2],
          [0, 1],
        ],
      }),
    ],
  ],
  cropping1d: [[SEQUENCE, layer("cropping1d", { cropping: [1, 2] })]],
  cropping2d: [[IMAGE, layer("cropping2d", { cropping: [2, 1] })]],
  group_normalization: [[IMAGE, layer("group_normalization", { groups: 2 })]],
  multi_head_attention: [[SEQUENCE, layer("multi_head_attention", { numHeads: 2, keyDim: 3, dropout: 0.2 })]],
  rms_normalization: [[IMAGE, layer("rms_normalization")]],
  up_sampling1d: [[SEQUENCE, layer("up_sampling1d", { size: 3 })]],
  zero_padding1d: [[SEQUENCE, layer("zero_padding1d", { padding: [1, 2] })]],
};

const samples = withPlain(listed, (kind, { input, params }): readonly Sample[] => [
  [input, layer(kind as LayerKind, params)],
]);

function kindsIn(folder: string, ending: string): string[] {
  const names = readdirSync(new URL(`../../${folder}`, import.meta.url));
  const files = names.filter((name) => name.endsWith(ending) && name !== "index.ts");
  return files.map((name) => name.slice(0, -ending.length)).sort();
}

it("has code and a schema for every kind", () => {
  const kinds = kindsIn("src/layers", ".ts");
  expect(kinds).toEqual(kindsIn("schemas/layers", ".schema.json"));
});

const cases = Object.entries(samples).flatMap(([kind, list]) =>
  list.map((sample, i) => [`${kind} ${i + 1}`, ...sample] as const),
);

describe.each(cases)("%s", (_, inputShape, sample) => {
  const head = [layer("flatten"), layer("dense", { units: 3, activation: "softmax" })];

  it("has the shape that the checker foresees", async () => {
    const model = await modelOf(sequentialOf(sample), inputShape);
    expect(foreseenShape(sequentialOf(sample), inputShape)).toEqual({ ok: true, value: outputShape(model) });
  });

  it("takes one step on cpu that changes every trainable weight, and none to NaN", async () => {
    const model = await modelOf(sequentialOf(sample, ...head), inputShape);
    const split = itemsOf({ x: inputOf(sample, inputShape), y: null });
    const data = { ...dataKinds(split), y: { dtype: "int32", shape: [], scale: 1, offset: 0 } as const };
    const setup = { model, data, objective: objectiveFor(model, CROSSENTROPY) };
    const before = tf.memory().numTensors;
    const program = trainingProgram(setup, { optimizer: ADAM }, 3);
    const compiled = unwrap(await (await engineOf("cpu")).compileTraining(program));
    const start = await compiled.readState();
    const feed = new Feed(split, dataKinds(split), program.draws, 4);
    const inputs = { ...feed.fill(null, 0, 4, { seed: 1, path: ["train", 1] }), y: Int32Array.of(0, 1, 2, 1) };
    const scalars = unwrap(await compiled.run(4, 1, inputs, Float32Array.of(0.01)));
    expect(scalars.loss?.[0]).toBeGreaterThan(0);
    const end = await compiled.readState();
    for (const { name, shape } of program.weights) {
      const values = end[name] as Float32Array;
      expect(values.length, name).toBe(shape.reduce((a, b) => a * b, 1));
      expect(values.every(Number.isFinite), name).toBe(true);
      expect(values, name).not.toEqual(start[name]);
    }
    expect(program.weights.reduce((sum, { name }) => sum + (end[name]?.length ?? 0), 0)).toBe(model.parameters);
    compiled.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

function inputOf(sample: Layer, shape: readonly number[]) {
  const x = pixels([4, ...shape]);
  return "embedding" in sample ? { ...x, scale: 1 } : { ...x, offset: -0.5 };
}

it.each([
  [false, 150],
  [true, 165],
])("counts the weights of a gru with resetAfter %s as Keras does", async (resetAfter, parameters) => {
  const model = await modelOf(sequentialOf(layer("gru", { units: 5, resetAfter })), [3, 4]);
  expect(model.parameters).toBe(parameters);
  const both = layer("bidirectional", { layer: layer("gru", { units: 5, resetAfter }) });
  expect((await modelOf(sequentialOf(both), [3, 4])).parameters).toBe(2 * parameters);
});

it("names layers after their kinds, and those of branches after the branch", async () => {
  const branches = [[layer("dense", { units: 4 }), layer("dense", { units: 4 })], []];
  const model = await modelOf(
    sequentialOf(layer("dense", { units: 4 }), joined("add", branches), layer("dense", { units: 4 })),
    [4],
  );
  expect(model.nodes.map(({ name, from }) => [name, ...from])).toEqual([
    ["model/dense", "input"],
    ["model/add/branch1/dense", "model/dense"],
    ["model/add/branch1/dense_1", "model/add/branch1/dense"],
    ["model/add", "model/add/branch1/dense_1", "model/dense"],
    ["model/dense_1", "model/add"],
  ]);
  expect(model.parameters).toBe(80);
});

it.each([
  ["batch_normalization", { center: false, betaInitializer: { ones: {} } }, 12],
  ["batch_normalization", { scale: false, gammaInitializer: { zeros: {} } }, 12],
  ["batch_normalization", { center: false, scale: false }, 8],
  ["layer_normalization", { center: false, scale: false }, 0],
] as const)("%s with %j neither counts nor moves what it switches off", async (kind, params, parameters) => {
  const model = await modelOf(
    sequentialOf(layer("dense", { units: 4 }), layer(kind, params), layer("dense", { units: 1 })),
    [3],
  );
  expect(model.nodes[1]?.parameters).toBe(parameters);
  const split = itemsOf({ x: pixels([4, 3]), y: null });
  const data = { ...dataKinds(split), y: { dtype: "float32", shape: [1], scale: 1, offset: 0 } as const };
  const program = trainingProgram({ model, data, objective: objectiveFor(model, MSE) }, { optimizer: ADAM }, 3);
  const compiled = unwrap(await (await engineOf("cpu")).compileTraining(program));
  const x = new Feed(split, dataKinds(split), program.draws, 4).fill(null, 0, 4, { seed: 1, path: ["train", 1] });
  unwrap(await compiled.run(4, 1, { ...x, y: Float32Array.of(1, 2, 3, 4) }, Float32Array.of(0.01)));
  const state = await compiled.readState();
  if ("center" in params) expect(state[`model/${kind}/beta`]).toEqual(new Float32Array(4));
  if ("scale" in params) expect(state[`model/${kind}/gamma`]).toEqual(new Float32Array(4).fill(1));
  compiled.dispose();
});

it.each(["conv2d", "depthwise_conv2d", "separable_conv2d"] as const)(
  "computes a dilated %s as the library does",
  (kind) => {
    const params = { filters: 3, kernelSize: 2, dilationRate: [2, 3] };
    const built = unwrap(buildLayer({ name: kind, kind, params: complete("layers", kind, params) }, [[6, 7, 2]]));
    const variables = makeVariables(built.weights, 1);
    const image = tf.tensor4d(floatValues(pixels([1, 6, 7, 2])), [1, 6, 7, 2]);
    const [kernel, second] = variables as unknown as [tf.Tensor4D, tf.Tensor4D];
    const library = {
      conv2d: () => tf.conv2d(image, kernel, 1, "valid", "NHWC", [2, 3]),
      depthwise_conv2d: () => tf.depthwiseConv2d(image, kernel, 1, "valid", "NHWC", [2, 3]),
      separable_conv2d: () => tf.separableConv2d(image, kernel, second, 1, "valid", [2, 3]),
    };
    const result = built.call([image], { training: false, draw: () => image });
    expect(result.shape.slice(1)).toEqual(built.outputShape);
    expect(tf.max(tf.abs(tf.sub(result, library[kind]()))).dataSync()[0]).toBeLessThan(1e-6);
  },
);

it("repeats pixels when enlarging, and adds up their gradients", async () => {
  await modelOf(sequentialOf(layer("up_sampling2d")), [1, 2, 1]);
  const params = { size: [2, 3], interpolation: "nearest" };
  const built = unwrap(buildLayer({ name: "up", kind: "up_sampling2d", params }, [[1, 2, 1]]));
  const enlarge = (x: tf.Tensor) => built.call([x], { training: false, draw: () => x });
  // Two images, because the library's own gradient is right for one only.
  const images = tf.tensor4d([1, 2, 3, 4], [2, 1, 2, 1]);
  expect([...enlarge(images).dataSync()]).toEqual([
    1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 3, 3, 3, 4, 4, 4,
  ]);
  const weighted = (x: tf.Tensor) => tf.sum(tf.mul(enlarge(x), tf.reshape(tf.range(0, 24), [2, 2, 6, 1])));
  expect([...tf.grad(weighted)(images).dataSync()]).toEqual([24, 42, 96, 114]);
});
