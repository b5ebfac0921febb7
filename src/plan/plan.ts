import type { Diagnostic } from "../base/diagnostic.js";
import type { Digest } from "../base/digest.js";
import type { Experiment, Pipeline } from "../spec/types.js";
import type { FingerprintParts, Store } from "../store/types.js";
import { changesBetween, explain, FORCED, mayChange, NEVER_RAN } from "./explain.js";
import { fingerprintOf, partsOf, type StageCatalog, type Surroundings } from "./fingerprint.js";
import { buildGraph, pruned } from "./graph.js";
import type { NodeState, Plan, PlanNode, SettledState } from "./types.js";

/** What planning looks at, besides the experiment. It reads the store and writes nothing. */
export interface Planning extends Surroundings {
  readonly catalog: StageCatalog;
  readonly store: Pick<Store, "lookup" | "lastParts">;
  /** Names of stages to run although their result is stored, or all. What follows reruns if their bytes change. */
  readonly force?: true | readonly string[];
}

/**
 * What would run, what is stored, and why. Nodes below one that runs are not known yet: its bytes may come out as
 * they were. `until` names a stage: only it and what it follows are planned. Names must have passed
 * `checkStageNames`.
 */
export function makePlan(experiment: Experiment, planning: Planning, until?: string): Plan {
  const { catalog, fileDigest, engine } = planning;
  const all = buildGraph(experiment, catalog, fileDigest);
  const nodes = until === undefined ? all : pruned(all, until);
  const states = new Map<string, NodeState>();
  const names = new Map(nodes.map((node) => [node.id, node.stage.name]));
  for (const node of nodes) {
    const { known, unknown } = inputDigests(node, states);
    if (unknown.length === 0) states.set(node.id, settle(node, known, planning));
    else {
      const reason = waitReason(node, known, unknown, names, planning);
      states.set(node.id, { state: "after-inputs", reason, surely: isForced(node, planning.force) });
    }
  }
  return { experiment, nodes, states, engine };
}

/** Whether a node whose inputs have digests is stored or must run, and why. Cheap: hashes nothing but descriptions. */
export function settle(node: PlanNode, inputs: Readonly<Record<string, Digest>>, planning: Planning): SettledState {
  const { store, force } = planning;
  const parts = partsOf(node, inputs, planning);
  const fingerprint = fingerprintOf(parts);
  if (isForced(node, force)) return { state: "run", fingerprint, parts, reason: FORCED };
  const result = store.lookup(fingerprint);
  if (result !== undefined) return { state: "cached", fingerprint, result };
  return { state: "run", fingerprint, parts, reason: explain(parts, lastParts(node, store)) };
}

/** Complaints about names in `--force` and `--until` that no variant has a stage of, and what cannot both be meant. */
export function checkStageNames(
  experiment: Experiment,
  options: { readonly force?: true | readonly string[]; readonly until?: string },
): readonly Diagnostic[] {
  const names = [...new Set(experiment.variants.flatMap(({ stages }) => stages.map(({ name }) => name)))];
  const forced = options.force === undefined || options.force === true ? [] : options.force;
  const asked = forced.map((name) => ({ flag: "--force", name }));
  if (options.until !== undefined) asked.push({ flag: "--until", name: options.until });
  const unknown = asked.filter(({ name }) => !names.includes(name));
  if (unknown.length === 0 && options.until !== undefined) return leftOut(experiment, forced, options.until);
  return unknown.map(({ flag, name }) => ({
    code: "no-such-stage",
    severity: "error",
    message: `${flag} names a stage that no variant has`,
    received: name,
    expected: `one of ${names.join(", ")}`,
    fix: "Use the name that the stage has in the pipeline.",
  }));
}

/** Stages to be forced that would not even be planned. */
function leftOut(experiment: Experiment, forced: readonly string[], until: string): readonly Diagnostic[] {
  const planned = new Set(experiment.variants.flatMap((variant) => stagesUntil(variant, until)));
  return forced
    .filter((name) => !planned.has(name))
    .map((name) => ({
      code: "no-such-stage",
      severity: "error",
      message: `--force names a stage that --until ${until} leaves out`,
      received: name,
      expected: `one of ${[...planned].join(", ")}`,
      fix: "Leave one of the two options away.",
    }));
}

function stagesUntil({ stages }: Pipeline, until: string): readonly string[] {
  const kept = new Set([until]);
  for (const { name, needs, inputs } of stages.toReversed()) {
    if (!kept.has(name)) continue;
    for (const before of [...needs, ...Object.values(inputs).map((from) => from.stage)]) kept.add(before);
  }
  return stages.map(({ name }) => name).filter((name) => kept.has(name));
}

function inputDigests(node: PlanNode, states: ReadonlyMap<string, NodeState>) {
  const known: Record<string, Digest> = { ...node.stage.given };
  const unknown: string[] = [];
  for (const [input, { node: maker, port }] of Object.entries(node.inputs)) {
    const state = states.get(maker);
    if (state?.state === "cached") {
      const output = state.result.outputs.find(({ name }) => name === port);
      if (output === undefined) throw new Error(`the stored result of ${maker} has no ${port} for ${node.id}`);
      known[input] = output.digest;
    } else unknown.push(input);
  }
  return { known, unknown };
}

/** The reason is final where something besides the unknown inputs differs from the last time. */
function waitReason(
  node: PlanNode,
  known: Readonly<Record<string, Digest>>,
  unknown: readonly string[],
  names: ReadonlyMap<string, string>,
  planning: Planning,
): string {
  const { store, force } = planning;
  if (isForced(node, force)) return FORCED;
  const last = lastParts(node, store);
  if (last === undefined) return NEVER_RAN;
  // Suppose that the unknown inputs come out as they were: what differs then, differs in any case.
  const before = (last.inputs ?? {}) as Readonly<Record<string, Digest>>;
  const supposed = Object.fromEntries(unknown.map((input) => [input, before[input] ?? ""]));
  const parts = partsOf(node, { ...known, ...supposed }, planning);
  if (changesBetween(parts, last).length > 0) return explain(parts, last);
  const [input] = unknown as readonly [string, ...string[]];
  return mayChange(input, names.get(node.inputs[input]?.node as string) as string);
}

/** Of the first variant that has run this stage before; a new variant that shares it is explained by the old one. */
function lastParts(node: PlanNode, store: Planning["store"]): FingerprintParts | undefined {
  for (const label of node.labels) {
    const parts = store.lastParts(label);
    if (parts !== undefined) return parts;
  }
  return undefined;
}

function isForced(node: PlanNode, force: Planning["force"]): boolean {
  return force === true || (force !== undefined && node.labels.some(({ stage }) => force.includes(stage)));
}
