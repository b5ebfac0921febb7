import { dirname } from "node:path";
import { type ArtifactStore, fetchArtifact, keepBytes, storeArtifact } from "../artifact/io.js";
import { withScratch } from "../artifact/scratch.js";
import type { ArtifactKind, ArtifactTypes } from "../artifact/types.js";
import { DamagedEntry } from "../base/damaged.js";
import type { Diagnostic } from "../base/diagnostic.js";
import type { OutputRecord, StageProgress } from "../base/event.js";
import type { ExportedFile, WrittenFile } from "../base/exported.js";

import type { FileSums } from "../base/file-content.js";
import type { Json, JsonObject, JsonPath } from "../base/json.js";
import { type OwnFamily, ownNamesIn } from "../base/own-kind.js";

import { err, ok, type Result } from "../base/result.js";
import type { Answer, Question } from "../own/answers.js";
import type { CodeNote } from "../own/note.js";
import type { StageContext } from "../stage.js";
import type { OpenArtifactStore } from "../store/types.js";
import { unforeseen } from "./messages.js";
import { ownNamesBehind } from "./own-names.js";
import {
  type ExportTask,
  type ItemsTask,
  type ReadFile,
  type ReportTask,
  type StageTask,
  type Task,
  type TaskOutcome,
  type TaskResult,
  type TaskSignal,
  taskName,
} from "./protocol.js";
import { readNamed, readNamedInPieces } from "./read-files.js";

/** Artifacts by port. */
type Artifacts = Readonly<Record<string, ArtifactTypes[ArtifactKind]>>;

/** A stage as the worker sees it: which parameters and artifacts fit which kind was checked before. */
export interface AnyStage {
  run(context: StageContext, inputs: Artifacts): Promise<Result<Artifacts, readonly Diagnostic[]>>;
}

/** The parts of the program that an attempt may need, each loaded at its first use. */
export interface Parts {
  openStore(path: string): Result<OpenArtifactStore, readonly Diagnostic[]>;
  /** The diagnostic for what the store threw because of the disk; undefined for any other error. */
  storeFailure(error: unknown, path: string): Diagnostic | undefined;
  stage(kind: string): Promise<AnyStage>;
  renderReport(input: Json, store: ArtifactStore, progress: (done: number, total: number) => void): Promise<Uint8Array>;
  /** What is wrong with Vega-Lite specifications; each complaint's path begins with the place in the list. */
  checkCharts(specs: readonly JsonObject[]): Promise<readonly Diagnostic[]>;
  /** Loads an engine, lets it train for a step if that is wanted, and lets it go again. */
  probeEngine(name: string, train: boolean): Promise<Result<unknown, readonly Diagnostic[]>>;
  /** Loads the project's own layers, losses, metrics, optimizers and charts of these names; says which are not there. */
  adopt(names: Iterable<string>): Promise<readonly Diagnostic[]>;
  /** Results of functions of own layers. */
  ask(questions: readonly Question[]): Promise<readonly Answer[]>;
  /** The diagnostics of an error that the project's own code threw; undefined for any other. */
  ownFailure(what: string, error: unknown): Promise<Diagnostic | undefined>;
  /** Bundles a file of own code, and runs its top to see what it defines. */
  describe(family: OwnFamily, file: string): Promise<Result<CodeNote, readonly Diagnostic[]>>;
  exportFiles(
    format: ExportTask["format"],
    input: Json,
    store: ArtifactStore,
    warn: (warning: Diagnostic) => void,
  ): Promise<Result<readonly ExportedFile[], readonly Diagnostic[]>>;
  /** Writes files itself. */
  exportItems(
    input: Json,
    store: ArtifactStore,
    warn: (warning: Diagnostic) => void,
  ): Promise<Result<readonly WrittenFile[], readonly Diagnostic[]>>;
}

/** At most ten progress signals a second leave the worker: more than an eye can follow. */
const PROGRESS_MS = 100;

/** Runs one attempt to its outcome. Whatever is thrown becomes an outcome too. */
export async function perform(task: Task, parts: Parts, signal: (s: TaskSignal) => void): Promise<TaskOutcome> {
  const start = performance.now();
  const durationMs = (): number => Math.round(performance.now() - start);
  const read: ReadFile[] = [];
  try {
    const result = await resultOf(task, parts, signal, read);
    if (!result.ok) return { status: "failed", diagnostics: result.error, durationMs: durationMs(), read };
    const peakBytes = process.resourceUsage().maxRSS * 1024;
    return { status: "done", ...result.value, durationMs: durationMs(), peakBytes };
  } catch (error) {
    if (error instanceof DamagedEntry) {
      return { status: "damaged", digest: error.digest, durationMs: durationMs() };
    }
    const diagnostic =
      parts.storeFailure(error, task.storePath) ??
      (await parts.ownFailure(taskName(task), error)) ??
      unforeseen(taskName(task), error);
    return { status: "failed", diagnostics: [diagnostic], durationMs: durationMs(), read };
  }
}

/** Kinds of the project's own that a task will need besides the kind of its stage. */
function namesOf(task: StageTask | ReportTask | ExportTask | ItemsTask, store: ArtifactStore): Iterable<string> {
  if (task.type !== "stage") return ownNamesBehind(task.input, store);
  return [...ownNamesIn(task.params), ...ownNamesBehind(Object.values(task.inputs), store)];
}

type Made = Result<TaskResult, readonly Diagnostic[]>;

async function resultOf(task: Task, parts: Parts, signal: (s: TaskSignal) => void, read: ReadFile[]): Promise<Made> {
  if (task.type === "probe") {
    const probed = await parts.probeEngine(task.engine, task.train === true);
    return probed.ok ? ok({ outputs: [] }) : probed;
  }
  if (task.type === "charts") {
    const complaints = await parts.checkCharts(task.specs);
    return complaints.length === 0 ? ok({ outputs: [] }) : err(complaints);
  }
  if (task.type === "describe") {
    const note = await parts.describe(task.family, task.file);
    return note.ok ? ok({ outputs: [], note: note.value }) : note;
  }
  if (task.type === "ask") return ok({ outputs: [], answers: await parts.ask(task.questions) });
  const opened = parts.openStore(task.storePath);
  if (!opened.ok) return opened;
  const store = opened.value;
  try {
    const adopted = await parts.adopt(namesOf(task, store));
    if (adopted.length > 0) return err(adopted);
    // What does not fit into memory has room where the store has.
    return await withScratch(dirname(task.storePath), () => workWith(store, task, parts, signal, read));
  } finally {
    store.close();
  }
}

async function workWith(
  store: ArtifactStore,
  task: Exclude<Task, { type: "probe" | "charts" | "describe" | "ask" }>,
  parts: Parts,
  signal: (s: TaskSignal) => void,
  read: ReadFile[],
): Promise<Made> {
  if (task.type === "report") {
    const progress = throttled((drawn) => signal({ type: "progress", ...drawn }));
    const html = await parts.renderReport(task.input, store, (done, total) => {
      progress({ done, total, unit: "charts" });
    });
    return ok({ outputs: [storeArtifact(store, "report", { html })] });
  }
  const warn = (diagnostic: Diagnostic): void => signal({ type: "warning", diagnostic });
  if (task.type === "export") {
    const files = await parts.exportFiles(task.format, task.input, store, warn);
    return files.ok ? ok({ outputs: [], files: files.value }) : files;
  }
  if (task.type === "items") {
    const written = await parts.exportItems(task.input, store, warn);
    return written.ok ? ok({ outputs: [], written: written.value }) : written;
  }
  return runStage(task, parts, store, signal, read);
}

async function runStage(
  task: StageTask,
  parts: Parts,
  store: ArtifactStore,
  signal: (s: TaskSignal) => void,
  read: ReadFile[],
): Promise<Made> {
  const stage = await parts.stage(task.kind);
  const inputs = Object.fromEntries(
    Object.entries(task.inputs).map(([port, { kind, digest }]) => {
      return [port, fetchArtifact(store, kind as ArtifactKind, digest)];
    }),
  );
  const result = await stage.run(contextOf(task, store, signal, read), inputs);
  if (!result.ok) return result;
  const outputs = Object.entries(task.outputs).map(([port, kind]): OutputRecord => {
    const made = result.value[port];
    if (made === undefined) throw new Error(`${task.kind} returned nothing for its output ${port}`);
    return storeArtifact(store, kind as ArtifactKind, made, port);
  });
  return ok({ outputs, read });
}

function contextOf(
  task: StageTask,
  store: ArtifactStore,
  signal: (s: TaskSignal) => void,
  read: ReadFile[],
): StageContext {
  const fileAt = (path: JsonPath): string => {
    const place = JSON.stringify(path);
    const file = task.files.find((candidate) => JSON.stringify(candidate.path) === place);
    if (file === undefined) throw new Error(`no file at ${place} in the parameters of ${task.stage}`);
    return file.absolute;
  };
  const noted = <T extends FileSums>(path: JsonPath, content: Result<T, readonly Diagnostic[]>) => {
    if (content.ok) read.push({ path, digest: content.value.digest });
    return content;
  };
  return {
    params: task.params as unknown as StageContext["params"],
    seed: task.seed,
    engine: task.engine,
    read: (path) => noted(path, readNamed(fileAt(path), path)),
    readInPieces: async (path, use) => noted(path, await readNamedInPieces(fileAt(path), path, use)),
    keep: (bytes) => keepBytes(store, bytes),
    progress: throttled((progress) => signal({ type: "progress", ...progress })),
    epoch: (epoch) => signal({ type: "epoch", ...epoch }),
    trainingEnded: (end) => signal({ type: "training-ended", ...end }),
    warn: (diagnostic) => signal({ type: "warning", diagnostic }),
  };
}

/** Lets through what comes at least `PROGRESS_MS` after the last, a change of what is done, and the end. */
function throttled(report: (progress: StageProgress) => void): (progress: StageProgress) => void {
  let last = Number.NEGATIVE_INFINITY;
  let doing: string | undefined;
  return (progress) => {
    const now = performance.now();
    const due = now - last >= PROGRESS_MS || progress.doing !== doing || progress.done >= progress.total;
    if (!due) return;
    last = now;
    doing = progress.doing;
    report(progress);
  };
}
