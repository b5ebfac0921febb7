import { inputColumn, stepOf, withColumn } from "../src/artifact/columns.js";
import { sizeOf } from "../src/artifact/tensor.js";
import { defineStage, ok } from "../src/stage.js";

/** `[items, 28, 28]` becomes `[items, 784]`: another description of the same bytes. */
export default defineStage({
  kind: "flatten",
  async run(_context, { dataset }) {
    const input = inputColumn(dataset);
    const flat = withColumn(dataset, {
      ...input,
      shape: [sizeOf(input.shape as readonly number[])],
      meaning: "number",
    });
    const step = stepOf("flatten", flat, dataset.steps.at(-1)?.range);
    return ok({ dataset: { ...flat, steps: [...dataset.steps, step] } });
  },
});
