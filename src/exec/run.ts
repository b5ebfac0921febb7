import { DamagedEntry } from "../base/damaged.js";
import type { Diagnostic } from "../base/diagnostic.js";
import type { Digest } from "../base/digest.js";
import type { EventSink, RunEvent, RunStatus } from "../base/event.js";
import { shownKind } from "../base/own-kind.js";
import { err, ok, type Result } from "../base/result.js";
import type { ReportRecipe } from "../plan/report.js";
import type { Plan } from "../plan/types.js";
import type { RunRecord, Store } from "../store/types.js";
import { Coordinator, type Settle, type Work, type World } from "./coordinator.js";
import { artifactGone, reportFailed } from "./messages.js";
import { cutShort, PULSE_MS, thisProcess } from "./owner.js";
import type { Executor } from "./protocol.js";
import { nodesOf, type RunHead, recordOf, runStatus } from "./record.js";
import type { RunFolder } from "./run-folder.js";
import type { NodeOutcome, NodeStanding } from "./standing.js";

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
  /** What the plan's report is made from, if it has one. */
  readonly report: (record: RunRecord) => ReportRecipe;
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
  const { store } = world;
  const begin = world.clock().getTime();
  const elapsed = (): number => world.clock().getTime() - begin;

  emit(startEvent(plan, head, world.executor.slots));
  for (const diagnostic of world.warnings) emit({ type: "warning", diagnostic });
  const recipe = (outcomes: ReadonlyMap<string, NodeOutcome>): ReportRecipe => {
    const status = runStatus(stagesOf(plan, outcomes));
    return world.report(recordOf(plan, head, outcomes, { status, durationMs: elapsed(), report: null }));
  };
  const coordinator = new Coordinator(plan, { ...world, emit, recipe });
  const owner = thisProcess();
  const standing = (): RunRecord => {
    const seenAt = world.clock().toISOString();
    const end = { status: "running", durationMs: elapsed(), report: null, owner, seenAt } as const;
    return recordOf(plan, head, coordinator.standings(), end);
  };
  const pulse = startPulse(() => store.saveRun(standing()));
  let record: RunRecord;
  try {
    const { outcomes, status, report } = await bringToEnd(plan, coordinator, { ...world, emit });
    record = recordOf(plan, head, outcomes, { status, durationMs: elapsed(), report });
  } catch (error) {
    leaveRecord(standing(), store);
    throw error;
  } finally {
    pulse.stop();
  }
  store.saveRun(record);
  emit(endEvent(record, stagesOf(plan, coordinator.standings())));
  return record;
}

interface RunEnd {
  readonly outcomes: ReadonlyMap<string, NodeOutcome>;
  readonly status: RunStatus;
  /** Relative to the runs directory. */
  readonly report: string | null;
}

/** All nodes, and the report's file; the report once more if its stored bytes turn out to be damaged. */
async function bringToEnd(plan: Plan, coordinator: Coordinator, world: RunWorld): Promise<RunEnd> {
  for (;;) {
    const outcomes = await coordinator.finish();
    const status = runStatus(stagesOf(plan, outcomes));
    const made = reportOf(plan, outcomes);
    if (made === undefined) return { outcomes, status, report: null };
    const written = writeReport(made, world);
    if (written.ok) return { outcomes, status, report: `${world.folder.id}/report.html` };
    const cached = made.status === "cached";
    if (cached && "damaged" in written.error && coordinator.forget(written.error.damaged)) continue;
    const causes = "damaged" in written.error ? [artifactGone(written.error.damaged)] : written.error;
    world.emit({ type: "warning", diagnostic: reportFailed(causes) });
    return { outcomes, status: status === "done" ? "failed" : status, report: null };
  }
}

function reportOf(plan: Plan, outcomes: ReadonlyMap<string, NodeOutcome>): NodeOutcome | undefined {
  const node = plan.nodes.find(({ regardless }) => regardless);
  return node && outcomes.get(node.id);
}

/** How the stages stand, without the report of them. */
function stagesOf<T extends NodeStanding>({ nodes }: Plan, standings: ReadonlyMap<string, T>): readonly T[] {
  return nodes.flatMap(({ id, regardless }) => (regardless ? [] : (standings.get(id) ?? [])));
}

/** Something was thrown, most likely by the disk: what it takes of the record, it takes. */
function leaveRecord(record: RunRecord, store: Store): void {
  try {
    store.saveRun(cutShort(record, "failed", "the run failed"));
  } catch {}
}

function endEvent({ run, status, durationMs }: RunRecord, stages: readonly NodeStanding[]): RunEvent {
  const count = (wanted: string): number => stages.filter((one) => one.status === wanted).length;
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
      stages: nodesOf(plan, variant).map(({ name, node }) => ({
        node: node.id,
        name,
        kind: shownKind(node.stage.kind),
      })),
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
 * that this one is there. What goes wrong with the disk in between is reported at the end.
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

type NotWritten = readonly Diagnostic[] | { readonly damaged: Digest };

/** The report from the store into the run's folder. */
function writeReport(made: NodeOutcome, { store, folder, emit }: RunWorld): Result<void, NotWritten> {
  const html = readReport(made, store);
  if (!html.ok) return html;
  const path = folder.writeReport(html.value);
  if (!path.ok) return path;
  emit({ type: "report-written", path: path.value, status: made.status === "cached" ? "cached" : "rendered" });
  return ok(undefined);
}

function readReport({ outputs, diagnostics }: NodeOutcome, store: Store): Result<Uint8Array, NotWritten> {
  const [output] = outputs;
  if (output === undefined) return err(diagnostics);
  try {
    const { html } = store.readManifest(output.digest).blobs;
    if (html === undefined) return err({ damaged: output.digest });
    return ok(store.readBlob(html.digest));
  } catch (error) {
    if (!(error instanceof DamagedEntry)) throw error;
    return err({ damaged: error.digest });
  }
}

/** A report by itself: a plan of that one node. */
export async function makeReport(
  plan: Work,
  recipe: ReportRecipe,
  world: Pick<World, "executor" | "settle"> & { readonly store: Store },
): Promise<Result<Uint8Array, readonly Diagnostic[]>> {
  const { signal: stop } = new AbortController();
  const coordinator = new Coordinator(plan, { ...world, recipe: () => recipe, emit: () => {}, stop });
  for (;;) {
    const [made] = (await coordinator.finish()).values();
    if (made === undefined) throw new Error("the plan has no report");
    const html = readReport(made, world.store);
    if (html.ok) return html;
    if (!("damaged" in html.error)) return err(html.error);
    // The page is damaged, not what it is made from: once more, if it was stored long ago.
    const again = made.status === "cached" && coordinator.forget(html.error.damaged);
    if (!again) return err([artifactGone(html.error.damaged)]);
  }
}
