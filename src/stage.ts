/**
 * The interface between a stage and the program. A stage is two files of one name: `schemas/stages/<kind>.schema.json` says
 * what YAML may write, which artifacts go in and out, and the version; `stages/<kind>.ts` computes.
 */
import type { BytesRef } from "./artifact/tensor.js";
import type { Diagnostic } from "./base/diagnostic.js";
import type { EngineName } from "./base/engines.js";
import type { EpochReport, StageProgress, TrainingEnd } from "./base/event.js";
import type { FileContent, FileSums } from "./base/file-content.js";
import type { JsonPath } from "./base/json.js";
import type { Result } from "./base/result.js";
import type { StageInputs, StageKind, StageOutputs, StageParams } from "./gen/stages.js";

export type { Diagnostic } from "./base/diagnostic.js";
export type { EpochReport, StageProgress } from "./base/event.js";
export type { FileContent, FileSums } from "./base/file-content.js";
export { err, ok, type Result } from "./base/result.js";

/** What a running stage is given besides its inputs. */
export interface StageContext<K extends StageKind = StageKind> {
  /** Checked, complete, `${…}` replaced. */
  readonly params: StageParams[K];
  /** The pipeline's. Draw with `RandomStream(seed, path)` and nothing else, so that a rerun draws the same. */
  readonly seed: number;
  /** Who is to compute. */
  readonly engine: EngineName;
  /**
   * Reads a file that the parameters name, by its place in them; there is no other way to it, because the result is
   * stored under what was read here. Fails as a diagnostic at that place.
   */
  read(path: JsonPath): Result<FileContent, readonly Diagnostic[]>;
  /** The same for what may be large: one pass, a piece at a time, which is good until `use` is done with it. */
  readInPieces(
    path: JsonPath,
    use: (piece: Uint8Array) => void | Promise<void>,
  ): Promise<Result<FileSums, readonly Diagnostic[]>>;
  /** Stores bytes of the result now, so that what is large is never held as a whole. */
  keep(bytes: Uint8Array): BytesRef;
  /** Call as often as you like; what reaches the user is throttled. `done` of `total` `unit`s. */
  progress(progress: StageProgress): void;
  /** One epoch is over. Never throttled. */
  epoch(epoch: EpochReport): void;
  /** A training with early stopping has come to its end. */
  trainingEnded(end: TrainingEnd): void;
  /** Something worth a look that does not stop the stage. Said when the stage runs, not when it comes from the cache. */
  warn(diagnostic: Diagnostic): void;
}

/** A stage's code; its kind, parameters, inputs and outputs come from the schema of that name. */
export interface StageDefinition<K extends StageKind = StageKind> {
  readonly kind: K;
  /**
   * Computes the outputs from parameters, seed and inputs, and nothing else: no clock, no environment. What can go wrong
   * for a user is returned as diagnostics, with `path` into the parameters where one of them is wrong.
   */
  run(context: StageContext<K>, inputs: StageInputs[K]): Promise<Result<StageOutputs[K], readonly Diagnostic[]>>;
}

/** What a file in `stages/` exports by default: the definition itself, typed by its kind. */
export function defineStage<K extends StageKind>(definition: StageDefinition<K>): StageDefinition<K> {
  return definition;
}
