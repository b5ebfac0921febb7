import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Diagnostic } from "../../src/base/diagnostic.js";
import type { JsonObject } from "../../src/base/json.js";
import { gitState } from "../../src/cli/git.js";
import { reportInput } from "../../src/cli/report-input.js";
import { contextOf, type RunContext } from "../../src/exec/record.js";
import type { RunRecord, StageRecord } from "../../src/store/types.js";

const warning: Diagnostic = { code: "w", severity: "warning", message: "mind this" };

function stage(name: string, status: StageRecord["status"], more: Partial<StageRecord> = {}): StageRecord {
  const outputs = [{ name: name, kind: name, digest: `digest-${name}`, bytes: 1 }];
  const failed = status === "failed" || status === "skipped";
  const rest = { fingerprint: `fp-${name}`, durationMs: 5, reason: "", diagnostics: [] };
  return { name, kind: name, status, outputs: failed ? [] : outputs, ...rest, ...more };
}

const epochs = [{ train: { loss: 1 } }];

function record(run: string, stages: readonly StageRecord[], status: "done" | "failed" = "done"): RunRecord {
  const context: RunContext = {
    question: "Which?",
    description: "",
    baseline: "v",
    variants: { v: { description: "d", seed: 1, resolvedYaml: "name: v\n", partialHistory: epochs } },
    provenance: {
      versions: { pipe: "1" },
      engine: { name: "wasm", version: "1", note: `onnx: ${homedir()}/lib.so is missing` },
      git: null,
      command: "pipe run v.yaml",
    },
  };
  const variants = [{ name: "v", status, params: { x: 1 }, stages }];
  const at = { startedAt: run, durationMs: Number(run), report: null };
  return { run, experiment: "e", status, ...at, variants, context: context as unknown as JsonObject };
}

const options = { cwd: "/project" };

describe("what a report is made from", () => {
  it("is the same for two runs with the same results, cached or not", () => {
    const ran = record("1", [stage("history", "ran", { durationMs: 99, diagnostics: [warning] })]);
    const cached = record("2", [stage("history", "cached", { durationMs: 0 })]);
    expect(reportInput([ran], options)).toEqual(reportInput([cached], options));
  });

  it("takes what a stage is for, and its settings, from the record, and of early versions' records from outputs and YAML", () => {
    const weights = stage("train", "ran", { outputs: [{ name: "w", kind: "weights", digest: "w", bytes: 1 }] });
    const early = record("1", [stage("dataset", "ran"), weights, stage("metrics", "ran")]);
    const context = contextOf(early);
    const variants = { v: { ...context.variants.v, resolvedYaml: "stages: { dataset: {}, train: { epochs: 3 } }" } };
    const told = reportInput([{ ...early, context: { ...context, variants } as unknown as JsonObject }], options);
    expect(told.variants[0]?.stages.map(({ measures, settings }) => [measures, settings])).toEqual([
      [false, {}],
      [false, { epochs: 3 }],
      [true, {}],
    ]);
    const stages = { metrics: { measures: true, settings: { splits: ["test"] } } };
    const failed = record("2", [stage("metrics", "failed")], "failed");
    const known = { ...context, variants: { v: { ...context.variants.v, stages } } } as unknown as JsonObject;
    expect(reportInput([{ ...failed, context: known }], options).variants[0]?.stages[0]).toMatchObject(stages.metrics);
  });

  it("has measured times only when they are asked for", () => {
    const ran = record("1", [stage("history", "ran")]);
    expect(JSON.stringify(reportInput([ran], options))).not.toContain("timing");
    const [variant] = reportInput([ran], { ...options, timings: true }).variants;
    expect(variant?.stages[0]?.timing).toEqual({ status: "ran", durationMs: 5 });
  });

  it("says what every stage took and made; of early records what their order tells", () => {
    const early = record("1", [
      stage("dataset", "ran"),
      stage("flatten", "ran", { outputs: [{ name: "d", kind: "dataset", digest: "last", bytes: 1 }] }),
      stage("history", "ran"),
    ]);
    const stages = reportInput([early], options).variants[0]?.stages ?? [];
    expect(stages.map(({ inputs, outputs }) => [inputs, outputs])).toEqual([
      [{}, [{ name: "dataset", kind: "dataset", digest: "digest-dataset" }]],
      [{ dataset: { stage: "dataset", port: "dataset" } }, [{ name: "d", kind: "dataset", digest: "last" }]],
      [{ dataset: { stage: "flatten", port: "d" } }, [{ name: "history", kind: "history", digest: "digest-history" }]],
    ]);
    const inputs = { dataset: { stage: "dataset", port: "dataset" } };
    const wired = record("1", [stage("dataset", "ran"), stage("flatten", "ran"), stage("history", "ran", { inputs })]);
    expect(reportInput([wired], options).variants[0]?.stages[2]?.inputs).toEqual(inputs);
  });

  it("has the epochs of the stage that they were seen of; in early records where there is no history", () => {
    const partials = (run: RunRecord) =>
      reportInput([run], options).variants[0]?.stages.flatMap(({ name, partialHistory }) =>
        partialHistory === undefined ? [] : [[name, partialHistory]],
      );
    const broken = record("2", [stage("dataset", "ran"), stage("train", "failed")], "failed");
    expect(partials(broken)).toEqual([["train", epochs]]);
    expect(partials(record("1", [stage("history", "ran"), stage("train", "failed")], "failed"))).toEqual([]);
    const { variants, ...context } = broken.context as unknown as RunContext;
    const known = { ...context, variants: { v: { ...variants.v, partialStage: "train" } } } as unknown as JsonObject;
    const second = record("1", [stage("history", "ran"), stage("train", "failed")], "failed");
    expect(partials({ ...second, context: known })).toEqual([["train", epochs]]);
    const each = { history: { partialHistory: epochs }, train: { partialHistory: epochs.slice(1) } };
    const own = { ...context, variants: { v: { ...variants.v, partialHistory: undefined, stages: each } } };
    expect(partials({ ...second, context: own as unknown as JsonObject })).toEqual([
      ["history", epochs],
      ["train", epochs.slice(1)],
    ]);
  });

  it("tells why a stage failed, without anybody's folders", () => {
    const at = { file: "/project/a/v.yaml", line: 1, column: 1, length: 1, lineText: "x" };
    const error: Diagnostic = { code: "x", severity: "error", message: `cannot read ${homedir()}/x /project/data`, at };
    const input = reportInput([record("1", [stage("load", "failed", { diagnostics: [error] })], "failed")], options);
    expect(input.variants[0]?.stages[0]?.diagnostics).toEqual([
      { code: "x", severity: "error", message: "cannot read ~/x data", at: { ...at, file: "a/v.yaml" } },
    ]);
    expect(input.provenance.engine.note).toBe("onnx: ~/lib.so is missing");
  });

  it("tells variants of one name apart by their run", () => {
    const two = [record("1", [stage("load", "ran")]), record("2", [stage("load", "ran")])];
    const input = reportInput(two, options);
    expect(input.variants.map(({ name }) => name)).toEqual(["v (1)", "v (2)"]);
    expect(input.experiment.baseline).toBe("v (1)");
    expect(input.experiment.question).toBe("Which?");
    expect(input.variants.some((variant) => "provenance" in variant)).toBe(false);
  });

  it("keeps what each run was asked and how it came about", () => {
    const [first, second] = [record("1", [stage("load", "ran")]), record("2", [stage("load", "ran")])];
    const context = second.context as unknown as RunContext;
    const provenance = { ...context.provenance, command: "pipe run w.yaml" };
    const other = { ...context, question: "And which now?", provenance } as unknown as JsonObject;
    const input = reportInput([first, { ...second, context: other }], options);
    expect(input.experiment.question).toBe("Which? And which now?");
    expect(input.provenance.command).toBe("pipe run v.yaml");
    expect(input.variants.map((variant) => variant.provenance?.command)).toEqual([undefined, "pipe run w.yaml"]);
  });
});

describe("the state of the repository", () => {
  it("is the commit, and whether these files differ from it", async () => {
    const dir = mkdtempSync(join(tmpdir(), "pipe-git-"));
    const git = (...args: string[]) =>
      execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b.c", ...args], { cwd: dir, encoding: "utf8" });
    const state = (...files: string[]) =>
      gitState(
        dir,
        files.map((file) => join(dir, file)),
      );
    try {
      expect(await state("v.yaml")).toBe(null);
      git("init", "-q");
      writeFileSync(join(dir, "v.yaml"), "a");
      expect(await state("v.yaml")).toBe(null);
      git("add", ".");
      git("commit", "-q", "-m", "first");
      const commit = git("rev-parse", "HEAD").trim();
      expect(await state("v.yaml")).toEqual({ commit, dirty: false });
      writeFileSync(join(dir, "other.yaml"), "b");
      expect(await state("v.yaml")).toEqual({ commit, dirty: false });
      expect(await state("v.yaml", "other.yaml")).toEqual({ commit, dirty: true });
      writeFileSync(join(dir, "v.yaml"), "c");
      expect(await state("v.yaml")).toEqual({ commit, dirty: true });
      expect(await state("../elsewhere.yaml")).toEqual({ commit, dirty: false });
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
