import * as tf from "@tensorflow/tfjs-core";
import { loadLayersModel } from "@tensorflow/tfjs-layers";
import { sizeOf, type Tensor, tensorOf } from "../../src/artifact/tensor.js";
import type { Model, Weights } from "../../src/artifact/types.js";
import type { ExportedFile } from "../../src/base/exported.js";
import { RandomStream } from "../../src/base/random.js";
import { Network } from "../../src/engine/network.js";
import type { Layer, LayerKind } from "../../src/gen/layers.js";
import { layerFacts } from "../../src/layers/index.js";
import type { FamilyModel } from "../engine/families.js";
import { inputShape, joined, layer, modelOf, sequentialOf } from "../engine/support.js";
import { withPlain } from "../layers/plain.js";

const IMAGE = [6, 6, 2];
const SEQUENCE = [5, 3];
const VECTOR = [4];

type Example = readonly [inputShape: readonly number[], ...layers: Layer[]];

/** Layers in forms in which they compute in their own way; none for those that TensorFlow.js has not. */
const listed: Readonly<Record<string, readonly Example[]>> = {
  activation: [
    [VECTOR, layer("activation", { activation: "gelu" })],
    [VECTOR, layer("activation", { activation: "silu" })],
    [VECTOR, layer("activation", { activation: "hardSigmoid6" }), layer("dense", { units: 2 })],
    ...(["leakyRelu", "hardTanh", "logSigmoid", "logSoftmax"] as const).map(
      (activation): Example => [VECTOR, layer("activation", { activation }), layer("dense", { units: 2 })],
    ),
  ],
  add: [[VECTOR, joined("add", [[], [layer("dense", { units: 4 })]])]],
  average_pooling1d: [[SEQUENCE, layer("average_pooling1d", { padding: "same" })]],
  average_pooling2d: [[IMAGE, layer("average_pooling2d", { poolSize: 3, strides: 2 })]],
  batch_normalization: [
    [IMAGE, layer("batch_normalization")],
    [VECTOR, layer("batch_normalization", { scale: false })],
    [VECTOR, layer("batch_normalization", { center: false })],
  ],
  bidirectional: [
    [SEQUENCE, layer("bidirectional", { layer: layer("lstm", { units: 3, returnSequences: true }) })],
    [SEQUENCE, layer("bidirectional", { layer: layer("gru", { units: 3 }), mergeMode: "sum" })],
    [SEQUENCE, layer("bidirectional", { layer: layer("simple_rnn", { units: 3 }) })],
    [SEQUENCE, layer("bidirectional", { layer: layer("lstm", { units: 4 }) })],
  ],
  concatenate: [[IMAGE, joined("concatenate", [[], [layer("conv2d", { filters: 3, kernelSize: 1 })]])]],
  conv1d: [
    [SEQUENCE, layer("conv1d", { filters: 4, kernelSize: 3, padding: "causal", dilationRate: 2 })],
    [SEQUENCE, layer("conv1d", { filters: 4, kernelSize: 3, strides: 2, padding: "same" })],
  ],
  conv2d: [
    [IMAGE, layer("conv2d", { filters: 3, kernelSize: [3, 2], strides: 2, activation: "relu" })],
    [IMAGE, layer("conv2d", { filters: 3, kernelSize: 2, dilationRate: [2, 3], kernelRegularizer: { l2: 0.1 } })],
  ],
  conv2d_transpose: [[IMAGE, layer("conv2d_transpose", { filters: 3, kernelSize: 3, strides: 2, padding: "same" })]],
  dense: [
    [VECTOR, layer("dense", { units: 3, activation: "softmax", kernelRegularizer: { l1: 0.01 } })],
    [SEQUENCE, layer("dense", { units: 2, useBias: false })],
    [VECTOR, layer("dense", { units: 3, activation: "hardSigmoid6" })],
  ],
  depthwise_conv2d: [
    [IMAGE, layer("depthwise_conv2d", { kernelSize: 3, depthMultiplier: 2, depthwiseRegularizer: { l1: 0.1 } })],
    [IMAGE, layer("depthwise_conv2d", { kernelSize: 2, dilationRate: 2 })],
  ],
  dropout: [[VECTOR, layer("dropout", { rate: 0.5 }), layer("dense", { units: 2 })]],
  embedding: [[[5], layer("embedding", { inputDim: 8, outputDim: 3 }), layer("flatten"), layer("dense", { units: 2 })]],
  expression: [],
  flatten: [
    [IMAGE, layer("flatten")],
    [VECTOR, layer("flatten")],
  ],
  gru: [[SEQUENCE, layer("gru", { units: 4, returnSequences: true })]],
  lstm: [
    [SEQUENCE, layer("lstm", { units: 4, goBackwards: true })],
    [SEQUENCE, layer("lstm", { units: 3, returnSequences: true }), layer("lstm", { units: 2 })],
    // Whose zero states are as long as what is compared in graphs of one batch size, and longer in those of another.
    [SEQUENCE, layer("lstm", { units: 4, returnSequences: true }), layer("gru", { units: 5 })],
  ],
  max_pooling2d: [
    [IMAGE, layer("max_pooling2d", { poolSize: [2, 3], padding: "same" })],
    [IMAGE, layer("max_pooling2d", { poolSize: 3, strides: 1 })],
  ],
  permute: [[IMAGE, layer("permute", { dims: [3, 1, 2] })]],
  re_lu: [
    [VECTOR, layer("re_lu")],
    [VECTOR, layer("re_lu", { maxValue: 0.5 })],
  ],
  reshape: [[IMAGE, layer("reshape", { targetShape: [8, -1] }), layer("dense", { units: 2 })]],
  separable_conv2d: [
    [IMAGE, layer("separable_conv2d", { filters: 4, kernelSize: 3, padding: "same", activation: "relu" })],
    [IMAGE, layer("separable_conv2d", { filters: 4, kernelSize: 2, dilationRate: 2 })],
    [IMAGE, layer("separable_conv2d", { filters: 3, kernelSize: 2, depthMultiplier: 2 })],
  ],
  simple_rnn: [[SEQUENCE, layer("simple_rnn", { units: 3 })]],
  softmax: [[SEQUENCE, layer("softmax")]],
  up_sampling2d: [
    [IMAGE, layer("up_sampling2d", { size: [2, 3] })],
    [IMAGE, layer("up_sampling2d", { interpolation: "bilinear" })],
    [[3, 4, 2], layer("up_sampling2d", { interpolation: "bilinear", size: [3, 2] })],
    [[4, 3, 2], layer("up_sampling2d", { interpolation: "bilinear", size: [1, 5] })],
    [IMAGE, layer("up_sampling2d", { interpolation: "bilinear", size: 1 })],
  ],
  zero_padding2d: [[IMAGE, layer("zero_padding2d", { padding: 1 })]],
  average: [[SEQUENCE, joined("average", [[], [layer("dense", { units: 3 })], [layer("dense", { units: 1 })]])]],
  cropping1d: [[SEQUENCE, layer("cropping1d", { cropping: [1, 2] })]],
  cropping2d: [[IMAGE, layer("cropping2d", { cropping: [2, 1] })]],
  dot: [
    [VECTOR, joined("dot", [[], [layer("dense", { units: 4 })]], { axes: 1 })],
    [VECTOR, joined("dot", [[], [layer("dense", { units: 4 })]], { axes: -1, normalize: true })],
    [SEQUENCE, joined("dot", [[], [layer("dense", { units: 3 })]], { axes: [2, 2] })],
    [SEQUENCE, joined("dot", [[], [layer("dense", { units: 3 })]], { axes: [2, -1], normalize: true })],
  ],
  group_normalization: [],
  masking: [],
  maximum: [[SEQUENCE, joined("maximum", [[], [layer("dense", { units: 3 })]])]],
  minimum: [[SEQUENCE, joined("minimum", [[], [layer("dense", { units: 1 })]])]],
  multiply: [[SEQUENCE, joined("multiply", [[], [layer("dense", { units: 3 })], [layer("dense", { units: 1 })]])]],
  sampling: [],
  subtract: [],
  up_sampling1d: [[SEQUENCE, layer("up_sampling1d", { size: 3 })]],
  zero_padding1d: [[SEQUENCE, layer("zero_padding1d", { padding: [1, 2] })]],
};

/** For every kind of layer that the library can have; of those that are not listed the plainest use. */
export const layerExamples = withPlain(listed, (kind, { input, params }): readonly Example[] => {
  const facts = layerFacts(kind);
  if ("own" in facts && facts.own.library === undefined) return [];
  return [[input, layer(kind as LayerKind, params)]];
});

/** What only ONNX can say. */
export const notInTfjs: Readonly<Record<string, Example>> = {
  "another elu": [VECTOR, layer("elu", { alpha: 0.7 })],
  "a gru that resets after the product": [SEQUENCE, layer("gru", { units: 3, resetAfter: true })],
  "a dense layer with an exponential": [VECTOR, layer("dense", { units: 3, activation: "exponential" })],
  "an approximate gelu": [VECTOR, layer("activation", { activation: "geluTanh" })],
  "a group normalization": [IMAGE, layer("group_normalization", { groups: 2 })],
  "a RMS normalization": [SEQUENCE, layer("rms_normalization")],
  "vectors of length 1": [SEQUENCE, layer("unit_normalization")],
  "a mask": [SEQUENCE, layer("masking"), layer("lstm", { units: 2 })],
  "an embedding that masks": [[5], layer("embedding", { inputDim: 8, outputDim: 3, maskZero: true })],
  attention: [SEQUENCE, layer("multi_head_attention", { numHeads: 2, keyDim: 3, causal: true, dropout: 0.5 })],
  "learnt positions": [SEQUENCE, layer("positional_embedding")],
  "positions by sines": [SEQUENCE, layer("sinusoidal_encoding")],
  "a formula": [SEQUENCE, joined("expression", [[], [layer("dense", { units: 3 })]], { expression: "a * b ^ 2" })],
  "a product of images": [IMAGE, joined("dot", [[], [layer("dense", { units: 3 })]], { axes: [1, 2] })],
  "a difference": [SEQUENCE, joined("subtract", [[], [layer("dense", { units: 3 })]])],
  "the same in both directions": [
    SEQUENCE,
    layer("bidirectional", { layer: layer("gru", { units: 3, resetAfter: true }) }),
  ],
  "an activation of ours in a lstm": [SEQUENCE, layer("lstm", { units: 3, recurrentActivation: "hardSigmoid6" })],
  "an activation of ours in a simple_rnn": [SEQUENCE, layer("simple_rnn", { units: 3, activation: "hardSigmoid6" })],
};

/** Models of every family with weights, as a training would leave them. */
export const modelExamples: Readonly<Record<string, readonly [FamilyModel, inputShape: readonly number[]]>> = {
  "a variational autoencoder with σ = exp s": [vae("exp"), [6]],
  "a variational autoencoder with σ = exp(s/2)": [vae("exp-half"), [6]],
  "an autoencoder of images": [
    {
      family: "autoencoder",
      encoder: [layer("conv2d", { filters: 3, kernelSize: 3, strides: 2, padding: "same", activation: "relu" })],
      decoder: [
        layer("conv2d_transpose", { filters: 4, kernelSize: 3, strides: 2, padding: "same", activation: "relu" }),
        layer("conv2d", { filters: 2, kernelSize: 3, padding: "same", activation: "sigmoid" }),
      ],
    },
    IMAGE,
  ],
  "an autoencoder of pictures without channels": [
    {
      family: "autoencoder",
      encoder: [layer("conv2d", { filters: 3, kernelSize: 3, strides: 2, padding: "same", activation: "relu" })],
      decoder: [
        layer("conv2d_transpose", { filters: 1, kernelSize: 3, strides: 2, padding: "same", activation: "sigmoid" }),
      ],
    },
    [6, 6],
  ],
  "a convolutional classifier": [
    sequentialOf(
      layer("conv2d", { filters: 4, kernelSize: 3, useBias: false }),
      layer("batch_normalization"),
      layer("re_lu"),
      layer("max_pooling2d"),
      layer("dropout", { rate: 0.5 }),
      layer("flatten"),
      layer("dense", { units: 3, activation: "softmax" }),
    ),
    IMAGE,
  ],
  "a recurrent classifier": [
    sequentialOf(layer("lstm", { units: 4 }), layer("dense", { units: 3, activation: "softmax" })),
    SEQUENCE,
  ],
};

function vae(scale: "exp" | "exp-half"): FamilyModel {
  return {
    family: "variational-autoencoder",
    encoder: [layer("dense", { units: 5, activation: "relu" })],
    latent: { units: 2, noise: 0.1, scale },
    decoder: [layer("dense", { units: 5, activation: "relu" }), layer("dense", { units: 6, activation: "sigmoid" })],
  };
}

export interface Trained {
  readonly model: Model;
  readonly weights: Weights;
}

/** Made-up weights, none of them zero; variances are positive. */
export async function trained(build: FamilyModel, inputShape: readonly number[]): Promise<Trained> {
  const model = await modelOf(build, inputShape);
  const tensors = new Network(model).weights.map(({ name, shape }) => {
    const values = new RandomStream(1, ["weight", name]).uniforms(new Float32Array(sizeOf(shape)));
    const shift = name.endsWith("variance") ? 0.5 : -0.5;
    return {
      name,
      tensor: tensorOf(
        "float32",
        shape,
        values.map((value) => value + shift),
      ),
    };
  });
  return { model, weights: { tensors, epoch: 1, loss: {} } };
}

/** Between −1 and 1; for an embedding, whole numbers that it knows. */
export function inputs(model: Model, items: number): Tensor<"float32"> {
  const shape = [items, ...inputShape(model)];
  const values = new RandomStream(2, ["x"]).uniforms(new Float32Array(sizeOf(shape)));
  const whole = model.nodes[0]?.kind === "embedding";
  return tensorOf(
    "float32",
    shape,
    values.map((value) => (whole ? Math.floor(value * 8) : 2 * value - 1)),
  );
}

/** The largest difference, relative to the largest value. */
export function distance(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let largest = 1e-6;
  for (let i = 0; i < expected.length; i++) {
    difference = Math.max(difference, Math.abs((actual[i] as number) - (expected[i] as number)));
    largest = Math.max(largest, Math.abs(expected[i] as number));
  }
  return difference / largest;
}

/** What `tf.loadLayersModel` makes of a folder, given inputs `[items, …]`: its outputs in order. */
export async function predicted(
  files: readonly ExportedFile[],
  part: string,
  shape: readonly number[],
  values: Float32Array,
): Promise<readonly Float32Array[]> {
  const content = (name: string) => files.find((file) => file.name === `${part}/${name}`)?.content as Uint8Array;
  const json = JSON.parse(new TextDecoder().decode(content("model.json"))) as tf.io.ModelJSON;
  const weightData = content("weights.bin").slice().buffer;
  const weightSpecs = json.weightsManifest.flatMap(({ weights }) => weights);
  const { modelTopology } = json;
  const model = await loadLayersModel(
    tf.io.fromMemory({ modelTopology: modelTopology as object, weightSpecs, weightData }),
  );
  const x = tf.tensor(values, [...shape]);
  const outputs = [model.predict(x)].flat();
  const results = outputs.map((output) => output.dataSync() as Float32Array);
  tf.dispose([x, outputs]);
  model.dispose();
  return results;
}
