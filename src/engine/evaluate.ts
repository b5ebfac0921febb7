import { setImmediate } from "node:timers/promises";
import { sizeOf, storedValues, type Tensor, tensorOf } from "../artifact/tensor.js";
import type { Dataset, MetricInfo, Metrics, Model, Predictions, Split, Weights } from "../artifact/types.js";
import type { Diagnostic } from "../base/diagnostic.js";
import { err, ok, type Result } from "../base/result.js";
import { type LossKind, lossTable } from "../gen/losses.js";
import type { EvaluateStage, TrainStage } from "../gen/stages.js";
import { checkSplit, splitOf } from "./checks.js";
import { chosen } from "./choice.js";
import { accuracyOf, type Classified, classified, confusionOf, logLossOf, macroF1Of } from "./classification.js";
import type { Engine } from "./engine.js";
import { reconstructionLoss } from "./families/reconstruction.js";
import { Feed } from "./feed.js";
import { MEASURE_BATCH, means, type Outputs, runOverSplit } from "./measure.js";
import { dataKinds, evaluationProgram } from "./program.js";
import { type ModelRunner, openModel, weightValues } from "./runner.js";

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
}

type Answer<T> = Promise<Result<T, Diagnostic[]>>;

/**
 * Measures a trained model on each split, by the loss that it was trained for.
 * @param progress is told how many items are done, of how many; one that is asked for more than its loss counts again.
 */
export async function evaluate(
  engine: Engine,
  task: EvaluationTask,
  progress: (done: number, total: number) => void = () => {},
): Answer<EvaluationResult> {
  const { params } = task;
  const kept = params.predictions ?? (params.splits.at(-1) as string);
  const splits = new Map<string, Split>();
  for (const name of new Set([...params.splits, kept])) {
    const split = splitOf(task.dataset, name, params.splits.includes(name) ? ["splits"] : ["predictions"]);
    if (!split.ok) return split;
    splits.set(name, split.value);
    const problems = checkSplit(task.model, split.value, trainedLoss(task));
    if (problems.length > 0) return err([...problems]);
  }
  const opened = await openModel(engine, task.model, task.weights);
  if (!opened.ok) return opened;
  try {
    return await new Evaluation(engine, task, opened.value, progress).run(splits, kept);
  } finally {
    opened.value.dispose();
  }
}

function trainedLoss({ weights }: EvaluationTask): TrainStage["loss"] {
  return weights.loss as unknown as TrainStage["loss"];
}

class Evaluation {
  readonly #engine: Engine;
  readonly #task: EvaluationTask;
  readonly #runner: ModelRunner;
  readonly #progress: (done: number, total: number) => void;
  #done = 0;
  #total = 0;

  constructor(
    engine: Engine,
    task: EvaluationTask,
    runner: ModelRunner,
    progress: (done: number, total: number) => void,
  ) {
    this.#engine = engine;
    this.#task = task;
    this.#runner = runner;
    this.#progress = progress;
  }

  async run(splits: ReadonlyMap<string, Split>, kept: string): Answer<EvaluationResult> {
    const metrics: Record<string, Record<string, number>> = {};
    const confusion: Record<string, readonly (readonly number[])[]> = {};
    let predictions: Predictions | undefined;
    for (const [name, split] of splits)
      this.#total += this.#passes(split, name === kept) * (split.x.shape[0] as number);
    // The first items wait for the compiler.
    this.#progress(0, this.#total);
    await setImmediate();
    for (const [name, split] of splits) {
      const items = await this.#measure(name, split);
      if (!items.ok) return items;
      const classes = await this.#classify(split);
      if (!classes.ok) return classes;
      if (name === kept) {
        const told = await this.#predictions(name, split, items.value, classes.value);
        if (!told.ok) return told;
        predictions = told.value;
      }
      if (!this.#task.params.splits.includes(name)) continue;
      metrics[name] = means(items.value);
      if (classes.value === null) continue;
      const counts = confusionOf(classes.value);
      confusion[name] = counts;
      Object.assign(metrics[name], {
        accuracy: accuracyOf(counts),
        macroF1: macroF1Of(counts),
        logLoss: logLossOf(classes.value),
      });
    }
    const measured = Object.values(metrics)[0] ?? {};
    return ok({
      metrics: {
        splits: metrics,
        about: aboutMetrics(Object.keys(measured), trainedLoss(this.#task), this.#task.model),
        ...(Object.keys(confusion).length === 0 ? {} : { confusion }),
        ...divergenceOf(this.#task.model),
      },
      predictions: predictions as Predictions,
    });
  }

  /** How often the items of a split go through the model. */
  #passes(split: Split, kept: boolean): number {
    return 1 + (this.#classifies(split) ? 1 : 0) + (kept && this.#task.model.family !== "sequential" ? 2 : 0);
  }

  /** Counts the items of one pass. */
  #counter(): (done: number) => void {
    const before = this.#done;
    return (done) => {
      this.#done = before + done;
      this.#progress(this.#done, this.#total);
    };
  }

  /** Loss and parts of every item. */
  async #measure(name: string, split: Split): Answer<Outputs> {
    const { model, weights, seed } = this.#task;
    const data = dataKinds(split);
    const program = evaluationProgram({ model, data, objective: { loss: trainedLoss(this.#task) } });
    const compiled = await this.#engine.compileFunction(program);
    if (!compiled.ok) return compiled;
    try {
      await compiled.value.writeWeights(weightValues(weights));
      const feed = new Feed(split, data, program.draws, MEASURE_BATCH);
      return await runOverSplit(compiled.value, feed, { seed, path: ["evaluate", name] }, this.#counter());
    } finally {
      compiled.value.dispose();
    }
  }

  /** What a classifier with class probabilities says; null for any other model. */
  async #classify(split: Split): Answer<Classified | null> {
    if (!this.#classifies(split)) return ok(null);
    const output = await this.#runner.predict(split.x, this.#counter());
    return output.ok ? ok(classified(output.value, split.y)) : output;
  }

  #classifies(split: Split): split is Split & { readonly y: Tensor } {
    if (this.#task.model.family !== "sequential" || split.y === null || split.y.dtype === "float32") return false;
    const { kind } = chosen(trainedLoss(this.#task));
    return lossTable[kind as LossKind].output !== "any";
  }

  async #predictions(split: string, { x }: Split, items: Outputs, classes: Classified | null): Answer<Predictions> {
    const { accuracy: _, ...parts } = items;
    const count = x.shape[0] as number;
    const itemLoss = Object.fromEntries(
      Object.entries(parts).map(([name, values]) => [name, tensorOf("float32", [count], values)]),
    );
    const common = { split, items: count, itemLoss };
    if (this.#task.model.family === "sequential") {
      if (classes === null) return ok(common);
      return ok({ ...common, probabilities: tensorOf("float32", [count, classes.classes], classes.probabilities) });
    }
    const encoded = await this.#runner.encode(x, this.#counter());
    if (!encoded.ok) return encoded;
    const output = await this.#runner.predict(x, this.#counter());
    if (!output.ok) return output;
    const { mean, scale } = encoded.value;
    return ok({
      ...common,
      latent: flat(mean),
      ...(scale === undefined ? {} : { latentScale: flat(scale) }),
      reconstruction: asBytes(output.value, x),
    });
  }
}

function flat(tensor: Tensor<"float32">): Tensor<"float32"> {
  const items = tensor.shape[0] as number;
  return { ...tensor, shape: [items, sizeOf(tensor.shape.slice(1))] };
}

/** Reconstructions on the scale of the input where that is made of bytes, else between their own extremes. */
function asBytes(output: Tensor<"float32">, like: Tensor): Tensor<"uint8"> {
  const values = storedValues(output);
  const { scale, offset } = like.dtype === "uint8" ? like : scaleOf(values);
  const bytes = new Uint8ClampedArray(values.length);
  for (let i = 0; i < values.length; i++) bytes[i] = ((values[i] as number) - offset) / scale;
  return tensorOf("uint8", output.shape, new Uint8Array(bytes.buffer), { scale, offset });
}

function scaleOf(values: Float32Array): { scale: number; offset: number } {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return { scale: high > low ? (high - low) / 255 : 1, offset: low };
}

/**
 * The metric `kl` is −½ Σ (1 + s − m² − exp s), which is the divergence of N(m, exp s) from N(0, 1). Codes are drawn from
 * N(m, (σ(s)·noise)²): the same only for noise 1 and σ = exp(s / 2).
 */
function divergenceOf({ latent }: Model): Pick<Metrics, "divergence"> {
  if (latent === undefined) return {};
  const { noise, scale } = latent;
  const exact = noise === 1 && scale === "exp-half";
  const deviation = `${scale === "exp" ? "exp(s)" : "exp(s/2)"}${noise === 1 ? "" : ` · ${noise}`}`;
  const about = exact
    ? "The KL divergence is that of the distribution that codes are drawn from, N(m, exp(s)), from the standard normal one."
    : `The KL divergence is −½ Σ (1 + s − m² − exp(s)), that of N(m, exp(s)). Codes are drawn from another distribution, N(m, (${deviation})²), so this loss is a quantity of its own and no bound on a likelihood.`;
  return { divergence: { form: `scale ${scale}, noise ${noise}`, exact, about } };
}

const NATS = "nats/example";

function aboutMetrics(
  names: readonly string[],
  loss: TrainStage["loss"],
  model: Model,
): Readonly<Record<string, MetricInfo>> {
  const { kind } = chosen(model.family === "sequential" ? loss : reconstructionLoss(loss).loss);
  const unit = kind.endsWith("crossentropy") ? NATS : "";
  const known: Readonly<Record<string, MetricInfo>> = {
    loss: { label: "Loss", unit, better: "lower" },
    reconstruction: { label: "Reconstruction error", unit, better: "lower" },
    kl: { label: "KL divergence", unit: NATS, better: "neither" },
    accuracy: { label: "Accuracy", unit: "", better: "higher" },
    macroF1: { label: "Macro F1", unit: "", better: "higher" },
    logLoss: { label: "Log loss", unit: NATS, better: "lower" },
  };
  return Object.fromEntries(names.map((name) => [name, known[name] as MetricInfo]));
}
