import { describe, expect, it } from "vitest";
import { kindNames } from "../../src/gen/tables.js";
import { compareTraining } from "./support/compare.js";
import { type Setup, sequentialProgram, type Written } from "./support/models.js";

const LAYERS: readonly Written[] = [{ dense: { units: 8, activation: "tanh" } }, { dense: { units: 3 } }];
const TOLERANCE = 1e-5;

async function errorOf(layers: readonly Written[], setup: Setup, rate = 0.01): Promise<number> {
  const make = await sequentialProgram(layers, [6], setup);
  const one = await compareTraining(make, { batch: 5, steps: 1, rate });
  const ten = await compareTraining(make, { batch: 5, steps: 10, rate });
  return Math.max(one.scalars, one.state, ten.scalars, ten.state);
}

describe("every optimizer steps as on the cpu backend", () => {
  it.each(kindNames.optimizers?.names ?? [])("%s", async (optimizer) => {
    expect(await errorOf(LAYERS, { optimizer })).toBeLessThan(TOLERANCE);
  });

  const variants: readonly Written[] = [
    { sgd: { momentum: 0.9 } },
    { sgd: { momentum: 0.9, nesterov: true } },
    { rmsprop: { momentum: 0.5, centered: true } },
    { adam: { beta1: 0.5, beta2: 0.9, epsilon: 1e-3 } },
  ];
  it.each(variants)("%j", async (optimizer) => {
    expect(await errorOf(LAYERS, { optimizer })).toBeLessThan(TOLERANCE);
  });

  it.each([{ norm: 0.05 }, { norm: 1000 }, { value: 0.01 }])("clipping by %j", async (clip) => {
    expect(await errorOf(LAYERS, { optimizer: "adam", clip })).toBeLessThan(TOLERANCE);
  });
});

describe("every loss", () => {
  it.each(kindNames.losses?.names ?? [])("%s of values", async (loss) => {
    const last = loss.endsWith("crossentropy") ? "sigmoid" : "linear";
    const layers = [...LAYERS.slice(0, -1), { dense: { units: 3, activation: last } }];
    expect(await errorOf(layers, { loss })).toBeLessThan(TOLERANCE);
  });

  it("categorical crossentropy of classes, on logits", async () => {
    const layers = [...LAYERS, "softmax"];
    const setup: Setup = { loss: "categorical-crossentropy", labels: "classes", classWeights: [1, 0.5, 3] };
    expect(await errorOf(layers, setup)).toBeLessThan(TOLERANCE);
    const smooth: Setup = { ...setup, loss: { "categorical-crossentropy": { labelSmoothing: 0.1 } } };
    expect(await errorOf(layers, smooth)).toBeLessThan(TOLERANCE);
  });

  it("binary crossentropy on logits", async () => {
    const layers = [...LAYERS.slice(0, -1), { dense: { units: 3, activation: "sigmoid" } }];
    expect(await errorOf(layers, { loss: "binary-crossentropy", x: "uint8" })).toBeLessThan(TOLERANCE);
  });
});
