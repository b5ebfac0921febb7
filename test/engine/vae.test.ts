import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { floatValues } from "../../src/artifact/tensor.js";
import { RandomStream } from "../../src/base/random.js";
import { dataKinds, trainingProgram } from "../../src/engine/program.js";
import { ADAM, engineOf, itemsOf, modelOf, objectiveFor, pixels, unwrap, VAE_LOSS, vaeOf } from "./support.js";

const PIXELS = 12;
const BATCH = 3;
type State = Readonly<Record<string, Float32Array>>;

/** x·kernel + bias for one item. */
function dense(state: State, name: string, x: readonly number[]): number[] {
  const bias = state[`${name}/bias`] as Float32Array;
  const kernel = state[`${name}/kernel`] as Float32Array;
  return [...bias].map((b, j) => x.reduce((sum, value, i) => sum + value * (kernel[i * bias.length + j] as number), b));
}

const relu = (x: number) => Math.max(0, x);
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** The loss of one item by the formulas of the family, in double precision. */
function lossByHand(state: State, x: number[], noise: number[], scale: "exp" | "exp-half", spread: number) {
  const features = dense(state, "encoder/dense", x).map(relu);
  const mean = dense(state, "latent/mean", features);
  const s = dense(state, "latent/scale", features);
  const z = mean.map((m, i) => {
    const deviation = Math.exp(scale === "exp" ? (s[i] as number) : (s[i] as number) / 2);
    return m + deviation * spread * (noise[i] as number);
  });
  const output = dense(state, "decoder/dense_1", dense(state, "decoder/dense", z).map(relu)).map(sigmoid);
  const reconstruction = -output.reduce(
    (sum, p, i) => sum + (x[i] as number) * Math.log(p) + (1 - (x[i] as number)) * Math.log(1 - p),
    0,
  );
  const kl = -0.5 * mean.reduce((sum, m, i) => sum + 1 + (s[i] as number) - m * m - Math.exp(s[i] as number), 0);
  return { reconstruction, kl };
}

describe.each([
  ["exp", 0.1, 1],
  ["exp-half", 1, 1],
  ["exp-half", 0.5, 4],
] as const)("scale %s, noise %d, kl %d", (scale, spread, kl) => {
  it("has the loss of its formulas", async () => {
    const model = await modelOf(vaeOf(PIXELS, 5, { scale, noise: spread }), [PIXELS]);
    const x = pixels([BATCH, PIXELS]);
    const data = dataKinds(itemsOf({ x, y: null }));
    const program = trainingProgram(
      { model, data, objective: objectiveFor(model, { ...VAE_LOSS, kl }) },
      { optimizer: ADAM },
      7,
    );
    const compiled = unwrap(await (await engineOf("cpu")).compileTraining(program));
    const noise = new RandomStream(1, ["test"]).normals(new Float32Array(BATCH * 2));
    const state = await compiled.readState();
    const rows = unwrap(
      await compiled.run(BATCH, 1, { x: x.bytes.load(), "draw.noise": noise }, Float32Array.of(0.001)),
    );
    const items = Array.from({ length: BATCH }, (_, i) => {
      const pixelsOfItem = [...floatValues(x, i * PIXELS, PIXELS)];
      return lossByHand(state, pixelsOfItem, [...noise.subarray(2 * i, 2 * i + 2)], scale, spread);
    });
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / BATCH;
    expect(rows.reconstruction?.[0]).toBeCloseTo(mean(items.map((item) => item.reconstruction)), 5);
    expect(rows.kl?.[0]).toBeCloseTo(mean(items.map((item) => item.kl)), 5);
    expect(rows.loss?.[0]).toBeCloseTo(mean(items.map((item) => item.reconstruction + kl * item.kl)), 5);
    compiled.dispose();
  });

  it("has the gradients of finite differences", async () => {
    const model = await modelOf(vaeOf(PIXELS, 5, { scale, noise: spread }), [PIXELS]);
    const x = pixels([BATCH, PIXELS]);
    const data = dataKinds(itemsOf({ x, y: null }));
    const program = trainingProgram(
      { model, data, objective: objectiveFor(model, { ...VAE_LOSS, kl }) },
      { optimizer: ADAM },
      7,
    );
    const noise = new RandomStream(1, ["test"]).normals(new Float32Array(BATCH * 2));
    const variables = program.variables();
    const state: Record<string, Float32Array> = {};
    for (const variable of variables) state[variable.name] = Float32Array.from(variable.dataSync());
    const inputs = { x: tf.tensor(floatValues(x), [BATCH, PIXELS]), "draw.noise": tf.tensor(noise, [BATCH, 2]) };
    const { grads } = tf.variableGrads(() => program.loss(inputs).loss, [...variables]);
    const lossAt = (moved: State) =>
      Array.from({ length: BATCH }, (_, i) => {
        const item = [...floatValues(x, i * PIXELS, PIXELS)];
        const parts = lossByHand(moved, item, [...noise.subarray(2 * i, 2 * i + 2)], scale, spread);
        return parts.reconstruction + kl * parts.kl;
      }).reduce((sum, loss) => sum + loss / BATCH, 0);
    for (const { name } of variables) {
      const gradient = grads[name]?.dataSync() as Float32Array;
      const at = Math.floor(gradient.length / 2);
      const original = (state[name] as Float32Array)[at] as number;
      const moved = (by: number) => lossAt({ ...state, [name]: (state[name] as Float32Array).with(at, original + by) });
      const difference = (moved(2e-3) - moved(-2e-3)) / (Math.fround(original + 2e-3) - Math.fround(original - 2e-3));
      expect(gradient[at], name).toBeCloseTo(difference, 2);
    }
    for (const variable of variables) variable.dispose();
  });
});
