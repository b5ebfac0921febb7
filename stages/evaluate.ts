import { evaluate, loadEngine } from "../src/engine/index.js";
import { defineStage } from "../src/stage.js";

/** Loss, its parts and what else can be measured on each split, and the model's word on every item of one. */
export default defineStage({
  kind: "evaluate",
  async run(context, { dataset, model, weights }) {
    const engine = await loadEngine(context.engine);
    if (!engine.ok) return engine;
    try {
      const task = { model, dataset, weights, params: context.params, seed: context.seed };
      return await evaluate(engine.value, task, (done, total) => context.progress({ done, total, unit: "items" }));
    } finally {
      engine.value.dispose();
    }
  },
});
