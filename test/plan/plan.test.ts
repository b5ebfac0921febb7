import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { canonicalJson, type JsonObject } from "../../src/base/json.js";
import { factsOf, partsOf } from "../../src/plan/fingerprint.js";
import { checkStageNames, makePlan, type Plan, type Planning } from "../../src/plan/index.js";
import type { Pipeline } from "../../src/spec/types.js";
import type { Store } from "../../src/store/types.js";
import { open, tempDir } from "../store/rig.js";
import {
  type Compute,
  carryOut,
  catalog,
  catalogOf,
  engine,
  everything,
  experiment,
  fileDigest,
  pipeline,
  surroundings,
  table,
  vae,
} from "./rig.js";

let planning: Planning & { readonly store: Store };
beforeEach(() => {
  planning = { catalog, store: open(), ...surroundings };
});

const run = (...variants: readonly Pipeline[]) => carryOut(experiment(...variants), planning);

/** `stage: state (reason)` of every node. */
const shown = ({ nodes, states }: Plan) =>
  nodes.map(({ id, stage }) => {
    const state = states.get(id);
    return `${stage.name}: ${state?.state}${state !== undefined && "reason" in state ? ` (${state.reason})` : ""}`;
  });

describe("what runs", () => {
  test("everything, once", () => {
    expect(Object.keys(run(vae("a"), vae("b", { hidden: 16 })))).toHaveLength(11);
    expect(run(vae("a"), vae("b", { hidden: 16 }))).toEqual({});
  });

  test("another number of epochs touches train, evaluate and visualize only", () => {
    run(vae("a"));
    expect(run(vae("a", { epochs: 3 }))).toEqual({
      "a/train": "params.epochs: 2 → 3",
      "a/evaluate": "weights changed",
      "a/visualize": "history changed; metrics changed; predictions changed and 1 more",
    });
  });

  test("a chart's option touches visualize only", () => {
    run(vae("a"));
    expect(run(vae("a", { color: "red" }))).toEqual({ "a/visualize": 'params.color: "blue" → "red"' });
  });

  test("a variant of a new name that does the same does nothing", () => {
    run(vae("a"));
    expect(run(vae("copy"))).toEqual({});
  });

  test("going back to what was done before does nothing", () => {
    run(vae("a"));
    run(vae("a", { epochs: 3 }));
    expect(run(vae("a"))).toEqual({});
    // The last time is now the one that was reused, not the one that was computed.
    expect(run(vae("a", { epochs: 4 }))["a/train"]).toBe("params.epochs: 2 → 4");
  });

  test("another seed touches what draws random numbers, and what follows", () => {
    run(vae("a"));
    expect(run(vae("a", { seed: 2 }))).toMatchObject({ "a/train": "seed 1 → 2", "a/evaluate": "weights changed" });
  });

  test("another engine touches what it computes", () => {
    run(vae("a"));
    planning = { ...planning, engine: { name: "wasm", version: "4.22" } };
    expect(run(vae("a"))).toEqual({
      "a/train": "engine onnx 1.30 → wasm 4.22",
      "a/evaluate": "engine onnx 1.30 → wasm 4.22",
    });
  });

  test("a new version of a stage's code touches it, and what follows only if its bytes change", () => {
    run(vae("a"));
    const normalize = { ...table.normalize, version: 2 } as (typeof table)[string];
    planning = { ...planning, catalog: catalogOf({ ...table, normalize }) };
    expect(run(vae("a"))).toEqual({ "a/normalize": "stage version 1 → 2" });
  });

  test("early cut-off: a stage that makes the same bytes anew changes nothing below", () => {
    const rounding: Compute = (node, inputs, artifact) =>
      node.stage.kind === "normalize" ? "the same bytes" : everything(node, inputs, artifact);
    carryOut(experiment(vae("a")), planning, rounding);
    const ran = carryOut(experiment(vae("a", { method: "standard" })), planning, rounding);
    expect(ran).toEqual({ "a/normalize": 'params.method: "min-max" → "standard"' });
  });

  test("a result that was dropped is made again", () => {
    run(vae("a"));
    const plan = makePlan(experiment(vae("a")), planning);
    const state = plan.states.get(plan.nodes[4]?.id as string);
    if (state?.state !== "cached") throw new Error("train should be cached");
    planning.store.drop(state.fingerprint);
    expect(run(vae("a"))).toEqual({ "a/train": "its stored result is gone" });
  });

  test("a file of the same content elsewhere does nothing, another content does", () => {
    const [one, two] = [tempDir(), tempDir()].map((dir) => join(dir, "images.idx")) as [string, string];
    const from = (absolute: string) =>
      pipeline("a", { load: { params: { images: absolute }, files: [{ path: ["images"], absolute }] }, flatten: {} });
    // The fake stage reads its file, not the name of it.
    const reading: Compute = (node, inputs, artifact) =>
      node.stage.files.length > 0
        ? fileDigest(node.stage.files[0]?.absolute as string)
        : everything(node, inputs, artifact);
    const carry = (path: string) => carryOut(experiment(from(path)), planning, reading);
    writeFileSync(one, "same");
    writeFileSync(two, "same");
    carry(one);
    expect(carry(two)).toEqual({});
    writeFileSync(two, "other");
    expect(carry(two)).toEqual({
      "a/load": "params.images: the file's content changed",
      "a/flatten": "dataset changed",
    });
  });
});

describe("force", () => {
  test("runs the stage, and what follows only if its bytes change", () => {
    run(vae("a"));
    planning = { ...planning, force: ["train"] };
    expect(run(vae("a"))).toEqual({ "a/train": "forced" });
    const other: Compute = (node, inputs, artifact) =>
      node.stage.kind === "train" ? `other ${artifact}` : everything(node, inputs, artifact);
    const ran = carryOut(experiment(vae("a")), planning, other);
    expect(Object.keys(ran)).toEqual(["a/train", "a/evaluate", "a/visualize"]);
  });

  test("without a name runs everything", () => {
    run(vae("a"));
    planning = { ...planning, force: true };
    expect(new Set(Object.values(run(vae("a"))))).toEqual(new Set(["forced"]));
  });
});

describe("a plan before anything runs", () => {
  test("of a new pipeline", () => {
    expect(shown(makePlan(experiment(vae("a")), planning))).toEqual([
      "load: run (never ran)",
      "flatten: after-inputs (never ran)",
      "normalize: after-inputs (never ran)",
      "build: after-inputs (never ran)",
      "train: after-inputs (never ran)",
      "evaluate: after-inputs (never ran)",
      "visualize: after-inputs (never ran)",
    ]);
  });

  test("tells what runs for sure from what depends on bytes to come", () => {
    run(vae("a"));
    expect(shown(makePlan(experiment(vae("a", { method: "standard", epochs: 3 })), planning))).toEqual([
      "load: cached",
      "flatten: cached",
      'normalize: run (params.method: "min-max" → "standard")',
      "build: after-inputs (dataset from normalize may change)",
      "train: after-inputs (params.epochs: 2 → 3)",
      "evaluate: after-inputs (dataset from normalize may change)",
      "visualize: after-inputs (dataset from normalize may change)",
    ]);
  });

  test("with force and until", () => {
    run(vae("a"));
    planning = { ...planning, force: ["flatten", "build"] };
    expect(shown(makePlan(experiment(vae("a")), planning, "train"))).toEqual([
      "load: cached",
      "flatten: run (forced)",
      "normalize: after-inputs (dataset from flatten may change)",
      "build: after-inputs (forced)",
      "train: after-inputs (dataset from normalize may change)",
    ]);
  });

  test("changes nothing in the store", () => {
    run(vae("a"));
    const before = planning.store.stats();
    makePlan(experiment(vae("b", { epochs: 9 })), planning);
    expect(planning.store.stats()).toEqual(before);
    expect(planning.store.lastParts({ pipeline: "b", stage: "load" })).toBeUndefined();
  });

  test("a stage shared with a new variant is explained by the variant that ran it", () => {
    run(vae("old"));
    const both = experiment(vae("new", { epochs: 3 }), vae("old", { epochs: 3 }));
    expect(shown(makePlan(both, planning))).toContain("train: run (params.epochs: 2 → 3)");
  });
});

test("a fingerprint is made of these parts, and of no path, time, host or name", () => {
  const path = join(tempDir(), "images.idx");
  writeFileSync(path, "bytes");
  const digest = fileDigest(path);
  const stage = {
    name: "mine",
    kind: "train",
    params: { epochs: 2, layers: [{ table: path }] },
    needs: [],
    inputs: {},
    files: [{ path: ["layers", 0, "table"], absolute: path }],
    locate: () => ({ file: "", line: 1, column: 1, length: 1, lineText: "" }),
  };
  const node = { stage, seed: 5, facts: factsOf("train", catalog) };
  const revision = (kind: string) => (kind === "train" ? { code: "c", libraries: { vega: "6.2" } } : undefined);
  const parts = partsOf(node, { dataset: "d" }, { engine, fileDigest, revision });
  expect(canonicalJson(parts)).toBe(
    `{"code":"c","engine":{"name":"onnx","version":"1.30"},"inputs":{"dataset":"d"},"kind":"train",` +
      `"libraries":{"vega":"6.2"},"params":{"epochs":2,"layers":[{"table":{"file":"${digest}"}}]},"seed":5,"version":1}`,
  );
  const loading = { stage: { ...stage, kind: "load", files: [] }, seed: 5, facts: factsOf("load", catalog) };
  const load = partsOf(loading, {}, { engine, fileDigest, revision });
  expect(Object.keys(load as JsonObject)).toEqual(["kind", "version", "params", "inputs"]);
});

test("names of stages that are not there are told at once", () => {
  const both = experiment(vae("a"), pipeline("b", { load: {}, digest: { kind: "flatten" } }));
  expect(checkStageNames(both, { force: ["train", "digest"] })).toEqual([]);
  expect(checkStageNames(both, { force: ["train"], until: "evaluate" })).toEqual([]);
  expect(checkStageNames(both, { force: ["load", "evaluate", "digest"], until: "train" })).toEqual([
    expect.objectContaining({
      message: "--force names a stage that --until train leaves out",
      received: "evaluate",
      expected: "one of load, flatten, normalize, build, train",
    }),
    expect.objectContaining({ received: "digest" }),
  ]);
  expect(checkStageNames(both, { force: true })).toEqual([]);
  expect(checkStageNames(both, { force: ["trian"], until: "end" })).toEqual([
    {
      code: "no-such-stage",
      severity: "error",
      message: "--force names a stage that no variant has",
      received: "trian",
      expected: "one of load, flatten, normalize, build, train, evaluate, visualize, digest",
      fix: "Use the name that the stage has in the pipeline.",
    },
    expect.objectContaining({ message: "--until names a stage that no variant has", received: "end" }),
  ]);
});
