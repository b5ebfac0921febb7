import { setImmediate } from "node:timers/promises";
import { sizeOf } from "../artifact/tensor.js";
import type { Diagnostic } from "../base/diagnostic.js";
import type { EpochMetrics } from "../base/event.js";
import { RandomStream } from "../base/random.js";
import { err, ok, type Result } from "../base/result.js";
import { chosen } from "./choice.js";
import type { CompiledFunction, CompiledTraining, Engine, InputSpec } from "./engine.js";
import { Feed } from "./feed.js";
import { beginsAnew, takeWeights } from "./initial-weights.js";
import { countOf } from "./items.js";
import { rateFactor } from "./learning-rate.js";
import { means, measureBatch, runOverSplit } from "./measure.js";
import { notFinite } from "./not-finite.js";
import { dataKinds, evaluationProgram, type ModelProgram, trainingProgram } from "./program.js";
import type { Prepared, TrainingTask } from "./training-task.js";

export type WeightValues = Readonly<Record<string, Float32Array>>;

/** Steps a call of the engine, where the engine has no preference. */
const STEPS_PER_CALL = 128;
/** Most bytes that the inputs of a call may have, unless a single step has more: dropout masks can be large. */
const BYTES_PER_CALL = 64 * 2 ** 20;
/** A call should leave room for a word of progress every second. */
const MILLISECONDS_PER_CALL = 700;

export interface EpochResult {
  readonly metrics: EpochMetrics;
  /** Of the last step. */
  readonly learningRate: number;
}

/** What is under way where no steps are done. */
type Doing = "compiling" | "validating";
type StepProgress = (steps: number, metrics: Readonly<Record<string, number>>, doing?: Doing) => void;

interface Validation {
  readonly split: string;
  readonly compiled: CompiledFunction;
  readonly feed: Feed;
}

/** A training under way: the compiled step, the data on its way to it, and the measuring after each epoch. */
export class TrainingSession {
  readonly stepsPerEpoch: number;
  readonly weightShapes: ModelProgram["weights"];
  readonly #task: TrainingTask;
  readonly #training: CompiledTraining;
  readonly #feed: Feed;
  readonly #validation: Validation | null;
  /** As many as buffers and engine allow, and as many as are done in time. */
  readonly #mostStepsPerCall: number;
  #stepsPerCall: number;
  /** Sizes of batches for which `compiling` was reported; an engine compiles at the first call with each. */
  readonly #compiled: Set<number>;
  readonly #rate: (epoch: number, step: number) => number;

  private constructor(
    task: TrainingTask,
    training: CompiledTraining,
    program: ModelProgram,
    feed: Feed,
    validation: Validation | null,
    stepsPerCall: number,
  ) {
    this.#task = task;
    this.#training = training;
    this.#feed = feed;
    this.#validation = validation;
    this.#mostStepsPerCall = stepsPerCall;
    // The cost of a step is not known yet: of a large model a hundred take minutes.
    this.#stepsPerCall = 1;
    // For the first it was reported before there was a session.
    this.#compiled = new Set([Math.min(task.params.batchSize, feed.items)]);
    this.weightShapes = program.weights;
    this.stepsPerEpoch = Math.ceil(feed.items / task.params.batchSize);
    this.#rate = learningRate(task, this.stepsPerEpoch);
  }

  static async start(
    engine: Engine,
    task: TrainingTask,
    { train, validation, objective, trained }: Prepared,
    warn: (diagnostic: Diagnostic) => void,
  ): Promise<Result<TrainingSession, Diagnostic[]>> {
    const { model, params } = task;
    const data = dataKinds(train);
    const program = trainingProgram({ model, data, objective: trained }, params, task.seed);
    const training = await engine.compileTraining(program);
    if (!training.ok) return training;
    if (!program.weights.some(({ trainable }) => trainable)) {
      training.value.dispose();
      return err([nothingToTrain()]);
    }
    const begun = await beginWith(training.value, program.weights, task, warn);
    if (!begun.ok) {
      training.value.dispose();
      return begun;
    }
    // A batch has no more items than there are.
    const batch = Math.min(params.batchSize, countOf(train));
    const bytes = bytesOf(program.inputs(batch));
    const steps = Math.max(1, Math.min(engine.stepsPerCall ?? STEPS_PER_CALL, Math.floor(BYTES_PER_CALL / bytes)));
    const feed = new Feed(train, data, program.draws, steps * batch);
    if (validation === null) {
      return ok(new TrainingSession(task, training.value, program, feed, null, steps));
    }
    const kinds = dataKinds(validation.split);
    const measuring = evaluationProgram({ model, data: kinds, objective });
    const compiled = await engine.compileFunction(measuring);
    if (!compiled.ok) {
      training.value.dispose();
      return compiled;
    }
    const measured = {
      split: validation.name,
      compiled: compiled.value,
      feed: new Feed(validation.split, kinds, measuring.draws, measureBatch(model)),
    };
    return ok(new TrainingSession(task, training.value, program, feed, measured, steps));
  }

  /** Runs epoch `epoch` (from 1), whatever ran before: its order, draws and learning rates follow from its number. */
  async epoch(epoch: number, progress: StepProgress): Promise<Result<EpochResult, Diagnostic[]>> {
    const { params, seed } = this.#task;
    const order = params.shuffle
      ? new RandomStream(seed, ["train", "shuffle", epoch]).permutation(this.#feed.items)
      : null;
    const sums = new WeightedMeans();
    let step = 0;
    while (step < this.stepsPerEpoch) {
      const { batch, steps } = this.#nextCall(step);
      if (!this.#compiled.has(batch)) {
        this.#compiled.add(batch);
        progress(step, sums.means(), "compiling");
        await setImmediate();
      }
      const start = performance.now();
      const from = step * params.batchSize;
      const data = this.#feed.fill(order, from, batch * steps, { seed, path: ["train", epoch] });
      const rates = Float32Array.from({ length: steps }, (_, i) => this.#rate(epoch, step + i));
      const rows = await this.#training.run(batch, steps, data, rates);
      if (!rows.ok) return rows;
      // The rest of an epoch says nothing about whole batches.
      if (batch === params.batchSize) this.#keepPace(steps, performance.now() - start);
      const broken = (rows.value.loss as Float32Array).findIndex((loss) => !Number.isFinite(loss));
      if (broken >= 0) return err([notFinite(at(rows.value, broken), epoch, { step: step + broken + 1 })]);
      sums.add(rows.value, batch);
      step += steps;
      progress(step, sums.means());
      // Lets progress messages be sent.
      await setImmediate();
    }
    const validated = await this.#validate(epoch, () => progress(step, sums.means(), "validating"));
    if (!validated.ok) return validated;
    const metrics = { train: sums.means(), ...validated.value };
    return ok({ metrics, learningRate: this.#rate(epoch, this.stepsPerEpoch - 1) });
  }

  /** The weights as they are now, by name. */
  async weights(): Promise<WeightValues> {
    const state = await this.#training.readState();
    return Object.fromEntries(this.weightShapes.map(({ name }) => [name, state[name] as Float32Array]));
  }

  dispose(): void {
    this.#training.dispose();
    this.#validation?.compiled.dispose();
  }

  /** Fits the next calls to the time that this one took. How steps are divided into calls changes no result. */
  #keepPace(steps: number, milliseconds: number): void {
    const affordable = Math.floor((steps * MILLISECONDS_PER_CALL) / milliseconds);
    this.#stepsPerCall = Math.max(1, Math.min(this.#mostStepsPerCall, affordable));
  }

  /** As many whole batches as the engine prefers; the rest of the epoch, if less than a batch, is a call of its own. */
  #nextCall(step: number): { readonly batch: number; readonly steps: number } {
    const { batchSize } = this.#task.params;
    const whole = Math.floor(this.#feed.items / batchSize);
    if (step < whole) return { batch: batchSize, steps: Math.min(this.#stepsPerCall, whole - step) };
    return { batch: this.#feed.items - whole * batchSize, steps: 1 };
  }

  /** @param alive is called before the first items and now and then: a large split takes a while. */
  async #validate(epoch: number, alive: () => void): Promise<Result<EpochMetrics, Diagnostic[]>> {
    if (this.#validation === null) return ok({});
    const { split, compiled, feed } = this.#validation;
    alive();
    await setImmediate();
    await compiled.writeWeights(await this.weights());
    const source = { seed: this.#task.seed, path: ["validate", epoch] };
    const outputs = await runOverSplit(compiled, feed, source, alive);
    if (!outputs.ok) return outputs;
    const measured = means(outputs.value);
    if (!Number.isFinite(measured.loss)) return err([notFinite(measured, epoch, { split })]);
    return ok({ [split]: measured });
  }
}

function nothingToTrain(): Diagnostic {
  return {
    code: "nothing-to-train",
    severity: "error",
    message: "no weight of the model is trained",
    path: [],
    fix: "Remove `trainable: false` from a layer that shall learn, or add a layer that has weights.",
  };
}

/** Puts the weights that a training begins with in the place of new ones. */
async function beginWith(
  training: CompiledTraining,
  wanted: ModelProgram["weights"],
  { initial }: TrainingTask,
  warn: (diagnostic: Diagnostic) => void,
): Promise<Result<null, Diagnostic[]>> {
  if (initial === undefined) return ok(null);
  const taken = takeWeights(wanted, initial);
  if (!taken.ok) return taken;
  const { values, otherShape } = taken.value;
  if (otherShape.length > 0) warn(beginsAnew(otherShape));
  await training.writeState({ ...(await training.readState()), ...values });
  return ok(null);
}

/** Means over an epoch in which batches differ in size, in double precision. */
class WeightedMeans {
  readonly #sums: Record<string, number> = {};
  #items = 0;

  /** @param rows one value a step; @param weight items of each of these steps. */
  add(rows: Readonly<Record<string, Float32Array>>, weight: number): void {
    for (const [name, values] of Object.entries(rows)) {
      let sum = this.#sums[name] ?? 0;
      for (const value of values) sum += value * weight;
      this.#sums[name] = sum;
    }
    this.#items += weight * (rows.loss as Float32Array).length;
  }

  means(): Record<string, number> {
    return Object.fromEntries(Object.entries(this.#sums).map(([name, sum]) => [name, sum / this.#items]));
  }
}

/** The values of one step. */
function at(rows: Readonly<Record<string, Float32Array>>, step: number): Record<string, number> {
  return Object.fromEntries(Object.entries(rows).map(([name, values]) => [name, values[step] as number]));
}

function bytesOf(inputs: readonly InputSpec[]): number {
  return inputs.reduce((sum, { shape, dtype }) => sum + sizeOf(shape) * (dtype === "uint8" ? 1 : 4), 0);
}

/** The rate of a step (from 0) of an epoch (from 1). */
function learningRate({ params }: TrainingTask, stepsPerEpoch: number): (epoch: number, step: number) => number {
  // An optimizer of the project's own may have none: the schedule's factor is its rate then.
  const { learningRate: base = 1 } = chosen(params.optimizer).params as { readonly learningRate?: number };
  const factor = rateFactor(params.schedule);
  return (epoch, step) => base * factor(epoch - 1 + step / stepsPerEpoch, params.epochs);
}
