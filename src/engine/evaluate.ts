import { setImmediate } from "node:timers/promises";
import type { Dataset, Metrics, Model, Predictions, Weights } from "../artifact/types.js";
import type { Diagnostic } from "../base/diagnostic.js";
import { err, ok, type Result } from "../base/result.js";
import type { EvaluateStage } from "../gen/stages.js";
import {
  apart,
  byteImages,
  measuredAtOnce,
  type OutputAnswer,
  outputAnswer,
  predictionsOf,
  rebuildMeasurements,
} from "./answers.js";
import type { ByteImages } from "./byte-images.js";
import { checkSplit } from "./checks.js";
import { type Beyond, beyondDomain } from "./domain.js";
import type { Engine } from "./engine.js";
import { Feed } from "./feed.js";
import { completeWeights } from "./initial-weights.js";
import { ANSWER } from "./item-results.js";
import { countOf, type Items, itemsOf } from "./items.js";
import { measureBatch, type Outputs, runOverSplit, type Sink } from "./measure.js";
import { aboutMetrics, divergenceOf } from "./metric-info.js";
import { type Objective, objectiveOf, prefixOf } from "./objective.js";
import { type MetricRequest, metricRequests, namesTaken, type OwnMeasurement } from "./own-metric.js";
import { impreciseNumbers } from "./precision.js";
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
 * @param progress is called with the number of items done, and of all.
 */
export async function evaluate(
  engine: Engine,
  task: EvaluationTask,
  progress: (done: number, total: number) => void = () => {},
): Answer<EvaluationResult> {
  const { model, dataset, params, weights } = task;
  if (Object.keys(weights.loss).length === 0) return err([noLoss()]);
  const objective = objectiveOf(model, dataset, {
    loss: weights.loss,
    ...(weights.shares && { weights: weights.shares }),
  });
  if (!objective.ok) return objective;
  const kept = params.predictions ?? (params.splits.at(-1) as string);
  const splits = new Map<string, Items>();
  for (const name of new Set([...params.splits, kept])) {
    const path = params.splits.includes(name) ? ["splits"] : ["predictions"];
    const split = itemsOf(dataset, name, model, path);
    if (!split.ok) return split;
    splits.set(name, split.value);
    const problems = checkSplit(model, split.value, objective.value);
    const tooLarge = impreciseNumbers(name, split.value).errors;
    if (problems.length + tooLarge.length > 0) return err([...problems, ...tooLarge]);
  }
  return new Evaluation(engine, task, objective.value, kept, progress).run(splits);
}

function noLoss(): Diagnostic {
  return {
    code: "wrong-weights",
    severity: "error",
    message: "these weights do not say which loss they were trained for, by which they would be measured",
    fix: "Name it where they come from: `loss: …` in the stage `weights`.",
  };
}

class Evaluation {
  readonly #engine: Engine;
  readonly #task: EvaluationTask;
  readonly #progress: (done: number, total: number) => void;
  readonly #objective: Objective;
  readonly #own: readonly MetricRequest[];
  /** The split whose predictions are kept. */
  readonly #kept: string;
  #done = 0;
  #total = 0;

  constructor(
    engine: Engine,
    task: EvaluationTask,
    objective: Objective,
    kept: string,
    progress: (done: number, total: number) => void,
  ) {
    this.#kept = kept;
    this.#engine = engine;
    this.#task = task;
    this.#objective = objective;
    this.#progress = progress;
    this.#own = metricRequests(task.params.metrics);
  }

  async run(splits: ReadonlyMap<string, Items>): Answer<EvaluationResult> {
    const kept = this.#kept;
    const measured = new Map<string, Measured>();
    const beyond: Beyond[] = [];
    let predictions: Predictions | undefined;
    for (const split of splits.values()) this.#total += countOf(split);
    // The first items wait for the compiler.
    this.#progress(0, this.#total);
    await setImmediate();
    for (const [name, split] of splits) {
      const { model, params } = this.#task;
      const rebuilt: ReadonlyMap<string, ByteImages> =
        name === kept ? byteImages(this.#objective, model, split) : new Map();
      // Inputs that are made again may be too many to be held: they are measured as they come.
      const own = params.splits.includes(name) ? this.#own : [];
      const measuring = rebuildMeasurements(this.#objective, model, split, own);
      const answered = await this.#answers(name, split, rebuilt, measuring);
      if (!answered.ok) return answered;
      const { answers, items } = apart(answered.value);
      const outputs = this.#objective.outputs.map((one) => ({
        ...outputAnswer(one, model, split, answers, rebuilt),
        prefix: prefixOf(this.#objective, one),
      }));
      if (name === kept) predictions = predictionsOf(name, split, items, answers, outputs);
      if (!params.splits.includes(name)) continue;
      const outside = beyondDomain(model, this.#objective, name, split);
      if (outside !== null) beyond.push(outside);
      const standard = measuredOf(items, outputs);
      const names = Object.keys({ ...standard.values, ...standard.unmeasured });
      const taken = namesTaken(this.#own, [
        ...names,
        ...names.map((metric) => metric.slice(metric.lastIndexOf(".") + 1)),
      ]);
      if (taken.length > 0) return err([...taken]);
      measured.set(name, this.#withOwn(standard, outputs, measuring));
    }
    return ok({
      metrics: this.#metrics(measured, beyond),
      predictions: predictions as Predictions,
      warnings: beyond.map(({ diagnostic }) => ({ ...diagnostic, path: [] })),
    });
  }

  /** Loss, its parts and the outputs of every item; what is large only for the split whose predictions are kept. */
  async #answers(
    name: string,
    split: Items,
    rebuilt: ReadonlyMap<string, ByteImages>,
    measuring: ReadonlyMap<string, OwnMeasurement>,
  ): Answer<Outputs> {
    const { model, weights, seed } = this.#task;
    const data = dataKinds(split);
    const kept = name === this.#kept;
    const wanted = { scores: true, items: kept || measuring.size > 0 };
    const program = evaluationProgram({ model, data, objective: this.#objective }, wanted);
    const compiled = await this.#engine.compileFunction(program);
    if (!compiled.ok) return compiled;
    try {
      const values = completeWeights(program.weights, weights);
      if (!values.ok) return values;
      await compiled.value.writeWeights(values.value);
      const feed = new Feed(split, data, program.draws, measureBatch(model));
      const before = this.#done;
      const source = { seed, path: ["evaluate", name] };
      const report = (done: number): void => {
        this.#done = before + done;
        this.#progress(this.#done, this.#total);
      };
      const ignored = kept ? [] : [ANSWER.mean, ANSWER.deviation];
      const sinks = new Map<string, Sink>([
        ...ignored.map((answer) => [answer, () => {}] as const),
        ...[...new Set([...rebuilt.keys(), ...measuring.keys()])].map((output): [string, Sink] => [
          ANSWER.rebuilt(output),
          (values, items) => {
            rebuilt.get(output)?.add(values);
            measuring.get(output)?.add(values, items);
          },
        ]),
      ]);
      return await runOverSplit(compiled.value, feed, source, report, sinks);
    } finally {
      compiled.value.dispose();
    }
  }

  /** Adds the project's own metrics of every output. */
  #withOwn(
    standard: Measured,
    outputs: readonly (OutputAnswer & { readonly prefix: string })[],
    measured: ReadonlyMap<string, OwnMeasurement>,
  ): Measured {
    if (this.#own.length === 0) return standard;
    const values: Record<string, number> = { ...standard.values };
    const unmeasured: Record<string, string> = { ...standard.unmeasured };
    for (const output of outputs) {
      const own = (measured.get(output.name) ?? measuredAtOnce(this.#own, output)).values();
      for (const { name, file } of this.#own) {
        const value = own[name] as number;
        if (Number.isFinite(value)) values[`${output.prefix}${name}`] = value;
        else unmeasured[`${output.prefix}${name}`] = `${file} gave no finite number`;
      }
    }
    return { ...standard, values, unmeasured };
  }

  #aboutOwn(): Metrics["about"] {
    const entries = this.#objective.outputs.flatMap((one) => {
      const prefix = prefixOf(this.#objective, one);
      const label = prefix === "" ? "" : `${one.output.name}: `;
      return this.#own.map(({ name, info }) => [`${prefix}${name}`, { ...info, label: `${label}${info.label}` }]);
    });
    return Object.fromEntries(entries);
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
      about: { ...aboutMetrics(names, this.#objective), ...this.#aboutOwn() },
      ...(Object.keys(confusion).length === 0 ? {} : { confusion }),
      ...(Object.keys(unmeasured).length === 0 ? {} : { unmeasured }),
      ...(beyond.length === 0 ? {} : { cautions: cautionsOf(beyond) }),
      ...divergenceOf(this.#task.model),
    };
  }
}

function cautionsOf(beyond: readonly Beyond[]): Record<string, string[]> {
  return Object.fromEntries(beyond.map(({ split, caution }) => [split, [caution]]));
}
