import type { Manifest } from "../../src/artifact/codec.js";
import { digestBytes } from "../../src/base/digest.js";
import type { RunEvent } from "../../src/base/event.js";
import type { StageFacts } from "../../src/base/ports.js";
import { Coordinator, type World } from "../../src/exec/coordinator.js";
import type { Executor, Task, TaskOutcome, TaskSignal } from "../../src/exec/protocol.js";
import type { NodeOutcome } from "../../src/exec/standing.js";
import type { NodeState, Plan, PlanNode } from "../../src/plan/types.js";
import type { Experiment, Pipeline, Stage } from "../../src/spec/types.js";
import type { StageResult } from "../../src/store/types.js";

/** One attempt in the hands of a test: it runs until the test says how it ends. */
export interface Held {
  readonly task: Task;
  signal(signal: TaskSignal): void;
  finish(outcome: TaskOutcome): Promise<void>;
  done(content?: string): Promise<void>;
}

/** An executor whose attempts end when the test says so: scheduling without clocks. */
export class FakeExecutor implements Executor {
  readonly slots: number;
  readonly started: Held[] = [];
  constructor(slots: number) {
    this.slots = slots;
  }

  run(task: Task, onSignal: (signal: TaskSignal) => void, stop?: AbortSignal): Promise<TaskOutcome> {
    return new Promise((resolve) => {
      const finish = async (outcome: TaskOutcome): Promise<void> => {
        resolve(outcome);
        await settled();
      };
      const done = (content = task.node): Promise<void> =>
        finish({ status: "done", outputs: [outputOf(content)], durationMs: 5, peakBytes: 9 });
      stop?.addEventListener("abort", () => resolve({ status: "lost", reason: "stopped", durationMs: 1 }));
      this.started.push({ task, signal: onSignal, finish, done });
    });
  }

  async close(): Promise<void> {}

  /** The latest attempt of a node. */
  of(node: string): Held {
    const held = this.started.findLast(({ task }) => task.node === node);
    if (held === undefined) throw new Error(`${node} was not started; started: ${this.names().join(" ")}`);
    return held;
  }

  names(): string[] {
    return this.started.map(({ task }) => task.node);
  }
}

/** Lets everything that is ready to go on go on. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

export function outputOf(content: string): { name: string; kind: string; digest: string; bytes: number } {
  return { name: "out", kind: "dataset", digest: digestBytes(content), bytes: content.length };
}

/** A store of results only: what the coordinator needs. */
export class FakeStore {
  readonly path = "/nowhere/cache.db";
  readonly results = new Map<string, StageResult>();
  readonly touched: string[] = [];
  commit(result: StageResult): void {
    this.results.set(result.fingerprint, result);
  }
  touch(fingerprint: string): void {
    this.touched.push(fingerprint);
  }
  readonly forgotten: string[] = [];
  forgetFile(path: string): void {
    this.forgotten.push(path);
  }
  readManifest(): Manifest {
    return { kind: "dataset", codec: 1, meta: {}, blobs: {} };
  }
  dropDamaged(digest: string): readonly string[] {
    const hit = [...this.results.values()].filter((result) => result.outputs.some((o) => o.digest === digest));
    for (const result of hit) this.results.delete(result.fingerprint);
    return hit.map((result) => result.fingerprint);
  }
}

/** `{ load: [], flatten: ["load"] }`: nodes in order, each with what it takes its input from. */
export type Shape = Readonly<Record<string, readonly string[]>>;

export function stageNamed(name: string): Stage {
  const at = { file: "p.yaml", line: 3, column: 5, length: name.length, lineText: `    ${name}: {}` };
  return { name, kind: name, params: {}, needs: [], inputs: {}, files: [], locate: () => at };
}

const datasetToDataset: StageFacts = {
  version: 1,
  inputs: { dataset: { type: "dataset", optional: false } },
  outputs: { out: "dataset" },
  seeded: false,
  engine: false,
};

/** A plan over one variant, `v`, or over as many as there are: names before a slash are variants. */
export function planOf(shape: Shape, cached: readonly string[] = []): Plan {
  const nodes: PlanNode[] = Object.entries(shape).map(([id, after]) => ({
    id,
    stage: stageNamed(id),
    labels: [{ pipeline: id.includes("/") ? (id.split("/")[0] as string) : "v", stage: id }],
    seed: 1,
    facts: datasetToDataset,
    inputs: Object.fromEntries(after.slice(0, 1).map((node) => ["dataset", { node, port: "out" }])),
    after,
  }));
  const states = new Map<string, NodeState>();
  for (const node of nodes) {
    const known = node.after.every((id) => states.get(id)?.state === "cached");
    if (cached.includes(node.id)) states.set(node.id, { state: "cached", ...resultOf(node.id) });
    else if (known) states.set(node.id, { state: "run", fingerprint: node.id, parts: {}, reason: "first run" });
    else states.set(node.id, { state: "after-inputs", reason: "its input is made anew", surely: false });
  }
  const variants = [...new Set(nodes.flatMap((node) => node.labels.map((label) => label.pipeline)))].map(
    (name): Pipeline => ({
      name,
      description: "",
      seed: 1,
      params: {},
      stages: nodes.filter((node) => node.labels[0]?.pipeline === name).map((node) => stageNamed(node.id)),
      written: new Map(),
      resolvedYaml: `name: ${name}\n`,
      file: `${name}.yaml`,
    }),
  );
  const experiment: Experiment = { name: "e", question: "", description: "", variants, baseline: "v" };
  return { experiment, nodes, states, engine: { name: "cpu", version: "1" } };
}

export function resultOf(node: string, content = node): { fingerprint: string; result: StageResult } {
  const outputs = [outputOf(content)];
  return { fingerprint: node, result: { fingerprint: node, kind: node, parts: {}, outputs, durationMs: 7 } };
}

/** Everything a test holds in its hands. */
export interface Bench {
  readonly executor: FakeExecutor;
  readonly store: FakeStore;
  readonly events: RunEvent[];
  readonly stop: AbortController;
  readonly coordinator: Coordinator;
  /** The run as it will end; already begun. */
  readonly end: Promise<ReadonlyMap<string, NodeOutcome>>;
}

/** Starts a plan. A node whose fingerprint is in `store.results` when it settles is reused. */
export function start(plan: Plan, slots = 2, store = new FakeStore()): Bench {
  for (const [id, state] of plan.states) if (state.state === "cached") store.results.set(id, state.result);
  const executor = new FakeExecutor(slots);
  const events: RunEvent[] = [];
  const stop = new AbortController();
  const world: World = {
    store,
    executor,
    emit: (event) => events.push(event),
    stop: stop.signal,
    settle(node, inputs) {
      const changed = inputs.dataset !== undefined && inputs.dataset !== outputOf(node.after[0] as string).digest;
      const fingerprint = changed ? `${node.id}@${inputs.dataset?.slice(0, 6)}` : node.id;
      const result = store.results.get(fingerprint);
      return result === undefined
        ? { state: "run", fingerprint, parts: {}, reason: "an input changed" }
        : { state: "cached", fingerprint, result };
    },
  };
  const coordinator = new Coordinator(plan, world);
  return { executor, store, events, stop, coordinator, end: coordinator.finish() };
}
