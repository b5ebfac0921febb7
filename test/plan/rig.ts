import { readFileSync } from "node:fs";
import type { ArtifactKind } from "../../src/artifact/types.js";
import { digestBytes } from "../../src/base/digest.js";
import type { Json } from "../../src/base/json.js";
import type { PortRef, StageFacts } from "../../src/base/ports.js";
import type { Surroundings } from "../../src/plan/fingerprint.js";
import {
  type FileDigest,
  makePlan,
  type PlanNode,
  type Planning,
  type StageCatalog,
  settle,
} from "../../src/plan/index.js";
import type { Experiment, Pipeline, Stage } from "../../src/spec/types.js";
import type { Store } from "../../src/store/types.js";

/** The reference experiment's stages as the planner sees them. */
export const table: Readonly<Record<string, StageFacts>> = {
  load: facts([], ["dataset"]),
  flatten: facts(["dataset"], ["dataset"]),
  normalize: facts(["dataset"], ["dataset"]),
  build: facts(["dataset"], ["model"]),
  train: facts(["dataset", "model"], ["weights", "history"], { seeded: true, engine: true }),
  evaluate: facts(["dataset", "model", "weights"], ["metrics", "predictions"], { engine: true }),
  visualize: facts(["dataset", "model", "weights", "history", "metrics", "predictions"], ["figures"]),
};

/** A catalog of nothing but stages. */
export function catalogOf(facts: typeof table): StageCatalog {
  return {
    codeOf: () => undefined,
    get: (_, name) => {
      const about = facts[name];
      return about && { about };
    },
  };
}

export const catalog = catalogOf(table);

/** Facts of a kind whose ports are named like the types of artifacts. */
export function facts(
  inputs: readonly string[],
  outputs: readonly string[],
  more: { seeded?: true; engine?: true } = {},
): StageFacts {
  return {
    version: 1,
    inputs: Object.fromEntries(inputs.map((type) => [type, { type, optional: false }])),
    outputs: Object.fromEntries(outputs.map((type) => [type, type])),
    seeded: false,
    engine: false,
    ...more,
  };
}

/** What a file holds now. */
export const fileDigest: FileDigest = (path) => digestBytes(readFileSync(path));

export const engine = { name: "onnx", version: "1.30" } as const;

/** Of what a run depends on besides its pipelines; no code has a digest. */
export const surroundings: Surroundings = { engine, fileDigest, revision: () => undefined };

export type StageSpec = Partial<Pick<Stage, "kind" | "params" | "needs" | "files">>;

/** A checked pipeline: stages by name, each after the one above and fed by the nearest maker above. */
export function pipeline(name: string, stages: Readonly<Record<string, StageSpec>>, seed = 1): Pipeline {
  const makers: Record<string, PortRef> = {};
  const done: Stage[] = [];
  for (const [stage, spec] of Object.entries(stages)) {
    const kind = spec.kind ?? stage;
    const inputs: Record<string, PortRef> = {};
    for (const [port, { type }] of Object.entries(table[kind]?.inputs ?? {})) inputs[port] = makers[type] as PortRef;
    for (const [port, type] of Object.entries(table[kind]?.outputs ?? {})) makers[type] = { stage, port };
    const above = done.at(-1)?.name;
    const needs = spec.needs ?? (above === undefined ? [] : [above]);
    const rest = { params: spec.params ?? {}, files: spec.files ?? [] };
    done.push({
      name: stage,
      kind,
      needs,
      inputs,
      ...rest,
      locate: () => ({ file: "", line: 1, column: 1, length: 1, lineText: "" }),
    });
  }
  return {
    name,
    description: "",
    seed,
    params: {},
    stages: done,
    written: new Map(),
    resolvedYaml: "",
    file: `${name}.yaml`,
  };
}

export function experiment(...variants: readonly Pipeline[]): Experiment {
  return { name: "test", question: "", description: "", variants, baseline: variants[0]?.name ?? "" };
}

export interface Knobs {
  readonly hidden?: number;
  readonly epochs?: number;
  readonly color?: string;
  readonly method?: string;
  readonly seed?: number;
}

/** One variant of the reference experiment. */
export function vae(
  name: string,
  { hidden = 64, epochs = 2, color = "blue", method = "min-max", seed = 1 }: Knobs = {},
) {
  const stages = {
    load: { params: { dataset: "mnist" } },
    flatten: {},
    normalize: { params: { method } },
    build: { params: { encoder: [{ dense: { units: hidden } }] } },
    train: { params: { epochs } },
    evaluate: {},
    visualize: { params: { color } },
  };
  return pipeline(name, stages, seed);
}

/** What a stage of the fake world makes: bytes that depend on all that it is given, unless a test says otherwise. */
export type Compute = (node: PlanNode, inputs: Readonly<Record<string, string>>, artifact: string) => Json;

export const everything: Compute = ({ stage, seed }, inputs, artifact) => ({
  artifact,
  kind: stage.kind,
  params: stage.params,
  seed: table[stage.kind]?.seeded ? seed : null,
  inputs,
});

/** Carries a plan out as the coordinator does; returns `variant/stage` of the nodes that ran, with the reasons. */
export function carryOut(of: Experiment, planning: Planning & { store: Store }, compute = everything, until?: string) {
  const { store } = planning;
  const plan = makePlan(of, planning, until);
  const made = new Map<string, Readonly<Record<string, string>>>();
  const ran: Record<string, string> = {};
  for (const node of plan.nodes) {
    const inputs = Object.fromEntries(
      Object.entries(node.inputs).map(([input, { node: maker, port }]) => [input, made.get(maker)?.[port] as string]),
    );
    const state = settle(node, inputs, planning);
    if (state.state === "run") {
      ran[`${node.labels[0]?.pipeline}/${node.labels[0]?.stage}`] = state.reason;
      const outputs = Object.entries(node.facts.outputs).map(([name, type]) => {
        const kind = type as ArtifactKind;
        const meta = { splits: [], content: compute(node, inputs, name) };
        return { name, kind, digest: store.putManifest({ kind, codec: 1, meta, blobs: {} }), bytes: 1 };
      });
      const { fingerprint, parts } = state;
      store.commit({ fingerprint, kind: node.stage.kind, parts, outputs, durationMs: 1 }, node.labels);
      made.set(node.id, Object.fromEntries(outputs.map(({ name, digest }) => [name, digest])));
    } else {
      store.touch(state.fingerprint, node.labels);
      made.set(node.id, Object.fromEntries(state.result.outputs.map(({ name, digest }) => [name, digest])));
    }
  }
  return ran;
}
