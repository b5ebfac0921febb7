import { describe, expect, it } from "vitest";
import { compareTraining } from "./support/compare.js";
import { ACTIVATIONS, layerExamples } from "./support/examples.js";
import { sequentialProgram } from "./support/models.js";

const TOLERANCE = 1e-5;

const cases = Object.entries(layerExamples).flatMap(([kind, list]) =>
  list.map((example, i) => ({ kind, example, i: i + 1 })),
);

describe("every kind of layer trains as on the cpu backend", () => {
  it.each(cases)("$kind $i", async ({ example }) => {
    const make = await sequentialProgram(example.layers, example.input, example.setup);
    for (const steps of [1, 10]) {
      const error = await compareTraining(make, { batch: 5, steps, rate: 0.05 });
      expect(error.scalars).toBeLessThan(TOLERANCE);
      expect(error.state).toBeLessThan(TOLERANCE);
    }
  });
});

describe("every activation", () => {
  it.each(ACTIVATIONS)("%s", async (activation) => {
    const make = await sequentialProgram([{ dense: { units: 8, activation } }, { dense: { units: 2 } }], [6]);
    const error = await compareTraining(make, { batch: 5, steps: 10, rate: 0.05 });
    expect(Math.max(error.scalars, error.state)).toBeLessThan(TOLERANCE);
  });
});
