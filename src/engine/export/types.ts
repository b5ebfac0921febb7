import type { Dataset, Model, Weights } from "../../artifact/types.js";
import type { Digest } from "../../base/digest.js";

export type ModelFormat = "onnx" | "tfjs";

/** A trained model in a store, under a name that is a safe file name. */
export interface StoredModel {
  readonly name: string;
  readonly model: Digest;
  readonly weights: Digest;
  /** What it was trained on; it says what its inputs mean. */
  readonly dataset?: Digest;
}

/** The same, read. */
export interface TrainedModel {
  readonly model: Model;
  readonly weights: Weights;
  readonly dataset?: Dataset;
}
