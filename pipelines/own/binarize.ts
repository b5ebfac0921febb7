import { defineStage, floatValues, inputColumn, inputOf, withValues } from "pipe-experiments";
import { atLeast } from "./threshold.js";

/** Makes every value of the input 0 or 1. */
export default defineStage({
  schema: {
    type: "object",
    properties: {
      threshold: {
        type: "number",
        minimum: 0,
        maximum: 1,
        default: 0.5,
        description: "The least value that becomes 1.",
      },
    },
  },
  inputs: { dataset: "dataset" },
  outputs: { dataset: "dataset" },
  run({ params, progress }, { dataset }) {
    const column = { ...inputColumn(dataset), dtype: "uint8" as const, scale: 1, offset: 0 };
    const total = Object.keys(dataset.splits).length;
    let done = 0;
    return {
      dataset: withValues(dataset, column, (split) => {
        progress({ done: done++, total, unit: "splits" });
        const values = inputOf(dataset, split);
        return atLeast(params.threshold, values === undefined ? new Float32Array() : floatValues(values));
      }),
    };
  },
});
