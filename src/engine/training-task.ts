import type { Dataset, Model } from "../artifact/types.js";
import type { TrainStage } from "../gen/stages.js";
import { HELD_OUT } from "./hold-out.js";
import type { InitialWeights } from "./initial-weights.js";
import type { Items } from "./items.js";
import type { Objective } from "./objective.js";

/** All that a training's result depends on, besides the engine. */
export interface TrainingTask {
  readonly model: Model;
  readonly dataset: Dataset;
  readonly params: TrainStage;
  readonly seed: number;
  /** To begin with; else new ones are drawn. */
  readonly initial?: InitialWeights;
}

/** The data and the objective of a training, checked. */
export interface Prepared {
  readonly train: Items;
  readonly validation: { readonly name: string; readonly split: Items } | null;
  /** What is measured; training weighs classes beside it. */
  readonly objective: Objective;
  readonly trained: Objective;
}

/** What is measured after each epoch: a split by its name, a share of `train` that is held out, or nothing. */
export function validationOf({ validation }: Pick<TrainStage, "validation">): {
  readonly split: string | null;
  /** Of `train`; null where the split is one of the data's own. */
  readonly fraction: number | null;
} {
  if (validation === false) return { split: null, fraction: null };
  if (typeof validation === "string") return { split: validation, fraction: null };
  return { split: HELD_OUT, fraction: typeof validation === "number" ? validation : validation.fraction };
}
