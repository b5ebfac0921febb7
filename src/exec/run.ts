import { DamagedEntry } from "../base/damaged.js";
import type { Diagnostic } from "../base/diagnostic.js";
import { type Digest, digestJson } from "../base/digest.js";
import type { EventSink, OutputRecord, RunEvent, RunStatus } from "../base/event.js";
import type { Json } from "../base/json.js";
import type { Plan, Revision } from "../plan/types.js";
import type { RunRecord, Store } from "../store/types.js";
import { Coordinator, type NodeOutcome, type NodeStanding, type Settle } from "./coordinator.js";
import { reportFailed } from "./messages.js";
import { cutShort, PULSE_MS, thisProcess } from "./owner.js";
import type { Executor } from "./protocol.js";
import { nodesOf, type RunHead, recordOf, runStatus } from "./record.js";
import type { RunFolder } from "./run-folder.js";

/** What a report is made from, and the code that makes it: together its fingerprint. */
export interface ReportRecipe {
  readonly input: Json;
  readonly revision: Revision;
}

export interface RunWorld {
  readonly store: Store;
  readonly executor: Executor;
  readonly settle: Settle;
  readonly folder: RunFolder;
  readonly emit: EventSink;
  readonly stop: AbortSignal;
  readonly clock: () => Date;
  /** What was to be warned of before the run began. */
  readonly warnings: readonly Diagnostic[];
  /** Null when no report is wanted. */
  readonly report: ((record: RunRecord) => ReportRecipe) | null;
}

/**
 * One run from beginning to end: brings the plan's nodes to an end, writes the report of what there is, also after a
 * failure or an interruption, and keeps the record.
 */
export async function executeRun(plan: Plan, head: RunHead, world: RunWorld): Promise<RunRecord> {
  const emit = (event: RunEvent): void => {
    world.folder.record(event);
    world.emit(event);
    const diagnostic = world.folder.complaint();
    if (diagnostic !== null) world.emit({ type: "warning", diagnostic });
    if (event.type === "stage-started") pulse.beat();
  };
  const { store, executor, settle, stop } = world;
  const begin = world.clock().getTime();
  const elapsed = (): number => world.clock().getTime() - begin;

  emit(startEvent(plan, head, executor.slots));
  for (const diagnostic of world.warnings) emit({ type: "warning", diagnostic });
  const coordinator = new Coordinator(plan, { store, executor, settle, emit, stop });
  const owner = thisProcess();
  const standing = (): RunRecord => {
    const seenAt = world.clock().toISOString();
    const end = { status: "running", durationMs: elapsed(), report: null, owner, seenAt } as const;
    return recordOf(plan, head, coordinator.standings(), end);
  };
  const pulse = startPulse(() => store.saveRun(standing()));
  let record: RunRecord;
  try {
    const { outcomes, status, report } = await bringToEnd(plan, head, coordinator, { ...world, emit }, elapsed);
    record = recordOf(plan, head, outcomes, { status, durationMs: elapsed(), report });
  } catch (error) {
    leaveRecord(standing(), store);
    throw error;
  } finally {
    pulse.stop();
  }
  store.saveRun(record);
  emit(endEvent(record, coordinator.standings()));
  return record;
}

interface RunEnd {
  readonly outcomes: ReadonlyMap<string, NodeOutcome>;
  readonly status: RunStatus;
  /** Relative to the runs directory. */
  readonly report: string | null;
}

/** All nodes, and the report of what there is; once more for what turns out to be damaged. */
async function bringToEnd(
  plan: Plan,
  head: RunHead,
  coordinator: Coordinator,
  world: RunWorld,
  elapsed: () => number,
): Promise<RunEnd> {
  const { store, stop, folder } = world;
  for (;;) {
    const outcomes = await coordinator.finish();
    const status = runStatus(outcomes.values());
    const broken = damagedNumbers(outcomes.values(), store);
    if (broken !== null && !stop.aborted && coordinator.forget(broken)) continue;
    if (world.report === null) return { outcomes, status, report: null };
    const record = recordOf(plan, head, outcomes, { status, durationMs: elapsed(), report: null });
    const written = await writeReport(world.report(record), world);
    if (written.status === "written") return { outcomes, status, report: `${folder.id}/report.html` };
    // A damaged artifact came to light only now: make it again, then try once more.
    if (written.status === "damaged" && !stop.aborted && coordinator.forget(written.digest)) continue;
    const causes = written.status === "failed" ? written.diagnostics : [];
    world.emit({ type: "warning", diagnostic: reportFailed(causes) });
    return { outcomes, status: status === "done" ? "failed" : status, report: null };
  }
}

/** Something was thrown, most likely by the disk: what it takes of the record, it takes. */
function leaveRecord(record: RunRecord, store: Store): void {
  try {
    store.saveRun(cutShort(record, "failed", "the run failed"));
  } catch {}
}

function endEvent({ run, status, durationMs }: RunRecord, standings: ReadonlyMap<string, NodeStanding>): RunEvent {
  const count = (wanted: string): number => [...standings.values()].filter((one) => one.status === wanted).length;
  return {
    type: "run-finished",
    run,
    status: status as RunStatus,
    durationMs,
    cached: count("cached"),
    ran: count("ran") + count("resumed"),
    failed: count("failed"),
    interrupted: count("interrupted"),
    skipped: count("skipped"),
  };
}

function startEvent(plan: Plan, head: RunHead, jobs: number): RunEvent {
  return {
    type: "run-started",
    run: head.run,
    experiment: plan.experiment.name,
    startedAt: head.startedAt,
    engine: plan.engine.name,
    ...(plan.engine.note === undefined ? {} : { engineNote: plan.engine.note }),
    jobs,
    variants: plan.experiment.variants.map((variant) => ({
      name: variant.name,
      stages: nodesOf(plan, variant).map(({ name, node }) => ({ node: node.id, name, kind: node.stage.kind })),
    })),
  };
}

/** How long a stage may have been running before the record says so: short stages need no record of their own. */
const SOON_MS = 300;

interface Pulse {
  /** Something began that may last. */
  beat(): void;
  stop(): void;
}

/**
 * Writes the record now and again and again, so that a run that is killed has left how far it was, and others can see
 * that this one is there. What the disk has against it in between is said where it matters: at the end.
 */
function startPulse(save: () => void): Pulse {
  save();
  const carefully = (): void => {
    try {
      save();
    } catch {}
  };
  const timer = setInterval(carefully, PULSE_MS).unref();
  let soon: NodeJS.Timeout | null = null;
  return {
    beat() {
      soon ??= setTimeout(() => {
        soon = null;
        carefully();
      }, SOON_MS).unref();
    },
    stop() {
      clearInterval(timer);
      if (soon !== null) clearTimeout(soon);
    },
  };
}

type Written =
  | { readonly status: "written" }
  | { readonly status: "failed"; readonly diagnostics: readonly Diagnostic[] }
  | { readonly status: "damaged"; readonly digest: Digest };

/** A stored history or metrics, small and shown at the end of every run, that is not what it was; null if all are whole. */
function damagedNumbers(outcomes: Iterable<NodeOutcome>, store: Store): Digest | null {
  for (const { status, outputs } of outcomes) {
    if (status !== "cached") continue;
    for (const { kind, digest } of outputs) {
      if (kind !== "history" && kind !== "metrics") continue;
      try {
        store.readManifest(digest);
      } catch (error) {
        if (error instanceof DamagedEntry) return digest;
        throw error;
      }
    }
  }
  return null;
}

/** Takes the report from the store when the same was made before, else has a worker make it. */
async function writeReport(recipe: ReportRecipe, world: RunWorld): Promise<Written> {
  const made = await makeReport(recipe, world.store, world.executor);
  if (made.status !== "made") return made;
  const path = world.folder.writeReport(made.html);
  if (!path.ok) return { status: "failed", diagnostics: path.error };
  world.emit({ type: "report-written", path: path.value, status: made.cached ? "cached" : "rendered" });
  return { status: "written" };
}

export type Made =
  | { readonly status: "made"; readonly html: Uint8Array; readonly cached: boolean }
  | { readonly status: "failed"; readonly diagnostics: readonly Diagnostic[] }
  | { readonly status: "damaged"; readonly digest: Digest };

/** The report is a stage of its own kind: fingerprinted, rendered by a worker, kept in the store. */
export async function makeReport(recipe: ReportRecipe, store: Store, executor: Executor): Promise<Made> {
  const parts = { kind: "report", ...recipe.revision, input: digestJson(recipe.input) };
  const fingerprint = digestJson(parts);
  const stored = store.lookup(fingerprint);
  if (stored !== undefined) {
    const html = readReport(store, stored.outputs);
    if (html !== null) return { status: "made", html, cached: true };
  }
  const attempt = 1;
  const task = { type: "report", node: "report", attempt, input: recipe.input, storePath: store.path } as const;
  let outcome = await executor.run(task, () => {});
  if (outcome.status === "lost") outcome = await executor.run({ ...task, attempt: 2 }, () => {});
  if (outcome.status === "failed") return { status: "failed", diagnostics: outcome.diagnostics };
  if (outcome.status === "lost") return { status: "failed", diagnostics: [] };
  if (outcome.status === "damaged") return { status: "damaged", digest: outcome.digest };
  const { outputs, durationMs } = outcome;
  store.commit({ fingerprint, kind: "report", parts, outputs, durationMs }, []);
  const html = readReport(store, outputs);
  return html === null ? { status: "failed", diagnostics: [] } : { status: "made", html, cached: false };
}

/** The HTML of a stored report, or null (and the entry forgotten) when its bytes are damaged. */
function readReport(store: Store, outputs: readonly OutputRecord[]): Uint8Array | null {
  try {
    const manifest = store.readManifest((outputs[0] as OutputRecord).digest);
    const html = manifest.blobs.html;
    return html === undefined ? null : store.readBlob(html.digest);
  } catch (error) {
    if (!(error instanceof DamagedEntry)) throw error;
    store.dropDamaged(error.digest);
    return null;
  }
}
