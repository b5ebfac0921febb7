/** The models that the benchmarks train, as a stage `build` describes them, with data made up for them. */
import { buildGraph } from "../dist/src/engine/build.js";
import { objectiveOf } from "../dist/src/engine/objective.js";
import { evaluationProgram, trainingProgram } from "../dist/src/engine/program.js";
import { graphOf } from "./graph.js";

const weights = { kernelInitializer: { glorotUniform: {} }, biasInitializer: { zeros: {} }, useBias: true };
const dense = (units, activation) => ({ dense: { units, activation, ...weights } });
const conv = (filters, activation) => ({
  conv2d: { filters, kernelSize: 3, strides: 1, padding: "valid", dilationRate: 1, activation, ...weights },
});
const pool = { max_pooling2d: { poolSize: 2, padding: "valid" } };

export const ADAM = { adam: { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } };
const PIXELS = { dtype: "uint8", scale: 1 / 255, offset: 0 };
export const IMAGES_PER_EPOCH = 60_000;

/** The reference experiment: 784 → hidden → 2 → hidden → 784. */
export function vae(hidden) {
  return {
    name: `VAE 784-${hidden}-2-${hidden}-784, batch 32`,
    batch: 32,
    inputShape: [784],
    build: {
      family: "variational-autoencoder",
      encoder: [dense(hidden, "relu")],
      latent: { units: 2, noise: 0.1, scale: "exp" },
      decoder: [dense(hidden, "relu"), dense(784, "sigmoid")],
    },
    loss: { reconstruction: { "binary-crossentropy": {} }, kl: 1 },
    data: { x: { ...PIXELS, shape: [784] } },
  };
}

export const cnn = {
  name: "CNN conv32-pool-conv64-pool-dense128-dense10, batch 64",
  batch: 64,
  inputShape: [28, 28, 1],
  build: {
    family: "sequential",
    layers: [conv(32, "relu"), pool, conv(64, "relu"), pool, { flatten: {} }, dense(128, "relu"), dense(10, "softmax")],
  },
  loss: { "categorical-crossentropy": { labelSmoothing: 0 } },
  data: { x: { ...PIXELS, shape: [28, 28, 1] }, y: { dtype: "int32", shape: [], scale: 1, offset: 0 } },
};

export async function programs(model) {
  const built = await buildGraph(graphOf(model.build), () => model.inputShape);
  if (!built.ok) throw new Error(JSON.stringify(built.error));
  const objective = objectiveOf(built.value, undefined, { loss: model.loss });
  if (!objective.ok) throw new Error(JSON.stringify(objective.error));
  const setup = { model: built.value, data: model.data, objective: objective.value };
  return {
    training: () => trainingProgram(setup, { optimizer: ADAM }, 1),
    evaluation: () => evaluationProgram(setup),
  };
}

/** Data for some steps: digits-like images (a fifth of the pixels lit), labels, noise. */
export function dataFor(program, batch, steps) {
  return Object.fromEntries(
    program.inputs(batch).map(({ name, shape, dtype }) => {
      const size = steps * shape.reduce((a, b) => a * b, 1);
      if (dtype === "uint8")
        return [name, Uint8Array.from({ length: size }, (_, i) => (hash(i) % 5 ? 0 : hash(i + 1)))];
      if (dtype === "int32") return [name, Int32Array.from({ length: size }, (_, i) => hash(i) % 10)];
      return [name, Float32Array.from({ length: size }, (_, i) => hash(i) / 128 - 1)];
    }),
  );
}

function hash(i) {
  return (Math.imul(i, 0x9e3779b1) >>> 16) & 255;
}
