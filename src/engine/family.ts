import type * as tf from "@tensorflow/tfjs-core";
import type { TrainStage } from "../gen/stages.js";
import type { Draw, Pass } from "../layer.js";
import type { Network } from "./network.js";

/** What a step or an evaluation is given: tensors with the batch first. */
export interface Batch {
  readonly x: tf.Tensor;
  /** Labels as int32 `[batch]`, or values as float32 `[batch, …]`. */
  readonly y?: tf.Tensor;
}

/** Numbers per item, each `[batch]`. */
export interface ItemResults {
  /** What is minimized, its mean taken over the batch. */
  readonly loss: tf.Tensor1D;
  /** Parts of the loss and measures beside it. */
  readonly parts: Readonly<Record<string, tf.Tensor1D>>;
  /**
   * What the model says of each item, `[batch, …]`, computed when asked for: `logits` of a sequential model; `mean`, perhaps
   * `scale`, and `output` (rebuilt from the means) of an autoencoder.
   */
  answers(): Readonly<Record<string, tf.Tensor>>;
}

/** What training and evaluating need to know besides the model. */
export interface Objective {
  readonly loss: TrainStage["loss"];
  /** What labels that are whole numbers stand for; `classes` unless given. */
  readonly labels?: "classes" | "numbers";
  /** One a class, in the order of their numbers. */
  readonly classWeights?: readonly number[];
}

/** How one family of models computes. */
export interface Family {
  /** Draws of its own, besides those of its layers. */
  draws(network: Network): readonly Draw[];
  itemResults(network: Network, batch: Batch, objective: Objective, pass: Pass): ItemResults;
}
