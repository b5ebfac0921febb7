import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DamagedEntry } from "../../src/base/damaged.js";
import { digestBytes } from "../../src/base/digest.js";
import { err, ok } from "../../src/base/result.js";
import { type AnyStage, type Parts, perform } from "../../src/exec/perform.js";
import type { StageTask, TaskSignal } from "../../src/exec/protocol.js";
import type { OpenArtifactStore } from "../../src/store/types.js";

const task: StageTask = {
  type: "stage",
  node: "n1",
  attempt: 1,
  kind: "train",
  stage: "fit",
  params: { epochs: 2, data: { train: "a.idx" } },
  seed: 7,
  engine: "cpu",
  inputs: {},
  outputs: {},
  files: [{ path: ["data", "train"], absolute: "/data/a.idx" }],
  storePath: "/nowhere/cache.db",
};

const store = { close: () => {} } as OpenArtifactStore;

function parts(run: AnyStage["run"], more: Partial<Parts> = {}): Parts {
  return {
    openStore: () => ok(store),
    storeFailure: () => undefined,
    stage: async () => ({ run }),
    renderReport: async () => new Uint8Array(),
    probeEngine: async () => ok(null),
    checkCharts: async () => [],
    describe: async () => err([]),
    adopt: async () => [],
    ask: async () => [],
    ownFailure: async () => undefined,
    exportFiles: async () => ok([]),
    exportItems: async () => ok([]),
    ...more,
  };
}

describe("an attempt", () => {
  it("gives the stage what the task says", async () => {
    let seen: unknown;
    await perform(
      task,
      parts(async (context) => {
        const { params, seed, engine } = context;
        seen = { params, seed, engine };
        return ok({});
      }),
      () => {},
    );
    expect(seen).toEqual({ params: task.params, seed: 7, engine: "cpu" });
  });

  it("tells what was in the files that the stage read, also where it failed", async () => {
    const path = join(mkdtempSync(join(tmpdir(), "pipe-perform-")), "a.idx");
    writeFileSync(path, "content");
    const files = [{ path: ["data", "train"], absolute: path }];
    const readAll =
      (end: Awaited<ReturnType<AnyStage["run"]>>): AnyStage["run"] =>
      async (context) => {
        const content = context.read(["data", "train"]);
        expect(content).toMatchObject({ ok: true, value: { bytes: Buffer.from("content"), size: 7 } });
        return end;
      };
    const problem = { code: "x", severity: "error", message: "m" } as const;
    const read = [{ path: ["data", "train"], digest: digestBytes("content") }];
    const done = await perform({ ...task, files }, parts(readAll(ok({}))), () => {});
    expect(done).toMatchObject({ status: "done", read });
    const failed = await perform({ ...task, files }, parts(readAll(err([problem]))), () => {});
    expect(failed).toMatchObject({ status: "failed", read });
    rmSync(path);
    const gone = await perform(
      { ...task, files },
      parts(async (context) => context.read(["data", "train"]) as never),
      () => {},
    );
    expect(gone).toMatchObject({
      status: "failed",
      diagnostics: [{ code: "unreadable-file", path: ["data", "train"] }],
    });
  });

  it("lets through the first progress, a change of what is done and the end, and no more than ten a second between", async () => {
    const signals: TaskSignal[] = [];
    await perform(
      task,
      parts(async (context) => {
        const steps = { total: 1000, unit: "steps" } as const;
        for (let done = 0; done <= 500; done++) context.progress({ ...steps, done });
        context.progress({ ...steps, done: 500, doing: "compiling" });
        for (let done = 501; done <= 1000; done++) context.progress({ ...steps, done });
        context.epoch({ epoch: 1, epochs: 1, metrics: {}, seconds: 0 });
        return ok({});
      }),
      (signal) => signals.push(signal),
    );
    const progress = signals.filter((signal) => signal.type === "progress");
    expect(progress[0]).toMatchObject({ done: 0 });
    expect(progress.at(-1)).toMatchObject({ done: 1000 });
    expect(progress).toContainEqual({ type: "progress", done: 500, total: 1000, unit: "steps", doing: "compiling" });
    expect(progress.length).toBeLessThan(20);
    expect(signals.at(-1)?.type).toBe("epoch");
  });

  it("tells what the stage says is wrong", async () => {
    const diagnostic = { code: "nan", severity: "error", message: "NaN" } as const;
    const outcome = await perform(
      task,
      parts(async () => err([diagnostic])),
      () => {},
    );
    expect(outcome).toMatchObject({ status: "failed", diagnostics: [diagnostic] });
  });

  it("tells an exception as a bug, without its stack", async () => {
    const outcome = await perform(
      task,
      parts(async () => {
        throw new Error("boom");
      }),
      () => {},
    );
    expect(outcome).toMatchObject({ status: "failed", diagnostics: [{ code: "internal-error" }] });
    expect(JSON.stringify(outcome)).toContain("boom");
    expect(JSON.stringify(outcome)).not.toContain("perform.test");
  });

  it("names the damaged entry that a stage came upon, however deep", async () => {
    const outcome = await perform(
      task,
      parts(async () => {
        throw new DamagedEntry("abc", "it is gone");
      }),
      () => {},
    );
    expect(outcome).toMatchObject({ status: "damaged", digest: "abc" });
  });

  it("tells a full disk as a full disk", async () => {
    const full = { code: "disk-full", severity: "error", message: "full" } as const;
    const run = async () => {
      throw new Error("SQLITE_FULL");
    };
    const outcome = await perform(task, parts(run, { storeFailure: () => full }), () => {});
    expect(outcome).toMatchObject({ status: "failed", diagnostics: [full] });
  });

  it("tells why an engine does not load", async () => {
    const probe = { type: "probe", node: "probe", attempt: 1, engine: "onnx", storePath: "" } as const;
    const diagnostic = { code: "engine-unavailable", severity: "error", message: "no library" } as const;
    const failing = parts(async () => ok({}), { probeEngine: async () => err([diagnostic]) });
    expect(await perform(probe, failing, () => {})).toMatchObject({ status: "failed", diagnostics: [diagnostic] });
    expect(
      await perform(
        probe,
        parts(async () => ok({})),
        () => {},
      ),
    ).toMatchObject({ status: "done", outputs: [] });
  });

  it("brings the files of an export, or why there are none", async () => {
    const wanted = { type: "export", node: "export", attempt: 1, format: "csv", input: [1], storePath: "" } as const;
    const run: AnyStage["run"] = async () => ok({});
    const exportFiles: Parts["exportFiles"] = async (format, input) =>
      ok([{ name: `${format}.txt`, content: Uint8Array.from(input as number[]) }]);
    expect(await perform(wanted, parts(run, { exportFiles }), () => {})).toMatchObject({
      status: "done",
      outputs: [],
      files: [{ name: "csv.txt", content: Uint8Array.of(1) }],
    });
    const diagnostic = { code: "layer-not-in-tfjs", severity: "error", message: "no" } as const;
    const failing = parts(run, { exportFiles: async () => err([diagnostic]) });
    expect(await perform(wanted, failing, () => {})).toMatchObject({ status: "failed", diagnostics: [diagnostic] });
  });
});
