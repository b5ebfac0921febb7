import { setImmediate } from "node:timers/promises";
import { partsOf } from "../artifact/parts.js";
import { floatValues, sizeOf, storedValues, type Tensor, tensorOf } from "../artifact/tensor.js";
import type { Dataset, Metrics, Model, Predictions, Weights } from "../artifact/types.js";
import type { Diagnostic } from "../base/diagnostic.js";
import { err, ok, type Result } from "../base/result.js";
import type { EvaluateStage, TrainStage } from "../gen/stages.js";
import { checkSplit, splitOf } from "./checks.js";
import { type Classified, classified } from "./classification.js";
import { type Beyond, beyondDomain } from "./domain.js";
import type { Engine } from "./engine.js";
import { Feed } from "./feed.js";
import { completeWeights } from "./initial-weights.js";
import type { Items } from "./items.js";
import { comparesNumbers, labelsFor } from "./labels.js";
import { measureBatch, type Outputs, runOverSplit } from "./measure.js";
import { aboutMetrics, divergenceOf } from "./metric-info.js";
import { outputActivationOf } from "./network.js";
import { type Answered, type MetricRequest, measureOwn, metricRequests, namesTaken } from "./own-metric.js";
import { dataKinds, evaluationProgram } from "./program.js";
import { type Measured, measuredOf } from "./split-metrics.js";

/** All that an evaluation's result depends on, besides the engine. */
export interface EvaluationTask {
  readonly model: Model;
  readonly dataset: Dataset;
  readonly weights: Weights;
  readonly params: EvaluateStage;
  readonly seed: number;
}

export interface EvaluationResult {
  readonly metrics: Metrics;
  readonly predictions: Predictions;
  readonly warnings: readonly Diagnostic[];
}

type Answer<T> = Promise<Result<T, Diagnostic[]>>;

/**
 * Measures a trained model on each split, by the loss that it was trained for. Each item goes through the model once.
 * @param progress is told how many items are done, of how many.
 */
export async function evaluate(
  engine: Engine,
  task: EvaluationTask,
  progress: (done: number, total: number) => void = () => {},
): Answer<EvaluationResult> {
  const { params } = task;
  if (Object.keys(task.weights.loss).length === 0) return err([noLoss()]);
  const kept = params.predictions ?? (params.splits.at(-1) as string);
  const splits = new Map<string, Items>();
  for (const name of new Set([...params.splits, kept])) {
    const split = splitOf(task.dataset, name, params.splits.includes(name) ? ["splits"] : ["predictions"]);
    if (!split.ok) return split;
    splits.set(name, split.value);
    const problems = checkSplit(task.model, task.dataset, split.value, trainedLoss(task));
    if (problems.length > 0) return err([...problems]);
  }
  return new Evaluation(engine, task, progress).run(splits, kept);
}

function noLoss(): Diagnostic {
  return {
    code: "wrong-weights",
    severity: "error",
    message: "these weights do not say which loss they were trained for, by which they would be measured",
    fix: "Name it where they come from: `loss: …` in the stage `weights`.",
  };
}

function trainedLoss({ weights }: EvaluationTask): TrainStage["loss"] {
  return weights.loss as unknown as TrainStage["loss"];
}

class Evaluation {
  readonly #engine: Engine;
  readonly #task: EvaluationTask;
  readonly #progress: (done: number, total: number) => void;
  readonly #loss: TrainStage["loss"];
  readonly #labels: "classes" | "numbers";
  readonly #own: readonly MetricRequest[];
  #done = 0;
  #total = 0;

  constructor(engine: Engine, task: EvaluationTask, progress: (done: number, total: number) => void) {
    this.#engine = engine;
    this.#task = task;
    this.#progress = progress;
    this.#loss = trainedLoss(task);
    this.#labels = labelsFor(task.model, task.dataset, this.#loss);
    this.#own = metricRequests(task.params.metrics);
  }

  async run(splits: ReadonlyMap<string, Items>, kept: string): Answer<EvaluationResult> {
    const measured = new Map<string, Measured>();
    const beyond: Beyond[] = [];
    let predictions: Predictions | undefined;
    for (const split of splits.values()) this.#total += split.x.shape[0] as number;
    // The first items wait for the compiler.
    this.#progress(0, this.#total);
    await setImmediate();
    for (const [name, split] of splits) {
      const answered = await this.#answers(name, split, name === kept);
      if (!answered.ok) return answered;
      const { mean, scale, output, logits, accuracy, ...items } = answered.value;
      const classes = this.#classes(split, logits);
      const values = this.#values(split, logits);
      if (name === kept) {
        predictions = { ...this.#kept(name, split, items, { mean, scale, output }), ...saidOf(classes, values) };
      }
      if (!this.#task.params.splits.includes(name)) continue;
      const outside = beyondDomain(this.#task.model, this.#loss, name, split);
      if (outside !== null) beyond.push(outside);
      const told = { ...items, ...(accuracy === undefined ? {} : { accuracy }) };
      const standard = measuredOf(told, classes, values);
      const taken = namesTaken(this.#own, Object.keys({ ...standard.values, ...standard.unmeasured }));
      if (taken.length > 0) return err([...taken]);
      measured.set(name, this.#withOwn(standard, answeredOf(split, classes, values, output ?? logits)));
    }
    return ok({
      metrics: this.#metrics(measured, beyond),
      predictions: predictions as Predictions,
      warnings: beyond.map(({ diagnostic }) => ({ ...diagnostic, path: [] })),
    });
  }

  /** Loss, parts and answers of every item. What is large and kept of one split only is asked for there alone. */
  async #answers(name: string, split: Items, kept: boolean): Answer<Outputs> {
    const { model, weights, seed } = this.#task;
    const data = dataKinds(split);
    const objective = { loss: this.#loss, labels: this.#labels };
    const answers = kept || this.#own.length > 0 || partsOf(model).family === "sequential";
    const program = evaluationProgram({ model, data, objective }, answers);
    const compiled = await this.#engine.compileFunction(program);
    if (!compiled.ok) return compiled;
    try {
      const values = completeWeights(program.weights, weights);
      if (!values.ok) return values;
      await compiled.value.writeWeights(values.value);
      const feed = new Feed(split, data, program.draws, measureBatch(model));
      const before = this.#done;
      return await runOverSplit(compiled.value, feed, { seed, path: ["evaluate", name] }, (done) => {
        this.#done = before + done;
        this.#progress(this.#done, this.#total);
      });
    } finally {
      compiled.value.dispose();
    }
  }

  /** What a classifier with class probabilities says; null for any other model. */
  #classes({ y }: Items, logits: Float32Array | undefined): Classified | null {
    if (logits === undefined || y === null || this.#labels === "numbers") return null;
    const activation = outputActivationOf(this.#task.model);
    // Values that no loss holds for probabilities, and no activation makes so, are none.
    if (activation === "none" && comparesNumbers(this.#loss)) return null;
    return classified(logits, activation, storedValues(y));
  }

  /** What a model that predicts numbers says, and what is true; null for any other model. */
  #values({ y }: Items, logits: Float32Array | undefined): Valued | null {
    if (logits === undefined || y === null || !comparesNumbers(this.#loss)) return null;
    const targets = floatValues(y);
    // Of several outputs for one label each stands for a class.
    if (targets.length !== logits.length) return null;
    const values = outputActivationOf(this.#task.model) === "sigmoid" ? logits.map(sigmoid) : logits;
    return { values, targets, items: y.shape[0] as number };
  }

  /** With what the project's own metrics measure. */
  #withOwn(standard: Measured, answered: Answered | null): Measured {
    if (this.#own.length === 0) return standard;
    const values: Record<string, number> = { ...standard.values };
    const unmeasured: Record<string, string> = { ...standard.unmeasured };
    const own = answered === null ? {} : measureOwn(this.#own, answered);
    for (const { name, file } of this.#own) {
      const value = own[name];
      if (value === undefined) unmeasured[name] = "this model gives nothing to measure";
      else if (Number.isFinite(value)) values[name] = value;
      else unmeasured[name] = `${file} gave no finite number`;
    }
    return { ...standard, values, unmeasured };
  }

  #kept(split: string, { x }: Items, items: Outputs, { mean, scale, output }: Rebuilt): Predictions {
    const count = x.shape[0] as number;
    const rows = (values: Float32Array) => tensorOf("float32", [count, values.length / count], values);
    const itemLoss = Object.fromEntries(
      Object.entries(items).map(([name, values]) => [name, tensorOf("float32", [count], values)]),
    );
    return {
      split,
      items: count,
      itemLoss,
      ...(mean === undefined ? {} : { latent: rows(mean) }),
      ...(scale === undefined ? {} : { latentScale: rows(scale) }),
      ...(output === undefined ? {} : { reconstruction: asBytes(output, x, this.#task.model) }),
    };
  }

  #metrics(measured: ReadonlyMap<string, Measured>, beyond: readonly Beyond[]): Metrics {
    const of = <T>(pick: (one: Measured) => T | undefined): Record<string, T> =>
      Object.fromEntries(
        [...measured].flatMap(([split, one]) => {
          const picked = pick(one);
          return picked === undefined ? [] : [[split, picked]];
        }),
      );
    const confusion = of(({ confusion }) => confusion);
    const unmeasured = of((one) => (Object.keys(one.unmeasured).length === 0 ? undefined : one.unmeasured));
    const names = new Set([...measured.values()].flatMap((one) => Object.keys({ ...one.values, ...one.unmeasured })));
    return {
      splits: of(({ values }) => values),
      about: {
        ...aboutMetrics(names, this.#loss, this.#task.model),
        ...Object.fromEntries(this.#own.map(({ name, info }) => [name, info])),
      },
      ...(Object.keys(confusion).length === 0 ? {} : { confusion }),
      ...(Object.keys(unmeasured).length === 0 ? {} : { unmeasured }),
      ...(beyond.length === 0 ? {} : { cautions: cautionsOf(beyond) }),
      ...divergenceOf(this.#task.model),
    };
  }
}

/** What metrics of the project's own are handed: probabilities and classes, numbers, or reconstructions and inputs. */
function answeredOf(
  { x, y }: Items,
  classes: Classified | null,
  values: Valued | null,
  other: Float32Array | undefined,
): Answered | null {
  const items = x.shape[0] as number;
  const outputs = classes?.probabilities ?? values?.values ?? other;
  if (outputs === undefined) return null;
  const target = classes !== null || values !== null ? (y as Tensor) : x;
  const width = sizeOf(target.shape.slice(1));
  return { items, outputs, targets: (from, count) => floatValues(target, from * width, count * width) };
}

interface Valued {
  readonly values: Float32Array;
  readonly targets: Float32Array;
  readonly items: number;
}

/** What an autoencoder says of its items, where it was asked. */
interface Rebuilt {
  readonly mean: Float32Array | undefined;
  readonly scale: Float32Array | undefined;
  readonly output: Float32Array | undefined;
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** The model's word on each item, as predictions keep it: of two classes that are predicted as 0 and 1, probabilities. */
function saidOf(classes: Classified | null, values: Valued | null): Partial<Predictions> {
  const rows = (of: Float32Array, columns: number) => tensorOf("float32", [of.length / columns, columns], of);
  return {
    ...(classes === null ? {} : { probabilities: rows(classes.probabilities, classes.classes) }),
    ...(classes?.logOdds ? { logOdds: rows(classes.logOdds, classes.classes) } : {}),
    ...(values === null || classes !== null
      ? {}
      : { values: rows(values.values, values.values.length / values.items) }),
  };
}

function cautionsOf(beyond: readonly Beyond[]): Record<string, string[]> {
  return Object.fromEntries(beyond.map(({ split, caution }) => [split, [caution]]));
}

/** Reconstructions on the scale of the input where that is made of bytes, else between their own extremes. */
function asBytes(values: Float32Array, like: Tensor, model: Model): Tensor<"uint8"> {
  const { outputShape } = partsOf(model);
  const { scale, offset } = like.dtype === "uint8" ? like : scaleOf(values);
  const bytes = new Uint8ClampedArray(values.length);
  for (let i = 0; i < values.length; i++) bytes[i] = ((values[i] as number) - offset) / scale;
  const shape = [values.length / sizeOf(outputShape), ...outputShape];
  return tensorOf("uint8", shape, new Uint8Array(bytes.buffer), { scale, offset });
}

function scaleOf(values: Float32Array): { scale: number; offset: number } {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return high >= low ? { scale: high > low ? (high - low) / 255 : 1, offset: low } : { scale: 1, offset: 0 };
}
