import type { Diagnostic } from "../base/diagnostic.js";
import type { Digest } from "../base/digest.js";
import type { EngineName } from "../base/engines.js";
import type { EpochReport, OutputRecord, StageProgress, TrainingEnd } from "../base/event.js";
import type { ExportedFile, WrittenFile } from "../base/exported.js";
import type { Json, JsonObject, JsonPath } from "../base/json.js";
import type { OwnFamily } from "../base/own-kind.js";
import type { Answer, Question } from "../own/answers.js";
import type { CodeNote } from "../own/note.js";
import type { ModelExportFormat, ReportExportFormat } from "./export-formats.js";

/** An argument of a worker process: it runs no code of a project's own. */
export const NO_OWN_CODE = "--no-own-code";

/** One numbered attempt of one stage: all that an executor receives. Inputs are digests in the store. */
export interface StageTask {
  readonly type: "stage";
  readonly node: string;
  /** From 1; a fence: the coordinator commits only what the current attempt reports. */
  readonly attempt: number;
  readonly kind: string;
  readonly stage: string;
  readonly params: JsonObject;
  readonly seed: number;
  readonly engine: EngineName;
  /** By port. */
  readonly inputs: Readonly<Record<string, { readonly kind: string; readonly digest: Digest }>>;
  /** Port → the kind of artifact that the stage must make for it. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly files: readonly { readonly path: JsonPath; readonly absolute: string }[];
  readonly storePath: string;
}

/** Tries to load an engine, so that its absence is known before the first stage needs it. Makes no outputs. */
export interface ProbeTask {
  readonly node: "probe";
  readonly attempt: number;
  readonly type: "probe";
  readonly engine: EngineName;
  /** Whether it is to train for a step too: what loads need not compute. */
  readonly train?: boolean;
  readonly storePath: string;
}

/** What a report is made from; rendered by a worker, so that the parent stays light. */
export interface ReportTask {
  readonly node: string;
  readonly attempt: number;
  readonly type: "report";
  readonly input: Json;
  readonly storePath: string;
}

/** Files made from what runs left in the store: models, or a report's tables and charts. Stores nothing. */
export interface ExportTask {
  readonly node: "export";
  readonly attempt: number;
  readonly type: "export";
  readonly format: ModelExportFormat | ReportExportFormat;
  /** What such files are made from: stored models for a model's format, else the input of a report. */
  readonly input: Json;
  readonly storePath: string;
}

/** Files of what trained models say of every item, written by the worker: they can be large. Stores nothing. */
export interface ItemsTask {
  readonly node: "items";
  readonly attempt: number;
  readonly type: "items";
  readonly input: Json;
  readonly storePath: string;
}

/** Charts of a user's own, tried without data before anything is computed for them. Makes no outputs. */
export interface ChartsTask {
  readonly node: "charts";
  readonly attempt: number;
  readonly type: "charts";
  /** Vega-Lite specifications; a complaint's path begins with the place in this list. */
  readonly specs: readonly JsonObject[];
  readonly storePath: string;
}

/** Bundles a file of own code and asks what it defines. Makes no outputs. */
export interface DescribeTask {
  readonly node: "describe";
  readonly attempt: number;
  readonly type: "describe";
  readonly family: OwnFamily;
  /** Absolute. */
  readonly file: string;
  readonly storePath: string;
}

/** Asks functions of own layers what a plan must know. Makes no outputs. */
export interface AskTask {
  readonly node: "ask";
  readonly attempt: number;
  readonly type: "ask";
  readonly questions: readonly Question[];
  readonly storePath: string;
}

export type Task = StageTask | ReportTask | ProbeTask | ChartsTask | ExportTask | ItemsTask | DescribeTask | AskTask;

/** What a task is called where people read of it. */
export function taskName(task: Task): string {
  return task.type === "stage" ? task.stage : task.type;
}

/** A file that an attempt read, by its place in the parameters, and what was in it. */
export interface ReadFile {
  readonly path: JsonPath;
  readonly digest: Digest;
}

/** What an attempt made: artifacts in the store and, by an export, files. */
export interface TaskResult {
  readonly outputs: readonly OutputRecord[];
  readonly read?: readonly ReadFile[];
  readonly files?: readonly ExportedFile[];
  readonly written?: readonly WrittenFile[];
  /** What is known of own code now. */
  readonly note?: CodeNote;
  /** One a question. */
  readonly answers?: readonly Answer[];
}

export type TaskOutcome =
  | (TaskResult & {
      readonly status: "done";
      readonly durationMs: number;
      /** The most memory that the process held until then, also for attempts before this one. */
      readonly peakBytes: number;
    })
  | {
      readonly status: "failed";
      readonly diagnostics: readonly Diagnostic[];
      readonly durationMs: number;
      readonly read?: readonly ReadFile[];
    }
  /** An input's bytes were damaged: drop it, make it again, try again. */
  | { readonly status: "damaged"; readonly digest: Digest; readonly durationMs: number }
  /** The process died or was stopped. */
  | { readonly status: "lost"; readonly reason: string; readonly durationMs: number };

/** Signs of life from a running attempt. */
export type TaskSignal =
  | ({ readonly type: "progress" } & StageProgress)
  | ({ readonly type: "epoch" } & EpochReport)
  | ({ readonly type: "training-ended" } & TrainingEnd)
  | { readonly type: "warning"; readonly diagnostic: Diagnostic };

/**
 * Runs one attempt and reports. It owns neither the graph nor the retries; local worker processes are the first
 * of its kind, a cluster scheduler may follow.
 */
export interface Executor {
  /** Never rejects. When `stop` fires, the attempt is ended and its outcome is `lost`. */
  run(task: Task, onSignal: (signal: TaskSignal) => void, stop?: AbortSignal): Promise<TaskOutcome>;
  /** How many attempts may run at a time. */
  readonly slots: number;
  /** Stops what runs and waits until it is gone. */
  close(): Promise<void>;
}

/** What crosses the channel to a local worker process, one attempt at a time. */
export type ToWorker = { readonly type: "task"; readonly task: Task } | { readonly type: "leave" };
export type FromWorker =
  | { readonly type: "signal"; readonly node: string; readonly attempt: number; readonly signal: TaskSignal }
  | { readonly type: "outcome"; readonly node: string; readonly attempt: number; readonly outcome: TaskOutcome };
