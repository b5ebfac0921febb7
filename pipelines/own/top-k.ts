import { defineMetric } from "pipe-experiments";

/** The share of items whose class is among the `k` that the model finds likeliest. */
export default defineMetric({
  name: "topK",
  better: "higher",
  schema: {
    type: "object",
    properties: { k: { type: "integer", minimum: 1, default: 3 } },
  },
  start({ k }) {
    let [hits, all] = [0, 0];
    return {
      add({ items, outputs, width, targets }) {
        for (let i = 0; i < items; i++) {
          const probabilities = outputs.subarray(i * width, (i + 1) * width);
          const own = probabilities[targets[i] as number] as number;
          if (probabilities.filter((other) => other > own).length < k) hits++;
        }
        all += items;
      },
      value: () => hits / all,
    };
  },
});
