import type { Dataset, Model, Split } from "../artifact/types.js";
import type { TrainStage } from "../gen/stages.js";

/** All that a training's result depends on, besides the engine. */
export interface TrainingTask {
  readonly model: Model;
  readonly dataset: Dataset;
  readonly params: TrainStage;
  readonly seed: number;
}

/** The data and weights of a training, checked. */
export interface Prepared {
  readonly train: Split;
  readonly validation: Split | null;
  readonly classWeights: readonly number[] | undefined;
}
