import type { Diagnostic } from "../../base/diagnostic.js";
import { shownKind } from "../../base/own-kind.js";
import { err, ok } from "../../base/result.js";
import { chooseEngine } from "../../exec/engines.js";
import { nodesOf } from "../../exec/record.js";
import type { NodeState, Plan, PlanNode } from "../../plan/index.js";
import { checkData, digestData, type ExperimentOptions, planExperiment, readExperiment } from "./experiment.js";
import { resolveRuns } from "./other-runs.js";
import { type Diagnosed, withCache } from "./store.js";

/** What a run would do, as plain data. */
export interface PlanSummary {
  readonly experiment: string;
  readonly engine: { readonly name: string; readonly version: string; readonly note?: string };
  readonly variants: readonly { readonly name: string; readonly stages: readonly PlannedStage[] }[];
  /** What is right, but may not be meant. */
  readonly warnings: readonly Diagnostic[];
}

export interface PlannedStage {
  readonly name: string;
  readonly kind: string;
  /** Stages of several variants with one node are one piece of work. */
  readonly node: string;
  /** Nodes that come first. */
  readonly after: readonly string[];
  /** What it takes, by the name of the input: the output of which node. */
  readonly inputs: PlanNode["inputs"];
  /** `after-inputs`: it depends on whether what it takes comes out as it was. */
  readonly state: NodeState["state"];
  readonly reason: string;
  readonly fingerprint: string | null;
}

/** Which stages would run, which are stored, and why. Writes nothing, not even a runs directory. */
export async function plan(files: readonly string[], options: ExperimentOptions = {}): Promise<Diagnosed<PlanSummary>> {
  const read = await readExperiment(files, options);
  if (!read.ok) return read;
  const { experiment } = read.value;
  const engine = chooseEngine(options.engine);
  if (!engine.ok) return engine;
  return withCache(options, async (store) => {
    const digests = await digestData(experiment, store, options);
    if (!digests.ok) return digests;
    const resolved = resolveRuns(experiment, store);
    if (!resolved.ok) return resolved;
    const ready = { ...read.value, experiment: resolved.value };
    const { plan: planned } = planExperiment(ready, store, digests.value, engine.value, options);
    const complaints = checkData(planned);
    return complaints.length > 0 ? err(complaints) : ok(summarizePlan(planned, experiment.warnings));
  });
}

function summarizePlan(planned: Plan, warnings: readonly Diagnostic[]): PlanSummary {
  const variants = planned.experiment.variants.map((variant) => ({
    name: variant.name,
    stages: nodesOf(planned, variant).map(({ name, node }): PlannedStage => {
      const { kind } = node.stage;
      const state = planned.states.get(node.id) as NodeState;
      const reason = state.state === "cached" ? "unchanged" : state.reason;
      const waits = state.state === "after-inputs";
      const fingerprint = waits ? null : state.fingerprint;
      const shown = waits && state.surely ? "run" : state.state;
      const { id, after, inputs } = node;
      return { name, kind: shownKind(kind), node: id, after, inputs, state: shown, reason, fingerprint };
    }),
  }));
  return { experiment: planned.experiment.name, engine: planned.engine, variants, warnings };
}
