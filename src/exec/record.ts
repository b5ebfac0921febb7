import type { EpochMetrics, RunStatus } from "../base/event.js";
import type { JsonObject } from "../base/json.js";
import { shownKind } from "../base/own-kind.js";
import { onlyMeasures } from "../base/ports.js";
import type { EngineChoice, Plan, PlanNode } from "../plan/types.js";
import type { Pipeline, Stage } from "../spec/types.js";
import type { RunRecord, StageRecord, VariantRecord } from "../store/types.js";
import { INTERRUPTED, type NodeOutcome, type NodeStanding } from "./standing.js";

/** What a run's record keeps besides stages: all that is needed to make its report again. */
export interface RunContext {
  readonly question: string;
  readonly description: string;
  readonly baseline: string;
  readonly variants: Readonly<Record<string, VariantContext>>;
  readonly provenance: Provenance;
}

/** The context that this program wrote into a record. */
export function contextOf(record: RunRecord): RunContext {
  return record.context as unknown as RunContext;
}

export interface VariantContext {
  readonly description: string;
  readonly seed: number;
  readonly resolvedYaml: string;
  /** Not in what early versions recorded. */
  readonly stages?: Readonly<Record<string, StageContext>>;
  /** What `StageContext` has, in records of earlier versions: of one stage, of which the first did not say the name. */
  readonly partialHistory?: readonly EpochMetrics[];
  readonly partialStage?: string;
}

/** What is known of a stage whatever became of it. */
export interface StageContext {
  /** It only measures or shows what other stages made. */
  readonly measures: boolean;
  /** As it was written. */
  readonly settings: JsonObject;
  /** Epochs that it came to as a training that failed or was interrupted. */
  readonly partialHistory?: readonly EpochMetrics[];
}

/** Where the results come from. Known before anything runs. */
export interface Provenance {
  readonly versions: Readonly<Record<string, string>>;
  readonly engine: EngineChoice;
  readonly git: { readonly commit: string; readonly dirty: boolean } | null;
  /** The shortest command that makes the same results. */
  readonly command: string;
}

/** Who runs, since when: what a record says besides the outcomes. */
export interface RunHead {
  readonly run: string;
  readonly startedAt: string;
  readonly provenance: Provenance;
}

/** The record of a run as it stands: nodes without an outcome are pending. */
export function recordOf(
  plan: Plan,
  head: RunHead,
  outcomes: ReadonlyMap<string, NodeStanding>,
  end: Pick<RunRecord, "status" | "durationMs" | "report" | "owner" | "seenAt">,
): RunRecord {
  const { experiment } = plan;
  const contexts: Record<string, VariantContext> = {};
  const variants: VariantRecord[] = [];
  for (const variant of experiment.variants) {
    const stages = nodesOf(plan, variant);
    const found = stages.map(({ node }) => outcomes.get(node.id));
    const { description, seed, resolvedYaml } = variant;
    contexts[variant.name] = { description, seed, resolvedYaml, stages: stageContexts(variant, stages, found) };
    variants.push({
      name: variant.name,
      status: end.status === "running" && !found.every(hasEnded) ? "running" : variantStatus(found),
      params: variant.params,
      stages: stages.map((each, i) => stageRecord(each, found[i])),
    });
  }
  const { question, description, baseline } = experiment;
  const context: RunContext = { question, description, baseline, variants: contexts, provenance: head.provenance };
  const { run, startedAt } = head;
  return {
    run,
    experiment: experiment.name,
    startedAt,
    variants,
    // Interfaces have no index signature, so the compiler cannot see that this is plain JSON.
    context: context as unknown as JsonObject,
    ...end,
  };
}

/** A stage of a variant as the plan has it. */
interface PlannedStage extends Pick<Stage, "name" | "inputs"> {
  /** The node that serves it; it may bear another variant's names. */
  readonly node: PlanNode;
}

/** A variant's stages in their order; those that the plan leaves out are not there. */
export function nodesOf(plan: Plan, variant: Pipeline): readonly PlannedStage[] {
  return variant.stages.flatMap(({ name, inputs }) => {
    const node = plan.nodes.find(({ labels }) =>
      labels.some((label) => label.pipeline === variant.name && label.stage === name),
    );
    return node === undefined ? [] : [{ name, inputs, node }];
  });
}

/** How the run ended, from its stages. An interruption by the user counts more than what had failed before. */
export function runStatus(all: readonly NodeOutcome[]): RunStatus {
  return all.some((outcome) => outcome.reason === INTERRUPTED) ? "interrupted" : variantStatus(all);
}

function hasEnded(outcome: NodeStanding | undefined): boolean {
  return outcome !== undefined && outcome.status !== "running";
}

function variantStatus(outcomes: readonly (NodeStanding | undefined)[]): RunStatus {
  if (outcomes.some((outcome) => outcome?.status === "failed")) return "failed";
  const whole = (status?: NodeStanding["status"]) => status === "cached" || status === "ran" || status === "resumed";
  return outcomes.every((outcome) => whole(outcome?.status)) ? "done" : "interrupted";
}

function stageRecord({ node, name, inputs }: PlannedStage, outcome: NodeStanding | undefined): StageRecord {
  const kind = shownKind(node.stage.kind);
  if (outcome === undefined) {
    const nothing = { fingerprint: null, durationMs: 0, reason: "", outputs: [], diagnostics: [] };
    return { name, kind, inputs, status: "pending", ...nothing };
  }
  const { status, fingerprint, durationMs, peakBytes, reason, outputs, diagnostics } = outcome;
  const memory = peakBytes === undefined ? {} : { peakBytes };
  return { name, kind, inputs, status, fingerprint, durationMs, ...memory, reason, outputs, diagnostics };
}

function stageContexts(
  { written }: Pipeline,
  stages: readonly PlannedStage[],
  outcomes: readonly (NodeStanding | undefined)[],
): Record<string, StageContext> {
  const known = stages.map(({ name, node }, i): readonly [string, StageContext] => {
    const measures = onlyMeasures(Object.values(node.facts.outputs));
    return [name, { measures, settings: written.get(name) ?? {}, ...partialHistory(outcomes[i]) }];
  });
  return Object.fromEntries(known);
}

const UNFINISHED = new Set<NodeStanding["status"]>(["failed", "interrupted", "running"]);

function partialHistory(outcome: NodeStanding | undefined): Pick<StageContext, "partialHistory"> {
  if (outcome === undefined || !UNFINISHED.has(outcome.status) || outcome.epochs.length === 0) return {};
  return { partialHistory: outcome.epochs.map(finiteOnly) };
}

/** A loss that is not a number has no form in JSON; the stage's diagnostic reports it. */
function finiteOnly(metrics: EpochMetrics): EpochMetrics {
  return Object.fromEntries(
    Object.entries(metrics).map(([split, values]) => [
      split,
      Object.fromEntries(Object.entries(values).filter(([, value]) => Number.isFinite(value))),
    ]),
  );
}
