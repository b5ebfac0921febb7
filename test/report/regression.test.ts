import { describe, expect, it } from "vitest";
import { datasetOfArrays, withColumn } from "../../src/artifact/columns.js";
import { storeArtifact } from "../../src/artifact/io.js";
import { tensorOf } from "../../src/artifact/tensor.js";
import type { ArtifactTypes, Dataset, Predictions } from "../../src/artifact/types.js";
import { collectFigures, defaultCharts } from "../../src/report/collect.js";
import { renderReport } from "../../src/report/index.js";
import { MemoryStore } from "../artifact/memory-store.js";
import { reportInput, variantInput, withArtifacts } from "./fixture.js";

const TRUTH = [1, 2, 3, 4.5];
const PREDICTED = [1.5, 2, 2, 5];

function regression(truth: readonly number[], each = 1): Dataset {
  const items = truth.length / each;
  const x = tensorOf("float32", [items, 2], new Float32Array(2 * items));
  const y = tensorOf("float64", each === 1 ? [items] : [items, each], Float64Array.from(truth));
  return datasetOfArrays({ name: "values", classes: null, splits: { test: { x, y } } });
}

function predictions(values: readonly number[], each = 1): Predictions {
  const items = values.length / each;
  const loss = tensorOf("float32", [items], new Float32Array(items).fill(0.5));
  return {
    split: "test",
    items,
    values: tensorOf("float32", [items, each], Float32Array.from(values)),
    itemLoss: { loss },
  };
}

async function figures(dataset: Dataset, said: Predictions, value = 0) {
  const requests = [
    { kind: "predicted-true", options: { points: 100, value }, named: true },
    { kind: "residuals", options: { points: 100, bins: 10, value }, named: true },
    { kind: "data-card", options: { samples: 2 }, named: true },
  ];
  const { charts } = await collectFigures(requests, { artifacts: { dataset, predictions: said }, seed: 1 });
  return Object.fromEntries(charts.map(({ kind, data }) => [kind, data])) as Record<string, Record<string, unknown>>;
}

describe("charts of a regression", () => {
  it("hold predictions beside what is true, and quantiles of the residual", async () => {
    const made = await figures(regression(TRUTH), predictions(PREDICTED));
    expect(made["predicted-true"]).toEqual({ split: "test", items: 4, values: 1, truth: TRUTH, predicted: PREDICTED });
    // NumPy: quantiles of [-0.5, 0, 1, -0.5].
    expect(made.residuals).toMatchObject({
      mean: 0,
      residual: [-0.5, 0, 1, -0.5],
      quantiles: { min: -0.5, q25: -0.5, median: -0.25, q75: 0.25, max: 1 },
    });
    expect(made["data-card"]).toMatchObject({ classes: [], splits: [{ counts: [] }] });
  });

  it("show one of several values", async () => {
    const made = await figures(regression([1, 10, 2, 20], 2), predictions([1, 11, 2, 19], 2), 1);
    expect(made["predicted-true"]).toMatchObject({ truth: [10, 20], predicted: [11, 19], values: 2 });
    const beyond = await figures(regression(TRUTH), predictions(PREDICTED), 1);
    expect(beyond.residuals).toEqual({ absent: "an item has one value only" });
  });

  it("leave out what is no number, and say why there is nothing", async () => {
    const broken = await figures(regression(TRUTH), predictions([Number.NaN, 2, 2, 5]));
    expect(broken["predicted-true"]).toMatchObject({ items: 4, truth: [2, 3, 4.5] });
    const { values: _, ...none } = predictions(PREDICTED);
    expect((await figures(regression(TRUTH), none))["predicted-true"]).toEqual({
      absent: "the model predicts no values",
    });
    const flags = regression([1, 0, 0, 1], 2);
    const labels = withColumn(flags, { ...(flags.columns[1] as Dataset["columns"][number]), meaning: "category" });
    expect((await figures(labels, predictions([1, 0, 0, 1], 2))).residuals).toEqual({
      absent: "the labels are no values",
    });
  });

  it("stand in the report", async () => {
    const store = new MemoryStore();
    const dataset = regression(TRUTH);
    const variants = await Promise.all(
      ["one", "two"].map(async (name, i) => {
        const said = predictions(PREDICTED.map((value) => value + i));
        const artifacts = { dataset, predictions: said };
        const made = await collectFigures(defaultCharts(), { artifacts, seed: 1 });
        const digests = Object.entries({ ...artifacts, figures: made }).map(([kind, value]) => [
          kind,
          storeArtifact(store, kind as keyof ArtifactTypes, value as never).digest,
        ]);
        return withArtifacts(variantInput({ name, hidden: 4 }), Object.fromEntries(digests));
      }),
    );
    const html = new TextDecoder().decode(await renderReport(reportInput(variants, {}), store));
    for (const id of ["predicted-true", "residuals"]) expect(html).toContain(`id="${id}"`);
    expect(html).not.toContain("Share of each class");
  });
});
