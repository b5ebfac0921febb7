import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { multiLabelMetrics } from "../../src/engine/multi-label.js";
import { partsOfMetric, regressionOf } from "../../src/engine/regression.js";

/** Made by `predictions/make.py`, which asks scikit-learn. */
const known = JSON.parse(readFileSync(new URL("predictions/predictions.json", import.meta.url), "utf8"));

describe("metrics of a regression", () => {
  it.each([0, 1])("are those of scikit-learn (%i)", (i) => {
    const { targets, predicted, items, values } = known.regression[i];
    const measured = regressionOf(predicted, targets, items);
    expect(measured.unmeasured).toEqual({});
    expect(Object.keys(measured.values).sort()).toEqual(Object.keys(values).sort());
    for (const [name, value] of Object.entries(values))
      expect(measured.values[name], name).toBeCloseTo(value as number, 9);
  });

  it("have a reason where there is no value", () => {
    const one = regressionOf([1, 2], [1, 3], 1);
    expect(one.unmeasured).toMatchObject({ r2: "there is one item only", explainedVariance: "there is one item only" });
    const same = regressionOf([1, 2, 3], [5, 5, 5], 3);
    expect(same.values).toMatchObject({ meanAbsoluteError: 3, residualQ50: 3 });
    expect(same.unmeasured.r2).toBe("all 3 items have the same value, 5");
  });

  it("of single values stay away where an item has many", () => {
    const many = Array.from({ length: 44 }, (_, i) => i);
    expect(Object.keys(regressionOf(many, many, 4).values)).not.toContain("r2_0");
    expect(partsOfMetric("residualQ5_12")).toEqual({ metric: "residualQ5", value: 12 });
    expect(partsOfMetric("residualQ5")).toEqual({ metric: "residualQ5", value: null });
  });
});

describe("metrics of several labels", () => {
  it("are those of scikit-learn", () => {
    const { truth, scores, items, values } = known.multiLabel;
    const measured = multiLabelMetrics({ truth, scores, items });
    expect(measured.unmeasured).toEqual({});
    expect(Object.keys(measured.values).sort()).toEqual(Object.keys(values).sort());
    for (const [name, value] of Object.entries(values))
      expect(measured.values[name], name).toBeCloseTo(value as number, 9);
  });

  it("leave labels out of which nothing can be said", () => {
    const never = multiLabelMetrics({ truth: [0, 0], scores: [-1, -2], items: 2 });
    expect(never.values).toEqual({ subsetAccuracy: 1, labelAccuracy: 1 });
    expect(never.unmeasured).toEqual({
      macroF1: "no label occurs or is called",
      rocAuc: "no label holds for some items only",
    });
  });
});
