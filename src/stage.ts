/**
 * All that the author of a stage must know. A stage is two files of one name: `schemas/stages/<kind>.schema.json` says
 * what YAML may write, which artifacts go in and out, and the version; `stages/<kind>.ts` computes.
 */
import type { ArtifactTypes } from "./artifact/types.js";
import type { Diagnostic } from "./base/diagnostic.js";
import type { EpochMetrics } from "./base/event.js";
import type { JsonPath } from "./base/json.js";
import type { Result } from "./base/result.js";
import type { StageInputs, StageKind, StageOutputs, StageParams } from "./gen/stages.js";

export type { Diagnostic } from "./base/diagnostic.js";
export { err, ok, type Result } from "./base/result.js";

/** What a running stage is given besides its inputs. */
export interface StageContext<K extends StageKind = StageKind> {
  /** Checked, complete, `${…}` replaced. */
  readonly params: StageParams[K];
  readonly seed: number;
  /** Name of the engine to compute with: `onnx`, `tensorflow`, `wasm`, `cpu`. */
  readonly engine: string;
  /** Absolute path of a file that the parameters name, by its place in them. */
  file(path: JsonPath): string;
  /** Call as often as you like; what reaches the user is throttled. `done` of `total` `unit`s. */
  progress(progress: StageProgress): void;
  /** One epoch is over. Never throttled. */
  epoch(epoch: EpochReport): void;
  warn(diagnostic: Diagnostic): void;
}

export interface StageProgress {
  readonly done: number;
  readonly total: number;
  readonly unit: string;
  readonly metrics?: Readonly<Record<string, number>>;
  readonly epoch?: number;
  readonly epochs?: number;
}

export interface EpochReport {
  readonly epoch: number;
  readonly epochs: number;
  readonly metrics: EpochMetrics;
  readonly seconds: number;
}

export interface StageDefinition<K extends StageKind = StageKind> {
  readonly kind: K;
  /**
   * Computes the outputs from parameters, seed and inputs, and nothing else: no clock, no environment. What can go wrong
   * for a user is returned as diagnostics, with `path` into the parameters where one is to blame.
   */
  run(context: StageContext<K>, inputs: StageInputs[K]): Promise<Result<StageOutputs[K], readonly Diagnostic[]>>;
}

export function defineStage<K extends StageKind>(definition: StageDefinition<K>): StageDefinition<K> {
  return definition;
}

export type { ArtifactTypes };
