import { decoderOf } from "../src/artifact/graph.js";
import { loadEngine, type ModelRunner, openModel } from "../src/engine/index.js";
import { type ChartRequest, collectFigures, defaultCharts } from "../src/report/index.js";
import { defineStage, ok } from "../src/stage.js";

/** Boils a variant down to the data and pictures that the report's charts are drawn from. */
export default defineStage({
  kind: "visualize",
  async run(context, inputs) {
    const { model, weights } = inputs;
    const decodes = model !== undefined && weights !== undefined && decoderOf(model) !== null;
    const engine = decodes ? await loadEngine(context.engine) : null;
    if (engine !== null && !engine.ok) return engine;
    const opened = engine && decodes ? await openModel(engine.value, model, weights) : null;
    if (opened !== null && !opened.ok) return opened;
    try {
      const runner = opened?.value;
      const source = {
        artifacts: inputs,
        seed: context.seed,
        ...(runner && { decode: (z: Float32Array, items: number) => decoded(runner, z, items) }),
      };
      const figures = await collectFigures(requested(context.params.charts), source, (done, total, doing) =>
        context.progress({ done, total, unit: "charts", ...(doing !== undefined && { doing }) }),
      );
      return ok({ figures });
    } finally {
      opened?.value.dispose();
      engine?.value.dispose();
    }
  },
});

/** The engine has run this decoder before, in training and evaluation: that it cannot now is a bug. */
async function decoded(runner: ModelRunner, z: Float32Array, items: number): Promise<Float32Array> {
  const output = await runner.decode(z, items);
  if (!output.ok) throw new Error(output.error.map(({ message }) => message).join("; "));
  return output.value;
}

/** In YAML a chart is a mapping with its kind as the only key; without a list there are all that fit. */
function requested(charts: readonly object[] | undefined): readonly ChartRequest[] {
  if (charts === undefined) return defaultCharts();
  return charts.flatMap((chart) => Object.entries(chart).map(([kind, options]) => ({ kind, options, named: true })));
}
