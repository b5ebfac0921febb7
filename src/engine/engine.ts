import type * as tf from "@tensorflow/tfjs-core";
import type { TypedArrays } from "../artifact/tensor.js";
import type { Diagnostic } from "../base/diagnostic.js";
import type { EngineName } from "../base/engines.js";
import type { Result } from "../base/result.js";

/** The types in which numbers cross to an engine. */
export type CrossingType = "uint8" | "int32" | "float32";
export type HostArray = TypedArrays[CrossingType];

/**
 * One input of a program as it crosses from the host. The program sees float32 `stored × scale + offset`
 * (int32 stays int32), so images cross as bytes.
 */
export interface InputSpec {
  readonly name: string;
  /** Of one step, batch first: `[32, 784]`; `[]` for a scalar such as the learning rate. */
  readonly shape: readonly number[];
  readonly dtype: CrossingType;
  readonly scale?: number;
  readonly offset?: number;
}

export type NamedTensors = Readonly<Record<string, tf.Tensor>>;
export type NamedArrays = Readonly<Record<string, HostArray>>;

/**
 * One training step, written with tfjs operations on whatever backend the engine has made current. The engine takes
 * gradients of `loss` with respect to the trainable `variables` and lets `optimizer` apply them.
 */
export interface StepProgram {
  /** Inputs of a step with this many items: `x`, `y`, noise, dropout masks. The last batch may be smaller. */
  inputs(batch: number): readonly InputSpec[];
  /**
   * Makes the variables with their initial values on the current backend; called once. Names are unique. Variables that
   * are not trainable (moving statistics) are part of the state too.
   */
  variables(): readonly tf.Variable[];
  /** The scalar to minimize, and scalars to report beside it (means over the batch). No host reads, no random draws. */
  loss(inputs: NamedTensors): { readonly loss: tf.Scalar; readonly parts: Readonly<Record<string, tf.Scalar>> };
  /** Made once, after the variables. The learning rate is the input `learningRate` of every step. */
  optimizer: OptimizerProgram;
}

/** One optimizer update, built from tfjs operations; the learning rate is an input of the step. */
export interface OptimizerProgram {
  /**
   * @param learningRate scalar tensor of this step, an input of the program.
   * Applies (clipped) gradients to the variables by `assign`. Slots are variables of the engine: `makeSlot` gives the one of
   * that name, made with `initial` (which it disposes) when it is asked for the first time. Optimizers keep nothing else.
   */
  apply(
    gradients: Readonly<Record<string, tf.Tensor>>,
    variables: Readonly<Record<string, tf.Variable>>,
    learningRate: tf.Scalar,
    makeSlot: (name: string, initial: () => tf.Tensor) => tf.Variable,
  ): void;
}

/** A training step that an engine has made its own. The engine owns the state. */
export interface CompiledTraining {
  /**
   * Runs `steps` steps of `batch` items in one call; between them the host does nothing.
   * @param data input name → values of all steps, one after the other: length `steps × size of one step's shape`.
   * @param learningRates one a step.
   * @returns one row a reported scalar, `steps` values each; `loss` is among them.
   */
  run(
    batch: number,
    steps: number,
    data: NamedArrays,
    learningRates: Float32Array,
  ): Promise<Result<Readonly<Record<string, Float32Array>>, Diagnostic[]>>;
  /** Weights, moving statistics and optimizer slots by name: exact, as float32. */
  readState(): Promise<Readonly<Record<string, Float32Array>>>;
  writeState(state: Readonly<Record<string, Float32Array>>): Promise<void>;
  dispose(): void;
}

/** A pure function of inputs and weights: prediction, evaluation, encoding, decoding. */
export interface FunctionProgram {
  inputs(batch: number): readonly InputSpec[];
  variables(): readonly tf.Variable[];
  outputs(inputs: NamedTensors): NamedTensors;
}

export interface CompiledFunction {
  /** One call on `batch` items. Outputs are float32, row-major, batch first. */
  run(batch: number, data: NamedArrays): Promise<Result<Readonly<Record<string, Float32Array>>, Diagnostic[]>>;
  /** Replaces the weights that later calls use, by variable name; names it does not know are ignored. */
  writeWeights(weights: Readonly<Record<string, Float32Array>>): Promise<void>;
  dispose(): void;
}

/** What computes. Loaded in a worker process only. */
export interface Engine {
  readonly name: EngineName;
  /** Of the library that computes: kept with what it trains. */
  readonly version: string;
  /** How many steps a call of `CompiledTraining.run` should have, to be fast and yet report every second. Default 128. */
  readonly stepsPerCall?: number;
  compileTraining(program: StepProgram): Promise<Result<CompiledTraining, Diagnostic[]>>;
  compileFunction(program: FunctionProgram): Promise<Result<CompiledFunction, Diagnostic[]>>;
  dispose(): void;
}

/** Makes an engine, or says why this machine cannot. */
export type EngineFactory = () => Promise<Result<Engine, Diagnostic[]>>;
