import { sizeOf } from "../src/artifact/tensor.js";
import type { DatasetStep } from "../src/artifact/types.js";
import { defineStage, ok } from "../src/stage.js";

/** `[items, 28, 28]` becomes `[items, 784]`: another description of the same bytes. */
export default defineStage({
  kind: "flatten",
  async run(_context, { dataset }) {
    const splits = Object.fromEntries(
      Object.entries(dataset.splits).map(([name, { x, y }]) => {
        const [items = 0, ...item] = x.shape;
        return [name, { x: { ...x, shape: [items, sizeOf(item)] }, y }];
      }),
    );
    const shapes = Object.fromEntries(Object.entries(splits).map(([name, { x }]) => [name, x.shape]));
    const last = dataset.steps.at(-1);
    const step: DatasetStep = {
      kind: "flatten",
      shapes,
      dtype: last?.dtype ?? "",
      range: last?.range ?? [0, 0],
    };
    return ok({ dataset: { ...dataset, splits, steps: [...dataset.steps, step] } });
  },
});
