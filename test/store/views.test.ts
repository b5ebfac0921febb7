import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { storeArtifact } from "../../src/artifact/io.js";
import type { History, Metrics } from "../../src/artifact/types.js";
import { digestJson } from "../../src/base/digest.js";
import { open, runRecord, sql, stageRecord } from "./rig.js";

const history: History = {
  epochs: 2,
  splits: { train: { loss: [180.5, 160], kl: [4, 5] }, test: { loss: [null, 161.25] } },
  learningRate: [0.001, 0.001],
  bestEpoch: 2,
  engine: { name: "cpu", version: "4.22.0" },
  batchSize: 32,
  stepsPerEpoch: 10,
};
const metrics: Metrics = { splits: { test: { loss: 161.25, kl: 5 } }, about: {} };

/** One run of two stages; a second run that reused both. */
function twoRuns() {
  const store = open();
  const outputs = [storeArtifact(store, "history", history), storeArtifact(store, "metrics", metrics)];
  const [train, evaluate] = outputs.map((output, i) => {
    const fingerprint = digestJson(i);
    store.commit({ fingerprint, kind: "train", parts: { kind: "train", i }, outputs: [output], durationMs: 1 }, []);
    return stageRecord(i === 0 ? "train" : "evaluate", fingerprint, [output]);
  });
  if (train === undefined || evaluate === undefined) throw new Error("two outputs");
  store.saveRun(runRecord("first", "2026-01-01T00:00:00.000Z", [train, evaluate]));
  store.saveRun(runRecord("second", "2026-01-02T00:00:00.000Z", [{ ...train, status: "cached" }, evaluate]));
  return { store, db: sql(store), outputs };
}

test("histories are rows that any SQLite client can select", () => {
  const { db } = twoRuns();
  const rows = db.prepare("SELECT * FROM history WHERE run = 'second' ORDER BY split, metric, epoch").raw().all();
  expect(rows).toEqual([
    ["second", "vae-64", "train", "test", 1, "loss", null],
    ["second", "vae-64", "train", "test", 2, "loss", 161.25],
    ["second", "vae-64", "train", "train", 1, "kl", 4],
    ["second", "vae-64", "train", "train", 2, "kl", 5],
    ["second", "vae-64", "train", "train", 1, "loss", 180.5],
    ["second", "vae-64", "train", "train", 2, "loss", 160],
  ]);
  expect(db.prepare("SELECT count(*) FROM history_row").pluck().get()).toBe(6);
});

test("a training that diverged has the epochs that it came to", () => {
  const store = open();
  const failed = { ...stageRecord("fit", null, []), kind: "train", status: "failed" as const };
  const record = runRecord("first", "2026-01-01T00:00:00.000Z", [stageRecord("load", digestJson(1), []), failed]);
  const partialHistory = [{ train: { loss: 9, kl: 2 }, test: { loss: 8 } }, { train: { loss: 99.5 } }];
  store.saveRun({ ...record, context: { variants: { "vae-64": { partialHistory }, other: { description: "" } } } });
  expect(sql(store).prepare("SELECT * FROM history ORDER BY epoch, split, metric").raw().all()).toEqual([
    ["first", "vae-64", "fit", "test", 1, "loss", 8],
    ["first", "vae-64", "fit", "train", 1, "kl", 2],
    ["first", "vae-64", "fit", "train", 1, "loss", 9],
    ["first", "vae-64", "fit", "train", 2, "loss", 99.5],
  ]);
});

test("of several trainings that were stopped, each has its epochs", () => {
  const store = open();
  const stopped = (name: string) => ({ ...stageRecord(name, null, []), kind: "train", status: "interrupted" as const });
  const record = runRecord("first", "2026-01-01T00:00:00.000Z", [stopped("left"), stopped("right")]);
  const epochs = (loss: number) => ({ partialHistory: [{ train: { loss } }] });
  const stages = { left: epochs(1), right: epochs(2) };
  const earlier = { partialStage: "right", ...epochs(3) };
  store.saveRun({ ...record, context: { variants: { "vae-64": { stages }, other: earlier } } });
  expect(sql(store).prepare("SELECT * FROM history ORDER BY value").raw().all()).toEqual([
    ["first", "vae-64", "left", "train", 1, "loss", 1],
    ["first", "vae-64", "right", "train", 1, "loss", 2],
    ["first", "other", "right", "train", 1, "loss", 3],
  ]);
});

test("metrics, stages, variants, outputs, runs and fingerprints are views", () => {
  const { db, outputs } = twoRuns();
  expect(db.prepare("SELECT * FROM metrics WHERE run = 'first' ORDER BY metric").all()).toEqual([
    { run: "first", variant: "vae-64", stage: "evaluate", split: "test", metric: "kl", value: 5 },
    { run: "first", variant: "vae-64", stage: "evaluate", split: "test", metric: "loss", value: 161.25 },
  ]);
  expect(
    db.prepare("SELECT run, variant, position, stage, status FROM stages ORDER BY run, position").raw().all(),
  ).toEqual([
    ["first", "vae-64", 0, "train", "ran"],
    ["first", "vae-64", 1, "evaluate", "ran"],
    ["second", "vae-64", 0, "train", "cached"],
    ["second", "vae-64", 1, "evaluate", "ran"],
  ]);
  expect(db.prepare("SELECT variant, status, params FROM variants WHERE run = 'first'").raw().all()).toEqual([
    ["vae-64", "done", '{"hidden":64}'],
  ]);
  expect(
    db.prepare("SELECT stage, output, digest FROM outputs WHERE run = 'first' ORDER BY stage DESC").raw().all(),
  ).toEqual([
    ["train", "history", outputs[0]?.digest],
    ["evaluate", "metrics", outputs[1]?.digest],
  ]);
  expect(db.prepare("SELECT * FROM runs ORDER BY started_at DESC LIMIT 1").get()).toEqual({
    run: "second",
    experiment: "vae",
    status: "done",
    started_at: "2026-01-02T00:00:00.000Z",
    duration_ms: 100,
    report: "second/report.html",
  });
  expect(db.prepare("SELECT parts, stored FROM fingerprints WHERE fingerprint = ?").raw().get(digestJson(0))).toEqual([
    '{"i":0,"kind":"train"}',
    1,
  ]);
});

test("rows leave with the artifact that they belong to", () => {
  const { store, db, outputs } = twoRuns();
  store.dropDamaged(outputs[0]?.digest as string);
  expect(db.prepare("SELECT count(*) FROM history").pluck().get()).toBe(0);
  expect(db.prepare("SELECT count(*) FROM metrics").pluck().get()).toBe(4);
});

test("the queries in the documentation run as they are printed", () => {
  const { db } = twoRuns();
  const text = readFileSync(new URL("../../docs/cache.md", import.meta.url), "utf8");
  const queries = [...text.matchAll(/```sql\n(.*?)```/gs)].map(([, query]) => query as string);
  expect(queries).toHaveLength(4);
  for (const query of queries) expect(db.prepare(query).all()).not.toEqual([]);
});

test("the documentation lists every view with its columns", () => {
  const { db } = twoRuns();
  const text = readFileSync(new URL("../../docs/cache.md", import.meta.url), "utf8");
  const views = db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'view'").pluck().all();
  const documented = [...text.matchAll(/^\| `(\w+)` \| ([^|]*) \|$/gm)].filter(([, name]) =>
    views.includes(name as string),
  );
  expect(documented.map(([, name]) => name).sort()).toEqual(views.sort());
  for (const [, name, list] of documented) {
    const columns = (list as string)
      .replace(/\(.*?\)|:.*/g, "")
      .split(",")
      .map((column) => column.trim());
    expect(
      db
        .prepare(`SELECT * FROM ${name}`)
        .columns()
        .map((column) => column.name),
    ).toEqual(columns);
  }
});
