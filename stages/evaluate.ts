import { evaluate, loadEngine } from "../src/engine/index.js";
import { defineStage, ok } from "../src/stage.js";

/** Loss, its parts and what else can be measured on each split, and the predictions for every item of one. */
export default defineStage({
  kind: "evaluate",
  async run(context, { dataset, model, weights }) {
    const engine = await loadEngine(context.engine);
    if (!engine.ok) return engine;
    try {
      const task = { model, dataset, weights, params: context.params, seed: context.seed };
      const result = await evaluate(engine.value, task, (done, total) =>
        context.progress({ done, total, unit: "items" }),
      );
      if (!result.ok) return result;
      const { warnings, ...artifacts } = result.value;
      for (const warning of warnings) context.warn(warning);
      return ok(artifacts);
    } finally {
      engine.value.dispose();
    }
  },
});
