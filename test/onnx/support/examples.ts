import type { StepProgram } from "../../../src/engine/engine.js";
import { kindNames } from "../../../src/gen/tables.js";
import { withPlain } from "../../layers/plain.js";
import { type Setup, sequentialProgram, vaeProgram, type Written } from "./models.js";

export interface Example {
  readonly layers: readonly Written[];
  readonly input: readonly number[];
  readonly setup?: Setup;
}

const IMAGE = [6, 8, 3];
const STEPS = [5, 4];
const VECTOR = [6];

const on = (input: readonly number[], ...layers: Written[]): Example => ({ input, layers });

/** Models that train with layers; a weighted layer in front makes gradients flow. */
const listed: Readonly<Record<string, readonly Example[]>> = {
  activation: [on(VECTOR, { dense: { units: 4 } }, { activation: { activation: "tanh" } }, { dense: { units: 2 } })],
  add: [on(VECTOR, { dense: { units: 4 } }, { add: { branches: [[], [{ dense: { units: 4 } }]] } })],
  average_pooling1d: [on(STEPS, { dense: { units: 4 } }, "average_pooling1d")],
  average_pooling2d: [
    on(IMAGE, { conv2d: { filters: 2, kernelSize: 1 } }, "average_pooling2d"),
    on(IMAGE, { conv2d: { filters: 2, kernelSize: 1 } }, { average_pooling2d: { poolSize: 3, strides: 2 } }),
  ],
  batch_normalization: [
    // No bias in front: its gradient is zero but for rounding, and rounding has no relative error to speak of.
    on(VECTOR, { dense: { units: 4, useBias: false } }, "batch_normalization", { dense: { units: 2 } }),
    on(IMAGE, { conv2d: { filters: 2, kernelSize: 3, useBias: false } }, { batch_normalization: { momentum: 0.5 } }),
    on(
      VECTOR,
      { dense: { units: 4, useBias: false } },
      { batch_normalization: { center: false } },
      { dense: { units: 2 } },
    ),
    on(
      VECTOR,
      { dense: { units: 4, useBias: false } },
      { batch_normalization: { scale: false } },
      { dense: { units: 2 } },
    ),
  ],
  bidirectional: [
    on(STEPS, { bidirectional: { layer: { lstm: { units: 3 } } } }, { dense: { units: 2 } }),
    on(STEPS, { bidirectional: { layer: { gru: { units: 3, returnSequences: true } }, mergeMode: "sum" } }),
    on(STEPS, { bidirectional: { layer: { lstm: { units: 4, returnSequences: true } }, mergeMode: "concat" } }),
    on(STEPS, { bidirectional: { layer: { simple_rnn: { units: 3 } }, mergeMode: "mul" } }),
    on(STEPS, { bidirectional: { layer: { simple_rnn: { units: 3 } }, mergeMode: "ave" } }),
  ],
  concatenate: [on(VECTOR, { concatenate: { branches: [[{ dense: { units: 3 } }], [{ dense: { units: 2 } }]] } })],
  conv1d: [
    on(STEPS, { conv1d: { filters: 3, kernelSize: 2, activation: "relu" } }, { conv1d: { filters: 2, kernelSize: 2 } }),
    on(STEPS, { conv1d: { filters: 3, kernelSize: 3, strides: 2, padding: "same" } }),
    on(STEPS, { conv1d: { filters: 3, kernelSize: 2, padding: "causal" } }, { dense: { units: 2 } }),
    on(STEPS, { conv1d: { filters: 3, kernelSize: 2, dilationRate: 2, useBias: false } }, { dense: { units: 2 } }),
    on(STEPS, { conv1d: { filters: 3, kernelSize: 2, dilationRate: 2, padding: "causal" } }, { dense: { units: 2 } }),
  ],
  conv2d: [
    on(IMAGE, { conv2d: { filters: 4, kernelSize: 3, activation: "relu" } }, { conv2d: { filters: 2, kernelSize: 3 } }),
    on(IMAGE, { conv2d: { filters: 4, kernelSize: [3, 2], strides: 2, padding: "same" } }, "flatten", {
      dense: { units: 2 },
    }),
    on(IMAGE, { conv2d: { filters: 2, kernelSize: 2, dilationRate: [2, 3], useBias: false } }, "flatten"),
  ],
  conv2d_transpose: [
    on(IMAGE, { conv2d_transpose: { filters: 2, kernelSize: 3, strides: 2, padding: "same", activation: "relu" } }),
    on(IMAGE, { conv2d: { filters: 2, kernelSize: 3 } }, { conv2d_transpose: { filters: 3, kernelSize: 3 } }),
    on(IMAGE, { conv2d_transpose: { filters: 2, kernelSize: 2, useBias: false } }),
  ],
  dense: [
    on(VECTOR, { dense: { units: 4, activation: "relu" } }, { dense: { units: 2, activation: "sigmoid" } }),
    on(VECTOR, {
      dense: {
        units: 4,
        kernelRegularizer: { l1: 0.01, l2: 0.02 },
        biasRegularizer: { l2: 0.1 },
        biasInitializer: "ones",
      },
    }),
  ],
  depthwise_conv2d: [
    on(IMAGE, { depthwise_conv2d: { kernelSize: 3, depthMultiplier: 2 } }, { depthwise_conv2d: { kernelSize: 2 } }),
    on(IMAGE, { depthwise_conv2d: { kernelSize: 3, strides: 2, padding: "same" } }),
    on(IMAGE, { depthwise_conv2d: { kernelSize: 2, dilationRate: 2, useBias: false } }, "flatten"),
  ],
  dropout: [on(VECTOR, { dense: { units: 8 } }, { dropout: { rate: 0.4 } }, { dense: { units: 2 } })],
  elu: [on(VECTOR, { dense: { units: 4 } }, "elu", { dense: { units: 2 } })],
  embedding: [
    {
      ...on([5], { embedding: { inputDim: 3, outputDim: 4 } }, "flatten", { dense: { units: 2 } }),
      setup: { x: "int32" },
    },
  ],
  expression: [on(VECTOR, { dense: { units: 4 } }, { expression: { expression: "x * tanh(x - 0.1) ^ 2 + 1" } })],
  flatten: [on(IMAGE, "flatten", { dense: { units: 2 } })],
  gaussian_dropout: [on(VECTOR, { dense: { units: 4 } }, { gaussian_dropout: { rate: 0.3 } }, { dense: { units: 2 } })],
  gaussian_noise: [on(VECTOR, { dense: { units: 4 } }, { gaussian_noise: { stddev: 0.2 } }, { dense: { units: 2 } })],
  global_average_pooling1d: [on(STEPS, { dense: { units: 4 } }, "global_average_pooling1d")],
  global_average_pooling2d: [on(IMAGE, { conv2d: { filters: 2, kernelSize: 3 } }, "global_average_pooling2d")],
  global_max_pooling1d: [on(STEPS, { dense: { units: 4 } }, "global_max_pooling1d")],
  global_max_pooling2d: [on(IMAGE, { conv2d: { filters: 2, kernelSize: 3 } }, "global_max_pooling2d")],
  gru: [
    on(STEPS, { gru: { units: 3 } }, { dense: { units: 2 } }),
    on(STEPS, { gru: { units: 3, goBackwards: true } }),
    on(STEPS, { gru: { units: 3, useBias: false } }),
  ],
  layer_normalization: [
    on(VECTOR, { dense: { units: 4 } }, "layer_normalization", { dense: { units: 2 } }),
    on(
      VECTOR,
      { dense: { units: 4 } },
      { layer_normalization: { center: false, scale: false } },
      { dense: { units: 2 } },
    ),
  ],
  leaky_re_lu: [on(VECTOR, { dense: { units: 4 } }, "leaky_re_lu", { dense: { units: 2 } })],
  lstm: [
    on(STEPS, { lstm: { units: 3 } }, { dense: { units: 2 } }),
    on(STEPS, { lstm: { units: 3, returnSequences: true } }, { lstm: { units: 2 } }),
    on(STEPS, { lstm: { units: 3, useBias: false } }),
  ],
  max_pooling1d: [on(STEPS, { dense: { units: 4 } }, "max_pooling1d")],
  max_pooling2d: [
    on(IMAGE, { conv2d: { filters: 2, kernelSize: 3, activation: "relu" } }, "max_pooling2d", "flatten", {
      dense: { units: 2 },
    }),
    on(
      IMAGE,
      { conv2d: { filters: 2, kernelSize: 1 } },
      { max_pooling2d: { poolSize: 3, strides: 2, padding: "same" } },
    ),
  ],
  permute: [on(STEPS, { permute: { dims: [2, 1] } }, { dense: { units: 2 } })],
  prelu: [on(VECTOR, { dense: { units: 4 } }, "prelu", { dense: { units: 2 } })],
  re_lu: [
    on(VECTOR, { dense: { units: 4 } }, "re_lu", { dense: { units: 2 } }),
    on(VECTOR, { dense: { units: 4 } }, { re_lu: { maxValue: 0.5 } }, { dense: { units: 2 } }),
  ],
  reshape: [on(IMAGE, { reshape: { targetShape: [8, 18] } }, { dense: { units: 2 } })],
  separable_conv2d: [
    on(IMAGE, { separable_conv2d: { filters: 4, kernelSize: 3, depthMultiplier: 2 } }),
    on(IMAGE, { separable_conv2d: { filters: 4, kernelSize: 3, padding: "same", activation: "relu" } }, "flatten"),
    on(IMAGE, { separable_conv2d: { filters: 4, kernelSize: 2, dilationRate: 2, useBias: false } }),
  ],
  simple_rnn: [on(STEPS, { simple_rnn: { units: 3 } }, { dense: { units: 2 } })],
  softmax: [on(VECTOR, { dense: { units: 4 } }, "softmax", { dense: { units: 2 } })],
  up_sampling2d: [
    // First in the model, where the gradient that tfjs gets wrong (finite-differences.test.ts) is not needed.
    on([3, 2, 2], "up_sampling2d", { conv2d: { filters: 2, kernelSize: 3 } }),
    on([3, 3, 2], { conv2d: { filters: 2, kernelSize: 1 } }, { up_sampling2d: { interpolation: "bilinear" } }),
  ],
  zero_padding2d: [
    on(
      IMAGE,
      { conv2d: { filters: 2, kernelSize: 3 } },
      {
        zero_padding2d: {
          padding: [
            [1, 2],
            [0, 1],
          ],
        },
      },
      {
        conv2d: { filters: 2, kernelSize: 3 },
      },
    ),
  ],
  alpha_dropout: [on(VECTOR, { dense: { units: 8 } }, { alpha_dropout: { rate: 0.4 } }, { dense: { units: 2 } })],
  cropping1d: [on(STEPS, { dense: { units: 4 } }, { cropping1d: { cropping: [1, 2] } })],
  cropping2d: [
    on(
      IMAGE,
      { conv2d: { filters: 2, kernelSize: 1 } },
      {
        cropping2d: {
          cropping: [
            [1, 2],
            [0, 1],
          ],
        },
      },
    ),
  ],
  group_normalization: [on(IMAGE, { conv2d: { filters: 4, kernelSize: 3 } }, { group_normalization: { groups: 2 } })],
  masking: [
    on(STEPS, "masking", { lstm: { units: 3 } }),
    on(STEPS, "masking", { multi_head_attention: { numHeads: 1, keyDim: 2, useBias: false } }),
  ],
  multi_head_attention: [
    on(
      STEPS,
      { dense: { units: 4 } },
      { multi_head_attention: { numHeads: 2, keyDim: 3, causal: true, dropout: 0.3, useBias: false } },
    ),
  ],
  positional_embedding: [on(STEPS, "positional_embedding", { dense: { units: 2 } })],
  repeat_vector: [on(VECTOR, { dense: { units: 4 } }, { repeat_vector: { n: 3 } })],
  rms_normalization: [on(STEPS, { dense: { units: 4 } }, "rms_normalization", { dense: { units: 2 } })],
  sinusoidal_encoding: [on(STEPS, { dense: { units: 4 } }, "sinusoidal_encoding", { dense: { units: 2 } })],
  spatial_dropout1d: [
    on(STEPS, { dense: { units: 8 } }, { spatial_dropout1d: { rate: 0.4 } }, { dense: { units: 2 } }),
  ],
  spatial_dropout2d: [
    on(
      IMAGE,
      { conv2d: { filters: 8, kernelSize: 1 } },
      { spatial_dropout2d: { rate: 0.4 } },
      { conv2d: { filters: 2, kernelSize: 1 } },
    ),
  ],
  unit_normalization: [on(STEPS, { dense: { units: 4 } }, "unit_normalization", { dense: { units: 2 } })],
  up_sampling1d: [on(STEPS, { dense: { units: 4 } }, { up_sampling1d: { size: 3 } })],
  zero_padding1d: [on(STEPS, { dense: { units: 4 } }, { zero_padding1d: { padding: [1, 2] } })],
};

/** For every kind of layer at least one: of those that are not listed the plainest, behind one with weights. */
export const layerExamples = withPlain(listed, (kind, { input, params }) => [
  on(input, { dense: { units: input.at(-1) } }, { [kind]: params }),
]);

export const ACTIVATIONS: readonly string[] =
  "linear relu relu6 leakyRelu elu selu gelu geluTanh sigmoid hardSigmoid hardSigmoid6 logSigmoid tanh hardTanh softmax logSoftmax softplus softsign silu swish hardSilu mish exponential".split(
    " ",
  );

type Make = () => StepProgram;

const HIDDEN: Written = { dense: { units: 8, activation: "tanh" } };
const [DENSE, SIGMOID] = [{ dense: { units: 3 } }, { dense: { units: 3, activation: "sigmoid" } }];

/** Other forms of optimizers than their defaults, and what is done to gradients before. */
const UPDATES: readonly Setup[] = [
  { optimizer: { sgd: { momentum: 0.9 } } },
  { optimizer: { sgd: { momentum: 0.9, nesterov: true } } },
  { optimizer: { rmsprop: { momentum: 0.5, centered: true } } },
  { optimizer: "adam", clip: { norm: 0.05 } },
  { optimizer: "adam", clip: { value: 0.01 } },
];

/** Models in which layers, losses and updates meet; "wide" are those of a size that takes the slow engines long. */
const MODELS: Readonly<Record<string, () => Promise<Make>>> = {
  "variational autoencoder": () => vaeProgram(),
  "wide variational autoencoder": () => vaeProgram({ hidden: 64, pixels: 784, optimizer: "adam" }),
  classifier: () =>
    sequentialProgram([HIDDEN, DENSE, "softmax"], VECTOR, {
      loss: { "categorical-crossentropy": { labelSmoothing: 0.1 } },
      labels: "classes",
      classWeights: [1, 0.5, 3],
      optimizer: "rmsprop",
    }),
  "convolutional classifier": () =>
    sequentialProgram(
      [
        { conv2d: { filters: 8, kernelSize: 3, activation: "relu" } },
        { max_pooling2d: { poolSize: 2 } },
        { conv2d: { filters: 16, kernelSize: 3, activation: "relu", padding: "same" } },
        { max_pooling2d: { poolSize: 2, padding: "same" } },
        "flatten",
        { dropout: { rate: 0.3 } },
        { dense: { units: 10, activation: "softmax" } },
      ],
      [12, 12, 1],
      { x: "uint8", loss: "categorical-crossentropy", labels: "classes", optimizer: "adam" },
    ),
  "wide convolution": () =>
    sequentialProgram(
      [{ conv2d: { filters: 64, kernelSize: 3 } }, { conv2d: { filters: 64, kernelSize: 3, strides: 2 } }],
      [16, 16, 32],
    ),
};

/** The training steps that are recorded, by what they show: every kind of layer, activation, optimizer and loss. */
export async function recordedPrograms(): Promise<readonly (readonly [label: string, make: Make])[]> {
  const programs: [string, Make][] = [];
  for (const [kind, list] of Object.entries(layerExamples)) {
    for (const [i, { layers, input, setup }] of list.entries()) {
      programs.push([`${kind} ${i + 1}`, await sequentialProgram(layers, input, setup)]);
    }
  }
  for (const activation of ACTIVATIONS) {
    programs.push([activation, await sequentialProgram([{ dense: { units: 8, activation } }, DENSE], VECTOR)]);
  }
  const optimizers = (kindNames.optimizers?.names ?? []).map((optimizer): Setup => ({ optimizer }));
  for (const setup of [...optimizers, ...UPDATES]) {
    programs.push([JSON.stringify(setup), await sequentialProgram([HIDDEN, DENSE], VECTOR, setup)]);
  }
  for (const loss of kindNames.losses?.names ?? []) {
    const last = loss.endsWith("crossentropy") ? SIGMOID : DENSE;
    programs.push([loss, await sequentialProgram([HIDDEN, last], VECTOR, { loss })]);
  }
  for (const [label, make] of Object.entries(MODELS)) programs.push([label, await make()]);
  return programs;
}
