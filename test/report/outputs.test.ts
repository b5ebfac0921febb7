import { describe, expect, it } from "vitest";
import { columnData } from "../../src/artifact/columns.js";
import { fetchArtifact, storeArtifact } from "../../src/artifact/io.js";
import { tensorOf } from "../../src/artifact/tensor.js";
import type { Column, Dataset, Predictions } from "../../src/artifact/types.js";
import { collectFigures, defaultCharts } from "../../src/report/collect.js";
import { viewOf } from "../../src/report/output-views.js";
import { drawParts } from "../../src/report/parts.js";
import { MemoryStore } from "../artifact/memory-store.js";
import { reportInput, variantInput, withArtifacts } from "./fixture.js";
import { twoByTwo } from "./graph-models.js";

const ITEMS = 6;
const species = tensorOf("uint8", [ITEMS], Uint8Array.from([0, 1, 2, 0, 1, 2]));
const price = tensorOf("float32", [ITEMS], Float32Array.from([1, 2, 3, 4, 5, 6]));
const pictures = tensorOf("uint8", [ITEMS, 28, 28, 1], new Uint8Array(ITEMS * 784).fill(9));
const table = tensorOf("float32", [ITEMS, 13], new Float32Array(ITEMS * 13));

function column(
  name: string,
  role: Column["role"],
  meaning: Column["meaning"],
  shape: number[],
  dtype: Column["dtype"],
) {
  return { name, role, meaning, shape, dtype, scale: 1, offset: 0 };
}

const dataset: Dataset = {
  name: "houses",
  columns: [
    column("measurements", "input", "number", [13], "float32"),
    column("price", "target", "number", [], "float32"),
    column("picture", "input", "image", [28, 28, 1], "uint8"),
    { ...column("species", "target", "category", [], "uint8"), classes: ["oak", "elm", "ash"] },
  ],
  splits: {
    test: {
      items: ITEMS,
      columns: {
        measurements: columnData(table),
        price: columnData(price),
        picture: columnData(pictures),
        species: columnData(species),
      },
    },
  },
  sources: [],
  steps: [],
};

/** Right but for the last, which it takes for an oak. */
const said = [0, 1, 2, 0, 1, 0];
const probabilities = tensorOf(
  "float32",
  [ITEMS, 3],
  Float32Array.from(said.flatMap((of) => [0, 1, 2].map((c) => (c === of ? 0.8 : 0.1)))),
);
const values = tensorOf("float32", [ITEMS, 1], Float32Array.from([1, 2, 3, 4, 5, 7]));
const itemLoss = (scale: number) => tensorOf("float32", [ITEMS], new Float32Array(ITEMS).fill(scale));
const predictions: Predictions = {
  split: "test",
  items: ITEMS,
  probabilities,
  values,
  outputs: { kind: { probabilities }, price: { values } },
  itemLoss: { loss: itemLoss(3), "kind.loss": itemLoss(1), "price.loss": itemLoss(2) },
};

describe("a model with several outputs", () => {
  it("has a chart of each output that it can be drawn for, under the output's name", async () => {
    const store = new MemoryStore();
    const artifacts = { dataset, model: twoByTwo(), predictions };
    const figures = await collectFigures(defaultCharts(), { artifacts, seed: 1 });
    const confusion = figures.charts.filter(({ kind }) => kind === "confusion");
    expect(confusion.map(({ id, output }) => [id, output])).toEqual([["confusion-of-kind", "kind"]]);
    expect(confusion[0]?.data).toMatchObject({
      names: ["oak", "elm", "ash"],
      matrix: [
        [2, 0, 0],
        [0, 2, 0],
        [1, 0, 1],
      ],
    });
    // The pictures of the model's inputs, although the table comes first in the data.
    expect(figures.charts.map(({ id }) => id)).toContain("mistakes-of-kind");

    const digests = Object.entries({ ...artifacts, figures }).map(([kind, value]) => [
      kind,
      storeArtifact(store, kind as "figures", value as never).digest,
    ]);
    const variant = withArtifacts(variantInput({ name: "trees", hidden: 8 }), Object.fromEntries(digests));
    const { sections } = await drawParts(reportInput([variant]), store);
    expect(sections.map(({ title }) => title)).toEqual(
      expect.arrayContaining([
        "Classification: kind",
        "Mistakes: kind",
        "Error of single items: kind",
        "Error of single items: price",
        "Predicted against true values: price",
        "Residuals: price",
      ]),
    );
    const medians = figures.charts.flatMap(({ kind, output, data }) =>
      kind === "item-errors" ? [[output, (data as unknown as { quantiles: { median: number } }).quantiles.median]] : [],
    );
    expect(medians).toEqual([
      ["kind", 1],
      ["price", 2],
    ]);
  });

  it("keeps what every output says through the store", () => {
    const store = new MemoryStore();
    const back = fetchArtifact(store, "predictions", storeArtifact(store, "predictions", predictions).digest);
    expect(Object.keys(back.outputs ?? {})).toEqual(["kind", "price"]);
    expect(back.outputs?.price?.values?.shape).toEqual([ITEMS, 1]);
    expect(back.outputs?.kind?.probabilities?.shape).toEqual([ITEMS, 3]);
  });

  it("is seen through one of them as if it had that one alone", () => {
    const metrics = {
      splits: { test: { loss: 3, "kind.loss": 1, "kind.accuracy": 0.8, "price.loss": 2 } },
      about: {},
      confusion: { test: [[1]] },
    };
    const view = viewOf({ dataset, model: twoByTwo(), predictions, metrics }, "price");
    expect(view.predictions?.values).toBe(values);
    expect(view.predictions?.probabilities).toBeUndefined();
    expect(view.predictions?.itemLoss.loss?.shape).toEqual([ITEMS]);
    expect(view.metrics?.splits.test).toMatchObject({ loss: 2 });
    expect(view.metrics?.confusion).toBeUndefined();
    const roles = view.dataset?.columns.map(({ name, role }) => [name, role]);
    expect(roles).toEqual([
      ["measurements", "unused"],
      ["price", "target"],
      ["picture", "input"],
      ["species", "unused"],
    ]);
  });

  it("names nothing where there is one", async () => {
    const model = twoByTwo();
    const one = { ...model, outputs: model.outputs.slice(0, 1) };
    const alone: Predictions = { split: "test", items: ITEMS, probabilities, itemLoss: { loss: itemLoss(1) } };
    const artifacts = { dataset, model: one, predictions: alone };
    const figures = await collectFigures(defaultCharts(), { artifacts, seed: 1 });
    const ids = figures.charts.map(({ id, output }) => [id, output]);
    expect(ids).toContainEqual(["confusion", undefined]);
    expect(ids.every(([, output]) => output === undefined)).toBe(true);
  });
});
