import type { JsonObject } from "../base/json.js";
import type { StageParams } from "../gen/stages.js";
import type { Complaints } from "./complaints.js";
import { type ModelFacts, trainedOutputs } from "./graph/shapes.js";
import { metricsOf } from "./metrics.js";
import type { StageTree } from "./stage-tree.js";
import { checkVegaLite, type Tables } from "./vega-lite/check.js";
import { Columns } from "./vega-lite/columns.js";

/** Metrics of an output that is compared with a column: of classes, of quantities, or of labels. */
const OF_COLUMN = [
  ...["accuracy", "macroF1", "logLoss"],
  ...["meanSquaredError", "rootMeanSquaredError", "meanAbsoluteError", "r2", "explainedVariance"],
  ...["residualQ5", "residualQ25", "residualQ50", "residualQ75", "residualQ95"],
  ...["subsetAccuracy", "labelAccuracy", "rocAuc"],
];
const ALL_METRICS = ["loss", ...OF_COLUMN, "reconstruction", "kl"];

interface Visualizing {
  readonly params: StageParams["visualize"];
  /** Artifact kinds that the stage takes. */
  readonly inputs: ReadonlySet<string>;
  readonly model: ModelFacts | undefined;
  /** Metrics of the project's own; null where any may be. */
  readonly measured?: readonly string[] | null;
  readonly written: StageTree;
  readonly complaints: Complaints;
}

/** Checks what charts of the user's own name. */
export function checkCharts({ params, inputs, model, measured, written, complaints }: Visualizing): void {
  for (const [i, chart] of (params.charts ?? []).entries()) {
    const { spec } = (chart as { readonly "vega-lite"?: { readonly spec: JsonObject } })["vega-lite"] ?? {};
    if (spec === undefined) continue;
    const place = (path: readonly (string | number)[]) => written.place(["charts", i, "vega-lite", "spec", ...path]);
    checkVegaLite(spec, tablesOf(inputs, model, measured), { complaints, place });
  }
}

/** The tables of a run that makes these artifacts; src/report/charts/vega-lite.ts fills them. */
export function tablesOf(
  inputs: ReadonlySet<string>,
  model: ModelFacts | undefined,
  measured: readonly string[] | null = [],
): Tables {
  const table = new Columns(["variant", "split"]);
  const metrics = model === undefined ? ALL_METRICS : metricsOf(model, () => OF_COLUMN);
  const item = ["variant", "item", "class"];
  const tables: [string, string, Columns][] = [
    ["history", "history", new Columns(["variant", "split", "epoch", ...metrics])],
    [
      "metrics",
      "metrics",
      measured === null ? table.opened() : table.with([...metrics, ...ofEachOutput(measured, model)]),
    ],
    ["items", "predictions", new Columns([...item, ...metrics])],
  ];
  if (model === undefined || model.outputs.some(({ target }) => target !== undefined && "input" in target)) {
    tables.push(["latent", "predictions", new Columns([...item, "z1", "z2"], /^z[1-9]\d*$/)]);
  }
  return new Map(tables.flatMap(([name, artifact, columns]) => (inputs.has(artifact) ? [[name, columns]] : [])));
}

/** Of several outputs, each is measured under its name. */
function ofEachOutput(metrics: readonly string[], model: ModelFacts | undefined): readonly string[] {
  const outputs = model === undefined ? [] : trainedOutputs(model);
  if (outputs.length < 2) return metrics;
  return outputs.flatMap(({ name }) => metrics.map((metric) => `${name}.${metric}`));
}
