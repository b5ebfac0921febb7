import { isDeepStrictEqual } from "node:util";
import type { Diagnostic } from "../base/diagnostic.js";
import { type Digest, digestJson } from "../base/digest.js";
import type { EpochMetrics, EventSink } from "../base/event.js";
import type { JsonPath } from "../base/json.js";
import type { ReportRecipe } from "../plan/report.js";
import type { NodeState, Plan, PlanNode, SettledState } from "../plan/types.js";
import type { Store } from "../store/types.js";
import { damagedNumbers } from "./damaged-numbers.js";
import { fileChanged, locate, lostTwice, producerDamaged, retryAfterLoss, unrepaired } from "./messages.js";
import type { Executor, Task, TaskOutcome, TaskSignal } from "./protocol.js";
import { changedFiles, partsAsRead } from "./read-files.js";
import { stageTask } from "./stage-task.js";
import { INTERRUPTED, type NodeOutcome, type NodeStanding, skipped, succeeded } from "./standing.js";

/**
 * What is known once a node's inputs have digests: reuse a result, or run. Part of `plan`, handed in by the caller.
 * @param recipe of the report, if the node is that.
 */
export type Settle = (
  node: PlanNode,
  inputs: Readonly<Record<string, Digest>>,
  recipe: ReportRecipe | null,
) => SettledState;

export interface World {
  readonly store: Pick<Store, "path" | "commit" | "touch" | "readManifest" | "dropDamaged" | "forgetFile">;
  readonly executor: Executor;
  readonly settle: Settle;
  /** What the report is made from. Called, where the plan has a report, when all nodes before it have ended. */
  readonly recipe?: (outcomes: ReadonlyMap<string, NodeOutcome>) => ReportRecipe;
  readonly emit: EventSink;
  /** Fires when the user wants an end: what runs is stopped, nothing new starts. */
  readonly stop: AbortSignal;
}

/** Of a plan, what is brought to an end. */
export type Work = Pick<Plan, "nodes" | "states" | "engine">;

/** After so many damaged reads of one node's inputs, the disk is the cause, not the entry. */
const MAX_DAMAGE = 3;
const DROPPED = "its stored output was damaged";

/** A running attempt, and what it has reported so far. */
interface Attempt {
  readonly number: number;
  readonly node: PlanNode;
  readonly settled: Extract<SettledState, { state: "run" }>;
  readonly warnings: Diagnostic[];
  readonly epochs: EpochMetrics[];
  readonly begin: number;
  /** How often each producer had been made when this attempt read its inputs. */
  readonly generations: ReadonlyMap<string, number>;
}

/**
 * Brings the nodes of a plan to an end, each as soon as all that it follows is finished, as many side by side as
 * the executor has slots. Retries, fences and commits are decided here and nowhere else.
 *
 *     pending ──▶ cached
 *        │  ▲
 *        ▼  │ damaged input (its producer goes back to pending too), lost once
 *     running ──▶ ran | failed | interrupted          whatever follows a failed node ──▶ skipped
 */
export class Coordinator {
  readonly #plan: Work;
  readonly #world: World;
  readonly #nodes: ReadonlyMap<string, PlanNode>;
  /** What is known of nodes that have not run: from the plan, or from one call of `settle`. */
  readonly #settled = new Map<string, SettledState>();
  readonly #outcomes = new Map<string, NodeOutcome>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #current = new Map<string, Attempt>();
  readonly #attempts = new Map<string, number>();
  readonly #losses = new Map<string, number>();
  readonly #damages = new Map<string, number>();
  /** What the store threw at a commit, or worse. */
  #bug: { readonly error: unknown } | null = null;
  /** Nodes whose stored output was dropped: the reason for their rerun. */
  readonly #dropped = new Set<string>();

  constructor(plan: Work, world: World) {
    this.#plan = plan;
    this.#world = world;
    this.#nodes = new Map(plan.nodes.map((node) => [node.id, node]));
  }

  /** Every node that has ended or is running. */
  standings(): ReadonlyMap<string, NodeStanding> {
    const standings = new Map<string, NodeStanding>(this.#outcomes);
    for (const [id, { settled, warnings, epochs, begin }] of this.#current) {
      standings.set(id, {
        status: "running",
        fingerprint: settled.fingerprint,
        durationMs: Math.round(performance.now() - begin),
        reason: settled.reason,
        outputs: [],
        diagnostics: [...warnings],
        epochs: [...epochs],
      });
    }
    return standings;
  }

  /** Runs until every node has an outcome. May be called again after `forget`. */
  async finish(): Promise<ReadonlyMap<string, NodeOutcome>> {
    for (;;) {
      this.#startReady();
      if (this.#running.size === 0) return this.#outcomes;
      await Promise.race(this.#running.values());
      if (this.#bug !== null) throw this.#bug.error;
    }
  }

  /**
   * Bytes with this digest turned out to be damaged: drops every result that needs them, so that `finish` makes them
   * again. Returns whether any node of this plan is to be made anew.
   */
  forget(digest: Digest): boolean {
    const dropped = new Set(this.#world.store.dropDamaged(digest));
    let any = false;
    // What was known of waiting nodes came from the entries that are gone now.
    this.#settled.clear();
    for (const node of this.#plan.nodes) {
      const outcome = this.#outcomes.get(node.id);
      if (outcome === undefined || outcome.fingerprint === null || !succeeded(outcome)) continue;
      const named = outcome.outputs.some((output) => output.digest === digest);
      if (!named && !dropped.has(outcome.fingerprint)) continue;
      this.#outcomes.delete(node.id);
      this.#dropped.add(node.id);
      this.#world.emit({ type: "warning", diagnostic: producerDamaged(node.stage.name, digest) });
      any = true;
    }
    return any;
  }

  /** One pass in plan order is enough: whatever a node follows stands before it. */
  #startReady(): void {
    for (const node of this.#plan.nodes) {
      if (this.#outcomes.has(node.id) || this.#running.has(node.id)) continue;
      const before = node.after.map((id) => this.#outcomes.get(id));
      const broken = node.after.find((_, i) => before[i] !== undefined && !succeeded(before[i]));
      if (broken !== undefined && !node.regardless) this.#end(node, skipped(this.#whySkipped(broken)));
      else if (before.every((outcome) => outcome !== undefined)) this.#settleAndStart(node);
    }
  }

  #settleAndStart(node: PlanNode): void {
    const inputs = this.#inputDigests(node);
    const recipe = node.regardless ? (this.#world.recipe?.(this.#outcomes) ?? null) : null;
    const settled = this.#settle(node, inputs, recipe);
    const { aborted } = this.#world.stop;
    if (settled.state === "cached") {
      const damaged = aborted ? null : damagedNumbers(settled.result.outputs, this.#world.store);
      if (damaged !== null) {
        this.#makeAgain(node, damaged);
        return;
      }
      this.#world.store.touch(settled.fingerprint, node.labels);
      this.#end(node, {
        status: "cached",
        fingerprint: settled.fingerprint,
        durationMs: 0,
        reason: "unchanged",
        outputs: settled.result.outputs,
        diagnostics: [],
        epochs: [],
      });
    } else if (aborted && !node.regardless) {
      this.#end(node, skipped(INTERRUPTED));
    } else if (this.#running.size < this.#world.executor.slots) {
      this.#start(node, settled, inputs, recipe);
    }
  }

  /** The node's stored result turned out to be damaged before it was used. */
  #makeAgain(node: PlanNode, digest: Digest): void {
    this.#dropped.add(node.id);
    this.#world.emit({ type: "warning", diagnostic: producerDamaged(node.stage.name, digest) });
    this.forget(digest);
    this.#settleAndStart(node);
  }

  #settle(node: PlanNode, inputs: Readonly<Record<string, Digest>>, recipe: ReportRecipe | null): SettledState {
    const known = this.#settled.get(node.id);
    if (known !== undefined) return known;
    const planned = this.#plan.states.get(node.id) as NodeState;
    // What the plan says holds as long as neither the node nor anything above it was made anew.
    const upstream = node.after.every((id) => this.#outcomes.get(id)?.status === "cached");
    const holds = planned.state !== "after-inputs" && upstream && !this.#dropped.has(node.id);
    const found = holds ? planned : this.#world.settle(node, inputs, recipe);
    const settled = found.state === "run" && this.#dropped.has(node.id) ? { ...found, reason: DROPPED } : found;
    this.#settled.set(node.id, settled);
    return settled;
  }

  #start(
    node: PlanNode,
    settled: Attempt["settled"],
    inputs: Readonly<Record<string, Digest>>,
    recipe: ReportRecipe | null,
  ): void {
    const number = this.#generation(node.id) + 1;
    this.#attempts.set(node.id, number);
    const generations = new Map(node.after.map((id) => [id, this.#generation(id)]));
    const attempt: Attempt = { number, node, settled, warnings: [], epochs: [], begin: performance.now(), generations };
    this.#current.set(node.id, attempt);
    this.#world.emit({ type: "stage-started", node: node.id, attempt: number, reason: settled.reason });
    const { path: storePath } = this.#world.store;
    const task: Task =
      recipe === null
        ? stageTask(node, number, inputs, this.#plan.engine.name, storePath)
        : { type: "report", node: node.id, attempt: number, input: recipe.input, storePath };
    const running = this.#world.executor
      .run(task, (signal) => this.#hear(attempt, signal), node.regardless ? undefined : this.#world.stop)
      .then((outcome) => {
        this.#running.delete(node.id);
        this.#current.delete(node.id);
        this.#conclude(attempt, outcome);
      })
      // Kept for `finish`, which may be waiting for another attempt.
      .catch((error: unknown) => {
        this.#bug ??= { error };
      });
    this.#running.set(node.id, running);
  }

  #hear(attempt: Attempt, signal: TaskSignal): void {
    if (!this.#isCurrent(attempt)) return;
    const node = attempt.node.id;
    if (signal.type === "warning") {
      const diagnostic = this.#locate(attempt.node, signal.diagnostic);
      attempt.warnings.push(diagnostic);
      this.#world.emit({ type: "warning", diagnostic });
    } else if (signal.type === "epoch") {
      attempt.epochs.push(signal.metrics);
      this.#world.emit({ ...signal, node });
    } else if (signal.type === "training-ended") {
      this.#world.emit({ ...signal, node });
    } else {
      this.#world.emit({ ...signal, type: "stage-progress", node });
    }
  }

  #conclude(attempt: Attempt, outcome: TaskOutcome): void {
    if (!this.#isCurrent(attempt)) return;
    const changed = "read" in outcome ? changedFiles(attempt.settled.parts, outcome.read) : [];
    if (changed.length > 0) this.#failChanged(attempt, outcome, changed);
    else if (outcome.status === "done") this.#commit(attempt, outcome);
    else if (outcome.status === "failed") this.#fail(attempt, outcome.durationMs, outcome.diagnostics);
    else if (this.#world.stop.aborted && !attempt.node.regardless) this.#interrupt(attempt, outcome.durationMs);
    else if (outcome.status === "damaged") this.#repair(attempt, outcome);
    else this.#retryOnce(attempt, outcome);
  }

  /** The attempt number is a fence: what an attempt says after a newer one has begun counts for nothing. */
  #isCurrent(attempt: Attempt): boolean {
    return this.#attempts.get(attempt.node.id) === attempt.number && !this.#outcomes.has(attempt.node.id);
  }

  #commit(attempt: Attempt, outcome: Extract<TaskOutcome, { status: "done" }>): void {
    const { node, settled } = attempt;
    const { fingerprint, parts, reason } = settled;
    const { durationMs, peakBytes, outputs } = outcome;
    this.#world.store.commit({ fingerprint, kind: node.stage.kind, parts, outputs, durationMs }, node.labels);
    this.#end(node, {
      status: "ran",
      fingerprint,
      durationMs,
      peakBytes,
      reason,
      outputs,
      diagnostics: attempt.warnings,
      epochs: attempt.epochs,
    });
  }

  /**
   * It read other data than the plan was made with: not the dataset of the variants beside it, and not checked
   * against the model. The result is kept under what was read, and is not used further in this run.
   */
  #failChanged(attempt: Attempt, outcome: TaskOutcome, changed: readonly JsonPath[]): void {
    const { node, settled } = attempt;
    const { store } = this.#world;
    for (const path of changed) {
      const file = node.stage.files.find((candidate) => isDeepStrictEqual(candidate.path, path));
      if (file !== undefined) store.forgetFile(file.absolute);
    }
    const diagnostics = changed.map((path) => fileChanged(node.stage, path));
    if (outcome.status === "failed") diagnostics.push(...outcome.diagnostics);
    else if (outcome.status === "done") {
      const { durationMs, outputs, read } = outcome;
      const parts = partsAsRead(settled.parts, read);
      const { kind } = node.stage;
      const result = parts && { fingerprint: digestJson(parts), kind, parts, outputs, durationMs };
      if (result !== null) store.commit(result, node.labels);
    }
    this.#fail(attempt, outcome.durationMs, diagnostics);
  }

  #fail(attempt: Attempt, durationMs: number, errors: readonly Diagnostic[]): void {
    const { node, settled, warnings, epochs } = attempt;
    const diagnostics = [...warnings, ...errors.map((error) => this.#locate(node, error))];
    const { fingerprint, reason } = settled;
    this.#end(node, { status: "failed", fingerprint, durationMs, reason, outputs: [], diagnostics, epochs });
  }

  #locate(node: PlanNode, diagnostic: Diagnostic): Diagnostic {
    const model = Object.entries(node.inputs).find(([port]) => node.facts.inputs[port]?.type === "model")?.[1];
    return locate(node.stage, diagnostic, model && this.#nodes.get(model.node)?.stage);
  }

  /** An interrupted stage is no failure of its own; its epochs so far are kept for the report. */
  #interrupt(attempt: Attempt, durationMs: number): void {
    const { node, settled, warnings, epochs } = attempt;
    const { fingerprint } = settled;
    const reason = INTERRUPTED;
    const end = { fingerprint, durationMs, reason, outputs: [], diagnostics: warnings, epochs };
    this.#end(node, { status: "interrupted", ...end });
  }

  #retryOnce(attempt: Attempt, outcome: Extract<TaskOutcome, { status: "lost" }>): void {
    const { node } = attempt;
    const losses = (this.#losses.get(node.id) ?? 0) + 1;
    this.#losses.set(node.id, losses);
    if (losses > 1) this.#fail(attempt, outcome.durationMs, [lostTwice(node.stage, outcome.reason)]);
    else this.#world.emit({ type: "warning", diagnostic: retryAfterLoss(node.stage, outcome.reason) });
  }

  #repair(attempt: Attempt, outcome: Extract<TaskOutcome, { status: "damaged" }>): void {
    const { node, generations } = attempt;
    const damages = (this.#damages.get(node.id) ?? 0) + 1;
    this.#damages.set(node.id, damages);
    // A producer may have been made anew since this attempt began to read: then the fresh bytes must not be dropped.
    const stale = node.after.some((id) => !this.#outcomes.has(id) || this.#generation(id) !== generations.get(id));
    const may = damages <= MAX_DAMAGE && !this.#world.stop.aborted;
    if (may && (stale || this.forget(outcome.digest))) return;
    this.#fail(attempt, outcome.durationMs, [unrepaired(node, outcome.digest)]);
  }

  /** How often a node was made in this run: 0 where it came from the store. */
  #generation(id: string): number {
    return this.#attempts.get(id) ?? 0;
  }

  #whySkipped(brokenId: string): string {
    const stage = (this.#nodes.get(brokenId) as PlanNode).stage.name;
    const outcome = this.#outcomes.get(brokenId) as NodeOutcome;
    return outcome.status === "failed" ? `${stage} failed` : outcome.reason;
  }

  #end(node: PlanNode, outcome: NodeOutcome): void {
    this.#outcomes.set(node.id, outcome);
    const { status, durationMs, fingerprint, outputs, reason, diagnostics } = outcome;
    this.#world.emit({
      type: "stage-finished",
      node: node.id,
      status,
      durationMs,
      fingerprint,
      outputs,
      reason,
      diagnostics,
    });
  }

  #inputDigests(node: PlanNode): Record<string, Digest> {
    const digests: Record<string, Digest> = { ...node.stage.given };
    for (const [input, { node: maker, port }] of Object.entries(node.inputs)) {
      const output = this.#outcomes.get(maker)?.outputs.find(({ name }) => name === port);
      if (output === undefined) throw new Error(`${maker} made no ${port} for ${node.id}`);
      digests[input] = output.digest;
    }
    return digests;
  }
}
