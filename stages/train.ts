import { loadEngine, train } from "../src/engine/index.js";
import { defineStage } from "../src/stage.js";

/** Initial weights from the seed, or those of another stage, then gradient descent. */
export default defineStage({
  kind: "train",
  async run(context, { dataset, model, weights }) {
    const engine = await loadEngine(context.engine);
    if (!engine.ok) return engine;
    try {
      const { params, seed } = context;
      const { rename = {}, partial = false } = params.initialWeights ?? {};
      const task = { model, dataset, params, seed, ...(weights && { initial: { weights, rename, partial } }) };
      return await train(engine.value, task, {
        progress: (progress) => context.progress(progress),
        epoch: (report) => context.epoch(report),
        warn: (diagnostic) => context.warn(diagnostic),
        ended: (end) => context.trainingEnded(end),
      });
    } finally {
      engine.value.dispose();
    }
  },
});
