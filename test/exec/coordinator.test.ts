import { describe, expect, it } from "vitest";
import { INTERRUPTED } from "../../src/exec/standing.js";
import type { PlanNode } from "../../src/plan/types.js";
import { type Bench, FakeStore, outputOf, planOf, resultOf, settled, start } from "./fakes.js";

const chain = { load: [], flatten: ["load"], train: ["flatten"] };

function statuses(outcomes: ReadonlyMap<string, { status: string }>): Record<string, string> {
  return Object.fromEntries([...outcomes].map(([id, outcome]) => [id, outcome.status]));
}

function warnings(bench: Bench): string[] {
  return bench.events.flatMap((event) => (event.type === "warning" ? [event.diagnostic.code] : []));
}

describe("order", () => {
  it("starts a node when all that it follows is finished, and gives it their digests", async () => {
    const bench = start(planOf(chain));
    expect(bench.executor.names()).toEqual(["load"]);
    await bench.executor.of("load").done("bytes");
    expect(bench.executor.names()).toEqual(["load", "flatten"]);
    expect(bench.executor.of("flatten").task).toMatchObject({
      inputs: { dataset: { kind: "dataset", digest: outputOf("bytes").digest } },
      outputs: { out: "dataset" },
      attempt: 1,
    });
    await bench.executor.of("flatten").done();
    await bench.executor.of("train").done();
    expect(statuses(await bench.end)).toEqual({ load: "ran", flatten: "ran", train: "ran" });
  });

  it("runs independent nodes side by side, as many as there are slots", async () => {
    const bench = start(planOf({ load: [], a: ["load"], b: ["load"], c: ["load"] }), 2);
    await bench.executor.of("load").done();
    expect(bench.executor.names()).toEqual(["load", "a", "b"]);
    await bench.executor.of("b").done();
    expect(bench.executor.names()).toEqual(["load", "a", "b", "c"]);
    await bench.executor.of("c").done();
    await bench.executor.of("a").done();
    expect([...(await bench.end).values()].every(({ status }) => status === "ran")).toBe(true);
  });

  it("executes nothing when everything is cached", async () => {
    const bench = start(planOf(chain, ["load", "flatten", "train"]));
    expect(statuses(await bench.end)).toEqual({ load: "cached", flatten: "cached", train: "cached" });
    expect(bench.executor.started).toEqual([]);
    expect(bench.store.touched).toEqual(["load", "flatten", "train"]);
  });
});

describe("reuse below a rerun", () => {
  it("stops at a node whose output has the same bytes as before", async () => {
    const store = new FakeStore();
    store.results.set("flatten", resultOf("flatten").result);
    store.results.set("train", resultOf("train").result);
    const bench = start(planOf(chain), 2, store);
    await bench.executor.of("load").done("load");
    expect(statuses(await bench.end)).toEqual({ load: "ran", flatten: "cached", train: "cached" });
  });

  it("goes on when the bytes differ", async () => {
    const store = new FakeStore();
    store.results.set("flatten", resultOf("flatten").result);
    const bench = start(planOf(chain), 2, store);
    await bench.executor.of("load").done("other bytes");
    expect(bench.executor.names()).toEqual(["load", "flatten"]);
    await bench.executor.of("flatten").done();
    await bench.executor.of("train").done();
    await bench.end;
  });
});

describe("failure", () => {
  const two = {
    load: [],
    "a/train": ["load"],
    "a/evaluate": ["a/train"],
    "b/train": ["load"],
    "b/evaluate": ["b/train"],
  };
  const broken = {
    status: "failed",
    durationMs: 3,
    diagnostics: [{ code: "nan", severity: "error", message: "NaN", path: ["x"] }],
  } as const;

  it("skips what follows, and nothing else", async () => {
    const bench = start(planOf(two));
    await bench.executor.of("load").done();
    await bench.executor.of("a/train").finish(broken);
    await bench.executor.of("b/train").done();
    await bench.executor.of("b/evaluate").done();
    const outcomes = await bench.end;
    expect(statuses(outcomes)).toEqual({
      load: "ran",
      "a/train": "failed",
      "a/evaluate": "skipped",
      "b/train": "ran",
      "b/evaluate": "ran",
    });
    expect(outcomes.get("a/evaluate")?.reason).toBe("a/train failed");
  });

  it("gives a stage's complaint its place in the YAML", async () => {
    const bench = start(planOf({ load: [] }));
    await bench.executor.of("load").finish(broken);
    const [diagnostic] = (await bench.end).get("load")?.diagnostics ?? [];
    expect(diagnostic).toMatchObject({ code: "nan", at: { file: "p.yaml", line: 3 } });
    expect(diagnostic).not.toHaveProperty("path");
  });

  it("keeps the epochs of a training that failed", async () => {
    const bench = start(planOf({ train: [] }));
    const metrics = { train: { loss: 2 } };
    bench.executor.of("train").signal({ type: "epoch", epoch: 1, epochs: 3, metrics, seconds: 1 });
    await bench.executor.of("train").finish(broken);
    expect((await bench.end).get("train")?.epochs).toEqual([metrics]);
    expect(bench.events).toContainEqual({ type: "epoch", node: "train", epoch: 1, epochs: 3, metrics, seconds: 1 });
  });
});

describe("a process that dies", () => {
  const lost = { status: "lost", reason: "killed", durationMs: 9 } as const;

  it("is tried once more, with a warning and a new attempt number", async () => {
    const bench = start(planOf({ train: [] }));
    await bench.executor.of("train").finish(lost);
    expect(warnings(bench)).toEqual(["worker-lost"]);
    expect(bench.executor.of("train").task.attempt).toBe(2);
    await bench.executor.of("train").done();
    expect(statuses(await bench.end)).toEqual({ train: "ran" });
  });

  it("fails the stage at the second time, and says why", async () => {
    const bench = start(planOf({ train: [] }));
    await bench.executor.of("train").finish(lost);
    await bench.executor.of("train").finish(lost);
    const outcome = (await bench.end).get("train");
    expect(outcome?.status).toBe("failed");
    expect(outcome?.diagnostics[0]?.message).toBe("train lost its process twice: killed");
  });

  it("is not heard any more once a newer attempt has begun", async () => {
    const bench = start(planOf({ train: [] }));
    const first = bench.executor.of("train");
    await first.finish(lost);
    first.signal({ type: "progress", done: 1, total: 2, unit: "steps" });
    expect(bench.events.filter(({ type }) => type === "stage-progress")).toEqual([]);
    await bench.executor.of("train").done();
    await bench.end;
  });
});

describe("damaged bytes", () => {
  const damaged = { status: "damaged", digest: outputOf("load").digest, durationMs: 2 } as const;

  it("are made again by their producer, then the reader is tried again", async () => {
    const bench = start(planOf(chain, ["load"]));
    await bench.executor.of("flatten").finish(damaged);
    expect(warnings(bench)).toEqual(["cache-damaged"]);
    expect(bench.executor.names()).toEqual(["flatten", "load"]);
    await bench.executor.of("load").done("load");
    expect(bench.executor.of("flatten").task.attempt).toBe(2);
    await bench.executor.of("flatten").done();
    await bench.executor.of("train").done();
    const outcomes = await bench.end;
    expect(statuses(outcomes)).toEqual({ load: "ran", flatten: "ran", train: "ran" });
    expect(outcomes.get("load")?.reason).toBe("its stored output was damaged");
  });

  it("are dropped once, though two readers meet them", async () => {
    const bench = start(planOf({ load: [], a: ["load"], b: ["load"] }, ["load"]));
    await bench.executor.of("a").finish(damaged);
    await bench.executor.of("load").done("load");
    await bench.executor.of("b").finish(damaged);
    expect(warnings(bench)).toEqual(["cache-damaged"]);
    expect(bench.store.results.has("load")).toBe(true);
    await bench.executor.of("a").done();
    await bench.executor.of("b").done();
    expect(statuses(await bench.end)).toEqual({ load: "ran", a: "ran", b: "ran" });
  });

  it("that another run left fail the reader with what is to be done", async () => {
    const plan = planOf({ weights: [], train: ["weights"] });
    const [first, ...others] = plan.nodes as [PlanNode, ...PlanNode[]];
    const given = { ...first, stage: { ...first.stage, given: { weights: damaged.digest } } };
    const bench = start({ ...plan, nodes: [given, ...others] });
    await bench.executor.of("weights").finish(damaged);
    const outcomes = await bench.end;
    expect(outcomes.get("weights")).toMatchObject({
      status: "failed",
      diagnostics: [
        {
          message: expect.stringContaining("what weights takes from another run is gone"),
          fix: "Run that experiment again.",
        },
      ],
    });
    expect(outcomes.get("train")).toMatchObject({ status: "skipped" });
  });

  it("that stay damaged fail the reader in the end", async () => {
    const bench = start(planOf({ load: [], train: ["load"] }, ["load"]));
    for (let round = 0; round < 4; round++) {
      await bench.executor.of("train").finish(damaged);
      if (round < 3) await bench.executor.of("load").done("load");
    }
    expect(statuses(await bench.end)).toEqual({ load: "ran", train: "failed" });
  });
});

describe("stopping", () => {
  it("ends what runs, starts nothing new, and keeps what is cached", async () => {
    const bench = start(planOf({ load: [], a: ["load"], train: [], evaluate: ["train"], other: [] }, ["load", "a"]), 1);
    const metrics = { train: { loss: 2 } };
    bench.executor.of("train").signal({ type: "epoch", epoch: 1, epochs: 3, metrics, seconds: 1 });
    bench.stop.abort();
    await settled();
    const outcomes = await bench.end;
    expect(statuses(outcomes)).toEqual({
      load: "cached",
      a: "cached",
      train: "interrupted",
      evaluate: "skipped",
      other: "skipped",
    });
    expect(outcomes.get("evaluate")?.reason).toBe(INTERRUPTED);
    expect(outcomes.get("train")?.epochs).toEqual([metrics]);
    expect(bench.executor.names()).toEqual(["train"]);
  });
});
