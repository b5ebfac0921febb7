import type * as tf from "@tensorflow/tfjs-core";
import type { Json } from "../base/json.js";
import type { Result } from "../base/result.js";
import type { Measurement } from "../engine/metric.js";
import type { OptimizerStep, StepRule } from "../engine/optimizer.js";
import type { LayerDefinition, Shape, Unfit } from "../layer.js";
import type { Absent, ChartSource, Collected, Page, Remains, Shown } from "../report/chart.js";
import type { OwnSection } from "../report/own-chart.js";
import type { FromSchema, NoParams, ParamsSchema } from "./schema.js";

/** TensorFlow.js, handed to the code that computes. */
export type TensorFlow = typeof tf;

/** What every kind may say: the JSON Schema of its parameters. Without it there are none. */
interface WithSchema<S> {
  readonly schema?: S;
}

/** `shape` may return the shape itself; a misfit is reported with `err({ received, expected, fix })`. */
type Shaped<D, P> = D extends unknown
  ? Omit<D, "shape"> & { shape(params: P, inputs: readonly Shape[]): Shape | Result<Shape, Unfit> }
  : never;

/** A layer of a model: `- ./layers/my-layer.ts: { units: 8 }`. `own` has its weights and how it computes. */
export type OwnLayerKind<S extends ParamsSchema> = WithSchema<S> &
  Shaped<LayerDefinition<FromSchema<S>>, FromSchema<S>>;

export function defineLayer<const S extends ParamsSchema = NoParams>(layer: OwnLayerKind<S>): OwnLayerKind<S> {
  return layer;
}

/** A loss, which a training minimizes: `loss: ./losses/my-loss.ts`. */
export interface OwnLoss<S extends ParamsSchema> extends WithSchema<S> {
  /** What the model's output must be: `unit` for values between 0 and 1, `distribution` for probabilities. Default: `any`. */
  readonly output?: "any" | "unit" | "distribution";
  /** Whether it can compare an output with the input that it was made from. Default: true. */
  readonly reconstruction?: boolean;
  /**
   * The error of every element `[batch, elements]`, which is summed over an item when reconstructing and averaged when
   * predicting; or of every item `[batch]`. Only operations that have gradients.
   */
  errors(tf: TensorFlow, outputs: tf.Tensor2D, targets: tf.Tensor2D, params: FromSchema<S>): tf.Tensor;
}

export function defineLoss<const S extends ParamsSchema = NoParams>(loss: OwnLoss<S>): OwnLoss<S> {
  return loss;
}

/** A measure of a model's predictions, for `metrics` of the stage evaluate. */
export interface OwnMetricKind<S extends ParamsSchema> extends WithSchema<S> {
  /** In tables. Default: the file's name. */
  readonly name?: string;
  readonly better: "higher" | "lower";
  readonly unit?: string;
  /** Begins a measurement over one split, whose items come in batches. */
  start(params: FromSchema<S>): Measurement;
}

export function defineMetric<const S extends ParamsSchema = NoParams>(metric: OwnMetricKind<S>): OwnMetricKind<S> {
  return metric;
}

/** How gradients change the weights: `optimizer: { ./optimizers/mine.ts: { … } }`. */
export interface OwnOptimizer<S extends ParamsSchema> extends WithSchema<S> {
  /** The rule of one step. What lasts from step to step is kept in slots, never in variables of the code. */
  step(tf: TensorFlow, params: FromSchema<S>): StepRule;
}

export function defineOptimizer<const S extends ParamsSchema = NoParams>(optimizer: OwnOptimizer<S>): OwnOptimizer<S> {
  return optimizer;
}

/** What `collect` gives: data of one variant, or why there is nothing to show. */
type Gathered = Collected<Json> | Absent;
type DataOf<R> = R extends { readonly data: infer D extends Json } ? D : never;

/** A chart of the report, for `charts` of the stage visualize. */
export interface OwnChartKind<S extends ParamsSchema, R extends Gathered> extends WithSchema<S> {
  /** Of its section. Default: the file's name. */
  readonly title?: string;
  /** Reduces the artifacts of one variant to a little data, or says why there is nothing to show. */
  collect(source: ChartSource, options: FromSchema<S>): R | Promise<R>;
  /** The same for a variant whose stage visualize did not run. */
  recover?(remains: Remains): R;
  /** Draws the data of all variants side by side; null for no section. */
  draw(shown: readonly Shown<DataOf<R>>[], options: FromSchema<S>, page: Page): OwnSection | null;
}

export function defineChart<R extends Gathered, const S extends ParamsSchema = NoParams>(
  chart: OwnChartKind<S, R>,
): OwnChartKind<S, R> {
  return chart;
}

export type { Measurement, MetricBatch } from "../engine/metric.js";
export type { OptimizerStep, StepRule };
