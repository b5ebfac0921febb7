import { describe, expect, it } from "vitest";
import { columnData } from "../../src/artifact/columns.js";
import type { Column, ColumnData, Dataset } from "../../src/artifact/dataset.js";
import type { Model } from "../../src/artifact/graph.js";
import { bytesInMemory, tensorOf } from "../../src/artifact/tensor.js";
import { itemsOf } from "../../src/engine/items.js";

const plain: Column = {
  name: "a",
  role: "input",
  dtype: "float32",
  shape: [1],
  meaning: "number",
  scale: 1,
  offset: 0,
};
const values = columnData(tensorOf("float32", [9, 1], new Float32Array(9)));
const missing = (...bytes: number[]): ColumnData => ({ ...values, missing: bytesInMemory(Uint8Array.from(bytes)) });
const model = { inputs: [{ name: "input", column: "a", shape: [1] }], nodes: [], outputs: [] } as unknown as Model;

function itemsWith(column: Partial<Column>, data: ColumnData) {
  const columns = [{ ...plain, ...column }];
  const dataset: Dataset = {
    name: "d",
    columns,
    splits: { train: { items: 9, columns: { a: data } } },
    sources: [],
    steps: [],
  };
  return itemsOf(dataset, "train", model);
}

describe("a column that models cannot take", () => {
  it.each<[string, Partial<Column>, ColumnData]>([
    ["texts", { dtype: "string", shape: [] }, values],
    ["items of different lengths", { shape: "ragged" }, values],
    ["items without a value", {}, missing(0, 1)],
  ])("is refused: %s", (received, column, data) => {
    const problem = { code: "column-not-numbers", received: `${received} in the split train` };
    expect(itemsWith(column, data)).toMatchObject({ ok: false, error: [problem] });
  });

  it("is none of which nothing is missing", () => {
    expect(itemsWith({}, missing(0, 0))).toMatchObject({ ok: true });
  });
});
