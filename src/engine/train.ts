import { setImmediate } from "node:timers/promises";
import { tensorOf } from "../artifact/tensor.js";
import type { History, Weights } from "../artifact/types.js";
import type { Diagnostic } from "../base/diagnostic.js";
import type { EpochMetrics, EpochReport, StageProgress, TrainingEnd } from "../base/event.js";
import type { JsonObject } from "../base/json.js";
import { err, ok, type Result } from "../base/result.js";
import { checkSplit, problem, withClassWeights } from "./checks.js";
import { beyondDomain } from "./domain.js";
import { standing } from "./early-stopping.js";
import type { Engine } from "./engine.js";
import { holdOut } from "./hold-out.js";
import { countOf, itemsOf } from "./items.js";
import { type LossParams, objectiveOf } from "./objective.js";
import { impreciseNumbers } from "./precision.js";
import { TrainingSession, type WeightValues } from "./session.js";
import { type Prepared, type TrainingTask, validationOf } from "./training-task.js";

export interface TrainingHooks {
  /**
   * After every call of the engine, and before what may take long: `doing` then says what. `done` and `total` count steps;
   * `metrics` are means over the epoch so far.
   */
  progress?(progress: StageProgress): void;
  epoch?(report: EpochReport): void;
  /** Something worth a look that stops nothing. */
  warn?(diagnostic: Diagnostic): void;
  /** A training with early stopping has come to its end. */
  ended?(end: TrainingEnd): void;
}

export interface TrainingResult {
  readonly weights: Weights;
  readonly history: History;
}

/**
 * The state of a training between two epochs. With what the engine's `readState` gives, this is all that a later
 * process needs to go on with the same bits: draws, orders and learning rates follow from the epoch's number.
 */
export interface TrainingState {
  /** One entry an epoch that is done. */
  readonly metrics: readonly EpochMetrics[];
  /** At the end of each epoch. */
  readonly learningRates: readonly number[];
  /** Weights of the best epoch, kept only where they are to be restored. */
  readonly bestWeights: WeightValues | null;
}

const START: TrainingState = { metrics: [], learningRates: [], bestWeights: null };

/** Trains the model from its initial weights. What may go wrong for a user comes back as diagnostics. */
export async function train(
  engine: Engine,
  task: TrainingTask,
  hooks: TrainingHooks = {},
): Promise<Result<TrainingResult, Diagnostic[]>> {
  const prepared = prepare(task, hooks);
  if (!prepared.ok) return prepared;
  // Initial weights count to it: a large model has many.
  const { epochs, batchSize } = task.params;
  const total = Math.ceil(countOf(prepared.value.train) / batchSize) * epochs;
  hooks.progress?.({ done: 0, total, unit: "steps", epoch: 1, epochs, metrics: {}, doing: "compiling" });
  // Lets the message out.
  await setImmediate();
  const started = await TrainingSession.start(engine, task, prepared.value, (diagnostic) => hooks.warn?.(diagnostic));
  if (!started.ok) return started;
  const session = started.value;
  try {
    let state = START;
    while (state.metrics.length < task.params.epochs && stopReason(task, state) === undefined) {
      const next = await nextEpoch(session, task, state, hooks);
      if (!next.ok) return next;
      state = next.value;
    }
    const result = await resultOf(engine, session, task, state);
    const { epochs, planned, kept, chosenBy, stopped } = result.history;
    if (chosenBy !== undefined && planned !== undefined && kept !== undefined) {
      const { split, metric } = chosenBy;
      hooks.ended?.({ epoch: epochs, epochs: planned, kept, chosenBy: { split, metric }, ...(stopped && { stopped }) });
    }
    return ok(result);
  } finally {
    session.dispose();
  }
}

function prepare(task: TrainingTask, hooks: TrainingHooks): Result<Prepared, Diagnostic[]> {
  const { model, dataset, params } = task;
  const objective = objectiveOf(model, dataset, params);
  if (!objective.ok) return objective;
  const data = splitsFor(task);
  if (!data.ok) return data;
  const { train, validation } = data.value;
  const splits = validation === null ? [train] : [train, validation.split];
  const problems = splits.flatMap((one) => checkSplit(model, one, objective.value));
  if (problems.length > 0) return err(problems);
  const imprecise = [
    impreciseNumbers("train", train),
    ...(validation === null || validation.split.picked ? [] : [impreciseNumbers(validation.name, validation.split)]),
  ];
  const tooLarge = imprecise.flatMap(({ errors }) => errors);
  if (tooLarge.length > 0) return err(tooLarge);
  for (const warning of imprecise.flatMap(({ warnings }) => warnings)) hooks.warn?.(warning);
  const beyond = beyondDomain(model, objective.value, "train", train);
  if (beyond !== null) return err([{ ...beyond.diagnostic, severity: "error" }]);
  const outside = validation && beyondDomain(model, objective.value, validation.name, validation.split);
  if (outside) hooks.warn?.(outside.diagnostic);
  const trained = withClassWeights(params, model, objective.value, train);
  if (!trained.ok) return trained;
  return ok({ train, validation, objective: objective.value, trained: trained.value });
}

/** What is trained on, and what is measured after each epoch. */
function splitsFor({
  model,
  dataset,
  params,
  seed,
}: TrainingTask): Result<Pick<Prepared, "train" | "validation">, Diagnostic[]> {
  const train = itemsOf(dataset, "train", model);
  if (!train.ok) return train;
  const { split: name, fraction } = validationOf(params);
  if (name === null) return ok({ train: train.value, validation: null });
  if (fraction === null) {
    const split = itemsOf(dataset, name, model, ["validation"]);
    return split.ok ? ok({ train: train.value, validation: { name, split: split.value } }) : split;
  }
  const parts = holdOut(train.value, fraction, seed);
  if (parts === null) {
    const message = `${fraction} of ${countOf(train.value)} items leaves one side without any`;
    return err([
      problem(
        "out-of-range",
        ["validation"],
        message,
        "Change the share, or take more items.",
        "a share that is at least one item, and not all",
      ),
    ]);
  }
  return ok({ train: parts.train, validation: { name, split: parts.heldOut } });
}

async function nextEpoch(
  session: TrainingSession,
  task: TrainingTask,
  state: TrainingState,
  hooks: TrainingHooks,
): Promise<Result<TrainingState, Diagnostic[]>> {
  const epoch = state.metrics.length + 1;
  const { epochs, earlyStopping } = task.params;
  const start = performance.now();
  const run = await session.epoch(epoch, (steps, metrics, doing) => {
    const total = session.stepsPerEpoch * epochs;
    const done = session.stepsPerEpoch * (epoch - 1) + steps;
    hooks.progress?.({ done, total, unit: "steps", epoch, epochs, metrics, ...(doing === undefined ? {} : { doing }) });
  });
  if (!run.ok) return run;
  const metrics = [...state.metrics, run.value.metrics];
  hooks.epoch?.({ epoch, epochs, metrics: run.value.metrics, seconds: (performance.now() - start) / 1000 });
  let { bestWeights } = state;
  if (earlyStopping !== undefined) {
    const known = run.value.metrics[watchedSplit(task)] ?? {};
    if (!(earlyStopping.metric in known)) {
      const message = `the training measures no ${earlyStopping.metric}`;
      return err([
        problem(
          "unknown-metric",
          ["earlyStopping", "metric"],
          message,
          "Name one of these.",
          Object.keys(known).join(", "),
        ),
      ]);
    }
    const isBest = standing(metrics, watchedSplit(task), earlyStopping).bestEpoch === epoch;
    if (earlyStopping.restoreBest && isBest) bestWeights = await session.weights();
  }
  return ok({ metrics, learningRates: [...state.learningRates, run.value.learningRate], bestWeights });
}

/** The split that decides which epoch is best. */
function watchedSplit({ params }: TrainingTask): string {
  return validationOf(params).split ?? "train";
}

function stopReason(task: TrainingTask, { metrics }: TrainingState): string | undefined {
  const rule = task.params.earlyStopping;
  if (rule === undefined) return undefined;
  const { bestEpoch, stale } = standing(metrics, watchedSplit(task), rule);
  if (stale < rule.patience || metrics.length === 0) return undefined;
  const passed = `${stale} ${stale === 1 ? "epoch has" : "epochs have"} passed without a better one`;
  return `${rule.metric} of ${watchedSplit(task)} was best in epoch ${bestEpoch}, and ${passed}`;
}

async function resultOf(
  engine: Engine,
  session: TrainingSession,
  task: TrainingTask,
  state: TrainingState,
): Promise<TrainingResult> {
  const epochs = state.metrics.length;
  const { bestEpoch } = standing(state.metrics, watchedSplit(task), { metric: "loss", minDelta: 0 });
  const values = state.bestWeights ?? (await session.weights());
  const tensors = session.weightShapes.map(({ name, shape }) => ({
    name,
    tensor: tensorOf("float32", shape, values[name] as Float32Array),
  }));
  const rule = task.params.earlyStopping;
  const chosenBy = rule && { split: watchedSplit(task), ...rule };
  const kept =
    rule === undefined || state.bestWeights === null
      ? epochs
      : standing(state.metrics, watchedSplit(task), rule).bestEpoch;
  const stopped = epochs < task.params.epochs ? stopReason(task, state) : undefined;
  const { loss, weights: shares }: LossParams = task.params;
  return {
    weights: { tensors, epoch: kept, loss: loss as unknown as JsonObject, ...(shares && { shares }) },
    history: {
      epochs,
      splits: columns(state.metrics),
      learningRate: state.learningRates,
      bestEpoch,
      engine: { name: engine.name, version: engine.version },
      batchSize: task.params.batchSize,
      stepsPerEpoch: session.stepsPerEpoch,
      planned: task.params.epochs,
      kept,
      ...(chosenBy === undefined ? {} : { chosenBy }),
      ...(stopped === undefined ? {} : { stopped }),
    },
  };
}

/** Epochs of splits of metrics, turned into splits of metrics of epochs. */
function columns(epochs: readonly EpochMetrics[]): History["splits"] {
  const first = epochs[0] ?? {};
  return Object.fromEntries(
    Object.entries(first).map(([split, metrics]) => [
      split,
      Object.fromEntries(
        Object.keys(metrics).map((metric) => [metric, epochs.map((epoch) => epoch[split]?.[metric] ?? null)]),
      ),
    ]),
  );
}
