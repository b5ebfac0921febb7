import type { Diagnostic } from "./diagnostic.js";
import type { Digest } from "./digest.js";

/**
 * How a stage ended: `interrupted` in the middle of its work, `skipped` before it began. `resumed` is kept for stages
 * that go on from a checkpoint.
 */
export type StageStatus = "cached" | "ran" | "resumed" | "failed" | "interrupted" | "skipped";
export type RunStatus = "done" | "failed" | "interrupted";

/** One output of a stage, as records and events name it. */
export interface OutputRecord {
  readonly name: string;
  readonly kind: string;
  readonly digest: Digest;
  readonly bytes: number;
}

/** Numbers of one epoch: `{ train: { loss, reconstruction, kl }, test: { … } }`, in the units of the loss. */
export type EpochMetrics = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** How far a stage is. Give one where it can take more than a second. */
export interface StageProgress {
  readonly done: number;
  readonly total: number;
  /** What is counted, in the plural: `steps`, `items`. */
  readonly unit: string;
  /** Running values by name, of the epoch so far. */
  readonly metrics?: Readonly<Record<string, number>>;
  readonly epoch?: number;
  readonly epochs?: number;
  /** What is under way where nothing is counted: `compiling`, `validating`. A change of it is never throttled. */
  readonly doing?: string;
}

/** What was measured at the end of an epoch. `seconds` are for the eye only: no artifact holds them. */
export interface EpochReport {
  /** From 1. */
  readonly epoch: number;
  /** How many there are to be. */
  readonly epochs: number;
  /** Split → metric → value. */
  readonly metrics: EpochMetrics;
  /** That the epoch took, validation included. */
  readonly seconds: number;
}

/** How a training with early stopping came to its end. */
export interface TrainingEnd {
  /** The last epoch that was trained (from 1). */
  readonly epoch: number;
  /** How many there were to be. */
  readonly epochs: number;
  /** The epoch whose weights were kept. */
  readonly kept: number;
  /** Split and metric that chose. */
  readonly chosenBy: { readonly split: string; readonly metric: string };
  /** Why it ended before the last epoch; absent where it did not. */
  readonly stopped?: string;
}

/**
 * All that can happen in a run. `run --json` prints one of these a line; the loggers draw from them; nothing
 * else prints. A `node` is a stage of the merged graph: it may serve several variants.
 */
export type RunEvent =
  | {
      readonly type: "run-started";
      readonly run: string;
      readonly experiment: string;
      readonly startedAt: string;
      readonly engine: string;
      /** Why it is this one, where a faster one cannot be used. */
      readonly engineNote?: string;
      readonly jobs: number;
      readonly variants: readonly { readonly name: string; readonly stages: readonly StageRef[] }[];
    }
  | { readonly type: "stage-started"; readonly node: string; readonly attempt: number; readonly reason: string }
  | ({ readonly type: "stage-progress"; readonly node: string } & StageProgress)
  | ({ readonly type: "epoch"; readonly node: string } & EpochReport)
  | ({ readonly type: "training-ended"; readonly node: string } & TrainingEnd)
  | {
      readonly type: "stage-finished";
      readonly node: string;
      readonly status: StageStatus;
      readonly durationMs: number;
      readonly fingerprint: Digest | null;
      readonly outputs: readonly OutputRecord[];
      readonly reason: string;
      readonly diagnostics: readonly Diagnostic[];
    }
  | { readonly type: "warning"; readonly diagnostic: Diagnostic }
  | { readonly type: "report-written"; readonly path: string; readonly status: "cached" | "rendered" }
  | {
      readonly type: "run-finished";
      readonly run: string;
      readonly status: RunStatus;
      readonly durationMs: number;
      readonly cached: number;
      readonly ran: number;
      readonly failed: number;
      readonly interrupted: number;
      readonly skipped: number;
    };

export interface StageRef {
  readonly node: string;
  readonly name: string;
  readonly kind: string;
}

export type EventSink = (event: RunEvent) => void;
