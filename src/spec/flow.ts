import type { Disk } from "../base/disk.js";
import type { JsonObject } from "../base/json.js";
import type { Catalog } from "../catalog/types.js";
import type { StageKind, StageParams } from "../gen/stages.js";
import { sizeOf } from "../layers/index.js";
import { checkCharts } from "./charts.js";
import type { Complaints } from "./complaints.js";
import type { ColumnFacts, DataFacts } from "./data-facts.js";
import { checkDataset } from "./datasets.js";
import { lossFor } from "./default-loss.js";
import { checkShapes, type ModelFacts } from "./graph/shapes.js";
import type { DrawnModel } from "./graph/types.js";
import type { LinkedStage } from "./references.js";
import { checkEvaluation, checkTraining } from "./training.js";
import { checkWeightSource } from "./weights.js";

/** A stage whose parameters are complete, or null where they do not fit its schema. */
export interface ParsedStage extends LinkedStage {
  readonly params: JsonObject | null;
  /** The model that it describes; null after a complaint. */
  readonly model?: DrawnModel | null;
}

/** What is known of a stage's outputs, by port; nothing after a complaint. */
interface Made {
  /** What is measured besides what follows from model and loss; null where a stage measures of which nothing is known. */
  readonly metrics?: readonly string[] | null | undefined;
  readonly dataset?: DataFacts | null | undefined;
  readonly model?: ModelFacts | null | undefined;
  /** Complete. */
  readonly params?: StageParams[StageKind];
}

interface Passing<K extends StageKind> {
  readonly params: StageParams[K];
  readonly stage: ParsedStage;
  readonly data: DataFacts | undefined;
  readonly model: ModelFacts | undefined;
  /** Metrics of the project's own; null where any may be. */
  readonly measured: readonly string[] | null;
  /** Splits whose numbers the pipeline reports. */
  readonly reported: ReadonlySet<string>;
  readonly catalog: Catalog;
  readonly disk: Disk;
  readonly complaints: Complaints;
}

/**
 * What each kind of stage does to the facts. What a kind that is not here makes is unknown until it has run, so nothing
 * that takes it is checked before. A stage is looked at only if all that it takes is known: one mistake does not make
 * complaints downstream.
 */
const passes: { readonly [K in StageKind]?: (passing: Passing<K>) => Made } = {
  load: ({ params, stage, disk, complaints }) => ({
    dataset: checkDataset({ params, written: stage.written, disk, complaints }),
  }),
  flatten: ({ data }) => ({ dataset: data && withInputs(data, ({ shape }) => ({ shape: [sizeOf(shape)] })) }),
  normalize: ({ data, params }) => ({
    dataset: data && withInputs(data, () => ({ values: params.method === "min-max" ? "unit" : "any" })),
  }),
  build: ({ data, stage, complaints }) => ({
    model: data && stage.model && checkShapes(stage.model, data, complaints),
  }),
  weights: ({ params, stage, disk, complaints }) => {
    checkWeightSource({ params, written: stage.written, disk, complaints });
    return {};
  },
  train: ({ params: given, data, model, reported, stage, catalog, complaints }) => {
    if (given.initialWeights && stage.inputs.weights === undefined) complainOfNoWeights(stage, complaints);
    if (!data || !model) {
      if (given.loss === undefined) complainOfNoLoss(stage, complaints);
      return {};
    }
    const params = given.loss === undefined ? { ...given, loss: lossFor(model, data, catalog) } : given;
    checkTraining({ params, data, model, reported, written: stage.written, catalog, complaints });
    return { params };
  },
  evaluate: ({ params, data, model, stage, catalog, complaints }) => {
    if (data && model) checkEvaluation({ params, data, model, written: stage.written, complaints });
    const own = (params.metrics ?? []).flatMap((choice) => Object.keys(choice));
    return { metrics: own.flatMap((kind) => catalog.get("metrics", kind)?.about.name ?? []) };
  },
  visualize: ({ params, model, measured, stage, complaints }) => {
    const inputs = new Set(Object.keys(stage.inputs));
    checkCharts({ params, inputs, model, measured, written: stage.written, complaints });
    return {};
  },
};

/** The same data with other facts about what a model sees. */
function withInputs(data: DataFacts, change: (column: ColumnFacts) => Partial<ColumnFacts>): DataFacts {
  const columns = data.columns.map((column) => (column.role === "input" ? { ...column, ...change(column) } : column));
  return { ...data, columns };
}

/** Without the data, what is to be learned is not known. After another complaint this would be its echo. */
function complainOfNoLoss({ name, written }: ParsedStage, complaints: Complaints): void {
  if (complaints.errorCount > 0) return;
  complaints.error(
    "missing-key",
    `\`${name}\` needs \`loss\`: what its data are is known only when they have been made`,
    {
      ...written.place([]),
      expected: "loss: <a loss>",
      fix: "Add `loss: categorical-crossentropy` for classes, or `loss: mean-squared-error` for numbers.",
    },
  );
}

function complainOfNoWeights({ name, written }: ParsedStage, complaints: Complaints): void {
  complaints.error("missing-input", `\`${name}\` says how it takes initial weights, but takes none`, {
    ...written.place(["initialWeights"]),
    expected: "weights of a stage above",
    fix: "Name where they come from, `inputs: { weights: <stage> }`, or remove `initialWeights`.",
  });
}

/**
 * Follows data and model from stage to stage, as far as they are known before anything runs.
 * @returns the stages, with the parameters that follow from these where none were written.
 */
export function checkFlow(
  stages: readonly ParsedStage[],
  catalog: Catalog,
  disk: Disk,
  complaints: Complaints,
): readonly ParsedStage[] {
  const made = new Map<string, Made>();
  const reported = reportedSplits(stages);
  for (const stage of stages) {
    const pass = passes[stage.kind as StageKind] as ((passing: Passing<StageKind>) => Made) | undefined;
    if (stage.params === null || pass === undefined) continue;
    const source = (port: string): unknown => {
      const from = stage.inputs[port];
      return from && made.get(from.stage)?.[from.port as keyof Made];
    };
    const data = (source("dataset") as Made["dataset"]) ?? undefined;
    const model = (source("model") as Made["model"]) ?? undefined;
    const params = stage.params as unknown as StageParams[StageKind];
    const measured = (source("metrics") as Made["metrics"]) ?? (stage.inputs.metrics === undefined ? [] : null);
    const given = { data, model, measured, reported };
    made.set(stage.name, pass({ params, stage, ...given, catalog, disk, complaints }));
  }
  return stages.map((stage) => {
    const params = made.get(stage.name)?.params;
    return params === undefined ? stage : { ...stage, params: params as unknown as JsonObject };
  });
}

function reportedSplits(stages: readonly ParsedStage[]): ReadonlySet<string> {
  return new Set(
    stages.flatMap(({ kind, params }) =>
      kind === "evaluate" && params !== null ? (params as unknown as StageParams["evaluate"]).splits : [],
    ),
  );
}
