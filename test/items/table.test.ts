import { describe, expect, it } from "vitest";
import { tensorOf } from "../../src/artifact/tensor.js";
import { ITEM_GROUPS } from "../../src/base/items.js";
import { err, ok } from "../../src/base/result.js";
import type { Engine, loadEngine } from "../../src/engine/index.js";
import { engineLike } from "../../src/items/engine.js";
import { type Answers, itemTable, saysNothing } from "../../src/items/table.js";
import type { ItemTable } from "../../src/items/types.js";

const float = (shape: readonly number[], ...values: number[]) => tensorOf("float32", shape, Float32Array.from(values));
const losses = { loss: float([3], 1, 2, 3), kl: float([3], 0, 0, 1) };

/** Column → its values, as plain numbers and texts. */
function told({ columns }: ItemTable): Readonly<Record<string, readonly unknown[]>> {
  return Object.fromEntries(columns.map(({ name, values }) => [name, [...values]]));
}

describe("the columns of a split", () => {
  const common = { split: "test", items: 3, itemLoss: losses };
  const bytes = tensorOf("uint8", [3], Uint8Array.of(0, 2, 1));

  it("name the classes of a classifier; of equal probabilities the first wins", () => {
    const rows = [0.2, 0.4, 0.4, 0.1, 0.1, 0.8, 0.5, 0.5, 0];
    const answers: Answers = { ...common, probabilities: float([3, 3], ...rows) };
    expect(told(itemTable(answers, bytes, ["a", "b", "c"], ITEM_GROUPS))).toEqual({
      item: [0, 1, 2],
      label: [0, 2, 1],
      label_name: ["a", "c", "b"],
      predicted: [1, 2, 0],
      predicted_name: ["b", "c", "a"],
      probability: rows.map(Math.fround),
      loss: [1, 2, 3],
      loss_kl: [0, 0, 1],
    });
  });

  it("have no name for a class that has none", () => {
    expect(told(itemTable(common, bytes, ["a", "b"], ["losses"])).label_name).toEqual(["a", null, "b"]);
  });

  it("are numbers alone in a regression, on labels or on values", () => {
    const answers: Answers = { ...common, values: float([3, 1], 0.5, 1.5, 2.5) };
    const onLabels = itemTable(answers, bytes, ["a", "b", "c"], ["predictions"]);
    expect(told(onLabels)).toEqual({ item: [0, 1, 2], label: [0, 2, 1], predicted: [0.5, 1.5, 2.5] });
    const target = { ...float([3, 1], 1, 2, 3), scale: 2, offset: 1 };
    const onValues = itemTable(answers, target, null, ["predictions"]);
    expect(onValues.columns[1]).toMatchObject({ name: "label", dtype: "float32", shape: [] });
    expect(told(onValues).label).toEqual([3, 5, 7]);
  });

  it("are those of the wanted groups, each with the shape of an item", () => {
    const answers: Answers = {
      ...common,
      latent: float([3, 1], 1, 2, 3),
      latentScale: float([3, 1], 4, 5, 6),
      reconstruction: float([3, 2, 1], 1, 2, 3, 4, 5, 6),
    };
    const shapes = (...groups: (typeof ITEM_GROUPS)[number][]) =>
      itemTable(answers, null, null, groups).columns.map(({ name, shape }) => [name, shape]);
    expect(shapes("latents")).toEqual([["item", []], ["latent", [1]], ["latent_scale", [1]]]); // biome-ignore format: a row a column is longer
    expect(shapes("reconstructions")).toEqual([["item", []], ["reconstruction", [2, 1]]]); // biome-ignore format: the same
    expect(saysNothing(itemTable(answers, bytes, ["a"], ["predictions"]))).toBe(true);
    expect(saysNothing(itemTable(answers, bytes, ["a"], ["losses"]))).toBe(false);
  });
});

describe("the engine of an export", () => {
  const missing = { code: "engine-unavailable", severity: "error", message: "no library" } as const;
  const engineFrom =
    (...present: readonly string[]): typeof loadEngine =>
    async (name) =>
      present.includes(name) ? ok({ name } as Engine) : err([missing]);

  it("is the run's own, without a word", async () => {
    const warnings: unknown[] = [];
    const engine = await engineLike("wasm", (warning) => warnings.push(warning), engineFrom("onnx", "wasm"));
    expect(engine).toMatchObject({ ok: true, value: { name: "wasm" } });
    expect(warnings).toEqual([]);
  });

  it("is the fastest other one, with a warning, where the run's own is not to be had", async () => {
    const warnings: { code: string; message: string }[] = [];
    const engine = await engineLike("tensorflow", (warning) => warnings.push(warning), engineFrom("wasm", "cpu"));
    expect(engine).toMatchObject({ ok: true, value: { name: "wasm" } });
    expect(warnings).toMatchObject([{ code: "engine-fallback", severity: "warning" }]);
    expect(warnings[0]?.message).toContain("wasm computes");
    expect(warnings[0]?.message).toContain("tensorflow, which computed the run, cannot be used here (no library)");
  });

  it("is refused for the reason of the run's own where there is none", async () => {
    expect(await engineLike("onnx", () => {}, engineFrom())).toEqual({ ok: false, error: [missing] });
  });
});
