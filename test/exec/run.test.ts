import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { storeArtifact } from "../../src/artifact/io.js";
import { DamagedEntry } from "../../src/base/damaged.js";
import type { OutputRecord, RunEvent } from "../../src/base/event.js";
import type { RunHead } from "../../src/exec/record.js";
import { executeRun, type RunWorld } from "../../src/exec/run.js";
import { RunFolder, runId } from "../../src/exec/run-folder.js";
import { settleReport, withReport } from "../../src/plan/index.js";
import { openStore, type Store } from "../../src/store/index.js";
import { FakeExecutor, planOf, settled } from "./fakes.js";

const provenance = {
  versions: {},
  engine: { name: "cpu", version: "1" },
  git: null,
  command: "pipe run p.yaml",
} as const;

let dir = "";
let store: Store;
let events: RunEvent[];
let stop: AbortController;
let executor: FakeExecutor;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "pipe-run-"));
  const opened = openStore(dir);
  if (!opened.ok) throw new Error("no store");
  store = opened.value;
  events = [];
  stop = new AbortController();
  executor = new FakeExecutor(2);
});
afterEach(() => {
  store.close();
  rmSync(dir, { recursive: true });
});

/** Starts a run of `plan` whose report says which stages ended how, and nothing else. */
function begin(plan = withReport(planOf({ load: [], train: [] })), more: Partial<RunWorld> = {}) {
  const created = RunFolder.create(dir, new Date(0));
  if (!created.ok) throw new Error("no folder");
  const folder = created.value;
  const head: RunHead = { run: folder.id, startedAt: new Date(0).toISOString(), provenance };
  const settle: RunWorld["settle"] = (node, _, recipe) =>
    recipe ? settleReport(recipe, store) : { state: "run", fingerprint: node.id, parts: {}, reason: "again" };
  let time = 0;
  const end = executeRun(plan, head, {
    store,
    executor,
    settle,
    folder,
    emit: (event) => events.push(event),
    stop: stop.signal,
    clock: () => new Date(++time * 1000),
    warnings: [],
    report: (record) => ({
      input: record.variants.flatMap(({ stages }) => stages.map(({ name, status }) => `${name} ${status}`)),
      revision: { code: "c", libraries: {} },
    }),
    ...more,
  });
  return { end, folder };
}

/** Ends a stage's attempt as the real worker would: what it made is in the store before it says so. */
async function made(node: string): Promise<void> {
  await executor.of(node).finish({ status: "done", outputs: [modelOf(node)], durationMs: 1, peakBytes: 9 });
}

function modelOf(node: string): OutputRecord {
  const part = { name: node, nodes: [] };
  return storeArtifact(store, "model", { inputs: [], nodes: [], outputs: [], groups: [part], parameters: 0 });
}

/** Ends the report's attempt as the real worker would. */
async function render(html: string): Promise<void> {
  await settled();
  const output = storeArtifact(store, "report", { html: Buffer.from(html) });
  await executor.of("report").finish({ status: "done", outputs: [output], durationMs: 1, peakBytes: 9 });
}

describe("a run", () => {
  it("keeps its record, its events and its report", async () => {
    const { end, folder } = begin();
    expect(store.findRun(folder.id)).toMatchObject({ run: { status: "running" } });
    await made("load");
    await made("train");
    await render("<p>both ran</p>");
    const record = await end;
    expect(record).toMatchObject({ status: "done", report: `${folder.id}/report.html` });
    expect(store.findRun("latest")).toEqual({ run: record });
    expect(readFileSync(join(folder.path, "report.html"), "utf8")).toBe("<p>both ran</p>");
    const lines = readFileSync(join(folder.path, "events.jsonl"), "utf8").trim().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual(events);
    expect(events.at(0)?.type).toBe("run-started");
    expect(events.at(-1)).toMatchObject({ type: "run-finished", ran: 2, cached: 0, failed: 0, skipped: 0 });
  });

  it("renders the same report once", async () => {
    const first = begin();
    await made("load");
    await made("train");
    await render("<p>same</p>");
    await first.end;
    executor = new FakeExecutor(2);
    const second = begin();
    await made("load");
    await made("train");
    await second.end;
    expect(executor.names()).toEqual(["load", "train"]);
    expect(events.findLast(({ type }) => type === "report-written")).toMatchObject({ status: "cached" });
    expect(readFileSync(join(second.folder.path, "report.html"), "utf8")).toBe("<p>same</p>");
  });

  it("reports a failure too", async () => {
    const { end } = begin();
    await made("load");
    await executor.of("train").finish({ status: "failed", diagnostics: [], durationMs: 1 });
    await render("<p>failed</p>");
    expect(await end).toMatchObject({ status: "failed", variants: [{ status: "failed" }] });
  });

  it("reports what there is when it is interrupted", async () => {
    const { end } = begin();
    await made("load");
    const metrics = { train: { loss: 2, kl: Number.NaN } };
    executor.of("train").signal({ type: "epoch", epoch: 1, epochs: 9, metrics, seconds: 1 });
    stop.abort();
    await render("<p>so far</p>");
    const record = await end;
    expect(record).toMatchObject({ status: "interrupted", variants: [{ status: "interrupted" }] });
    expect(record.context).toMatchObject({
      variants: { v: { stages: { train: { partialHistory: [{ train: { loss: 2 } }] } } } },
    });
  });

  it("makes again what the report finds damaged", async () => {
    const { end } = begin(withReport(planOf({ load: [] })));
    await made("load");
    await executor.of("report").finish({ status: "damaged", digest: modelOf("load").digest, durationMs: 1 });
    expect(executor.names()).toEqual(["load", "report", "load"]);
    await made("load");
    await render("<p>whole</p>");
    expect(await end).toMatchObject({ status: "done" });
  });

  it("tells of its report as of any stage, and counts it with none", async () => {
    const { end } = begin(withReport(planOf({ load: [] })));
    await made("load");
    await settled();
    executor.of("report").signal({ type: "progress", done: 1, total: 3, unit: "charts" });
    await render("<p>made</p>");
    const record = await end;
    const told = events.filter((event) => "node" in event && event.node === "report");
    expect(told).toMatchObject([
      { type: "stage-started", attempt: 1, reason: "new results" },
      { type: "stage-progress", done: 1, total: 3, unit: "charts" },
      { type: "stage-finished", status: "ran", outputs: [{ kind: "report" }] },
    ]);
    expect(events.at(-1)).toMatchObject({ type: "run-finished", ran: 1 });
    expect(record.variants.flatMap(({ stages }) => stages.map(({ name }) => name))).toEqual(["load"]);
  });

  it("tries once more when the process that renders is lost, also after an interruption", async () => {
    const { end } = begin(withReport(planOf({ load: [] })));
    stop.abort();
    await settled();
    await executor.of("report").finish({ status: "lost", reason: "it crashed", durationMs: 1 });
    await render("<p>so far</p>");
    expect(await end).toMatchObject({ status: "interrupted", report: expect.stringContaining("report.html") });
    expect(executor.names()).toEqual(["load", "report", "report"]);
  });

  it("is failed when that process is lost twice", async () => {
    const { end } = begin(withReport(planOf({ load: [] })));
    await made("load");
    await settled();
    for (const _ of [1, 2]) await executor.of("report").finish({ status: "lost", reason: "it crashed", durationMs: 1 });
    expect(await end).toMatchObject({ status: "failed", report: null });
    const warning = events.findLast((event) => event.type === "warning");
    expect(warning).toMatchObject({
      diagnostic: { message: "the report could not be made: report lost its process twice: it crashed" },
    });
  });

  it("renders a stored page again whose bytes are damaged", async () => {
    const first = begin(withReport(planOf({ load: [] })));
    await made("load");
    await render("<p>whole</p>");
    await first.end;
    executor = new FakeExecutor(2);
    const intact = store.readBlob.bind(store);
    let broken = true;
    const failing: Store = {
      ...store,
      readBlob(digest) {
        if (!broken) return intact(digest);
        broken = false;
        throw new DamagedEntry(digest, "its bytes changed");
      },
    };
    const second = begin(withReport(planOf({ load: [] })), { store: failing });
    await made("load");
    await render("<p>whole</p>");
    expect(await second.end).toMatchObject({ status: "done", report: `${second.folder.id}/report.html` });
    expect(executor.names()).toEqual(["load", "report"]);
  });

  it("is failed when its report cannot be made", async () => {
    const { end } = begin(withReport(planOf({ load: [] })));
    await made("load");
    await settled();
    const diagnostics = [{ code: "x", severity: "error", message: "no font" }] as const;
    await executor.of("report").finish({ status: "failed", diagnostics, durationMs: 1 });
    expect(await end).toMatchObject({ status: "failed", report: null });
    const warning = events.find((event) => event.type === "warning");
    expect(warning).toMatchObject({ diagnostic: { message: "the report could not be made: no font" } });
  });

  it("is failed, and has a record, when its folder is gone", async () => {
    const { end, folder } = begin(withReport(planOf({ load: [] })));
    await made("load");
    rmSync(folder.path, { recursive: true });
    await render("<p>nowhere to go</p>");
    expect(await end).toMatchObject({ status: "failed", report: null });
    expect(store.listRuns()[0]).toMatchObject({ status: "failed" });
  });

  it("writes no report when none is wanted", async () => {
    const { end } = begin(planOf({ load: [] }));
    await made("load");
    expect(await end).toMatchObject({ status: "done", report: null });
    expect(executor.names()).toEqual(["load"]);
  });
});

describe("a run's id", () => {
  it("sorts by time and differs at the same moment", () => {
    const at = (second: number) => runId(new Date(Date.UTC(2026, 10, 22, 10, 30, second)));
    expect(at(0)).toMatch(/^20261122-103000-[0-9a-f]{4}$/);
    expect(at(1) > at(0)).toBe(true);
    const ids = new Set(
      Array.from({ length: 50 }, () => RunFolder.create(dir, new Date(0))).map((made) => made.ok && made.value.id),
    );
    expect(ids.size).toBe(50);
  });
});
