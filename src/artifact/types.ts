import type { Json, JsonObject } from "../base/json.js";
import type { Dataset } from "./dataset.js";
import type { Model } from "./graph.js";
import type { Tensor } from "./tensor.js";

export type { Column, Dataset } from "./dataset.js";
export type { Model } from "./graph.js";

/** Named float32 arrays, in the order in which the model declares them. */
export interface Weights {
  readonly tensors: readonly { readonly name: string; readonly tensor: Tensor<"float32"> }[];
  /** The epoch (from 1) that they are of. */
  readonly epoch: number;
  /** The loss that they were trained for, as resolved parameters: what they are measured by. */
  readonly loss: JsonObject;
  /** How much the loss of an output counted, by the output's name, where the training said so. */
  readonly shares?: Readonly<Record<string, number>>;
}

/** Every metric of every epoch. Epoch `i + 1` is element `i`; null where it was not measured. */
export interface History {
  readonly epochs: number;
  /** `train`, `test` → metric → values. */
  readonly splits: Readonly<Record<string, Readonly<Record<string, readonly (number | null)[]>>>>;
  /** Learning rate at the end of each epoch. */
  readonly learningRate: readonly number[];
  /** The epoch with the lowest loss on the validation split (on `train` without one). */
  readonly bestEpoch: number;
  readonly engine: { readonly name: string; readonly version: string };
  readonly batchSize: number;
  readonly stepsPerEpoch: number;
  /** How many epochs there were to be; like `kept`, not in what early versions stored. */
  readonly planned?: number;
  /** The epoch (from 1) whose weights were kept: the last one, or the best by `chosenBy`. */
  readonly kept?: number;
  /** What early stopping watched; absent where nothing was chosen. */
  readonly chosenBy?: ChosenBy;
  /** Set where training ended before the last epoch, e.g. by early stopping. */
  readonly stopped?: string;
}

/** What decided which epoch is the best, and what followed from it. */
export interface ChosenBy {
  readonly split: string;
  readonly metric: string;
  /** Epochs without a better value before the end. */
  readonly patience: number;
  readonly minDelta: number;
  /** The weights kept are those of the best epoch, not of the last. */
  readonly restoreBest: boolean;
}

export interface Metrics {
  /** split → metric → value. */
  readonly splits: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** metric → what it is, for tables: unit, and which way is better. */
  readonly about: Readonly<Record<string, MetricInfo>>;
  /** Rows are true classes, columns predicted ones; by split. */
  readonly confusion?: Readonly<Record<string, readonly (readonly number[])[]>>;
  /** split → metric → why it has no value: words that go on after "not measurable, because". */
  readonly unmeasured?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** split → whole sentences on what its numbers may not be taken for. */
  readonly cautions?: Readonly<Record<string, readonly string[]>>;
  /** Of a variational model; not in what early versions stored. */
  readonly divergence?: Divergence;
}

/** What the metric `kl` is the divergence of. Losses with a `kl` of different forms are different quantities. */
export interface Divergence {
  /** Equal where two are the same quantity. */
  readonly form: string;
  /** Whether it is the divergence of the distribution that codes are drawn from, and the loss so a bound. */
  readonly exact: boolean;
  /** The same for people: one sentence. */
  readonly about: string;
}

export interface MetricInfo {
  readonly label: string;
  /** `nats/example`, `%`, empty for a bare number. */
  readonly unit: string;
  readonly better: "lower" | "higher" | "neither";
}

/** The predictions of one output for every item. */
export interface OutputAnswers {
  /** Of the latent means, without noise; shape of the input, uint8 with an affine scale. */
  readonly reconstruction?: Tensor;
  /** Class probabilities `[items, classes]`. */
  readonly probabilities?: Tensor<"float32">;
  /**
   * Log-odds of the classes `[items, classes]`, ln(p / (1 − p)): what classes are ranked by, since probabilities round
   * to 0 and 1. Only where the model makes its probabilities from logits.
   */
  readonly logOdds?: Tensor<"float32">;
  /** Predicted values `[items, outputs]`, of a regression. */
  readonly values?: Tensor<"float32">;
}

/** The predictions of a trained model for every item of one split. */
export interface Predictions extends OutputAnswers {
  readonly split: string;
  readonly items: number;
  /** Posterior means or codes `[items, latent]`. */
  readonly latent?: Tensor<"float32">;
  /** Per-item posterior standard deviations `[items, latent]`, variational models only. */
  readonly latentScale?: Tensor<"float32">;
  /**
   * The same of every trained output, by its name, where there are several: the fields beside this one are those of the
   * first output that has such.
   */
  readonly outputs?: Readonly<Record<string, OutputAnswers>>;
  /** Loss parts per item, each `[items]`: `loss`, `reconstruction`, `kl`. */
  readonly itemLoss: Readonly<Record<string, Tensor<"float32">>>;
}

/** What one variant brings to the report: plain data and images, one entry a chart. */
export interface Figures {
  readonly charts: readonly ChartFigure[];
}

export interface ChartFigure {
  /** Unique in the variant; the same id in two variants is the same chart. */
  readonly id: string;
  readonly kind: string;
  readonly options: JsonObject;
  /** The output that it shows, where the model has several and the chart shows one. */
  readonly output?: string;
  readonly data: Json;
  /** PNG files by name; `data` refers to them. */
  readonly images: Readonly<Record<string, Uint8Array>>;
}

/** The rendered report: one HTML document. */
export interface ReportDocument {
  readonly html: Uint8Array;
}

/** Every kind of artifact and its value. A stage's schema names these. */
export interface ArtifactTypes {
  readonly dataset: Dataset;
  readonly model: Model;
  readonly weights: Weights;
  readonly history: History;
  readonly metrics: Metrics;
  readonly predictions: Predictions;
  readonly figures: Figures;
  readonly report: ReportDocument;
}
export type ArtifactKind = keyof ArtifactTypes;
