import { expect, test } from "vitest";
import { storeArtifact } from "../../src/artifact/io.js";
import { digestBytes } from "../../src/base/digest.js";
import { MIGRATIONS } from "../../src/store/schema.js";
import { commitBytes, flipByte, open, runRecord, sql, stageRecord } from "./rig.js";

const NOW = { graceMs: 0 };
const bytes = (fill: number, length = 1000) => new Uint8Array(length).fill(fill);

test("garbage is what no result and no run needs", () => {
  const store = open();
  const kept = commitBytes(store, "kept", bytes(1));
  const dropped = commitBytes(store, "dropped", bytes(2));
  const shown = commitBytes(store, "shown", bytes(3));
  store.saveRun(runRecord("r", "2026-01-01T00:00:00.000Z", [stageRecord("a", shown.fingerprint, [shown.output])]));
  store.drop(dropped.fingerprint);
  store.drop(shown.fingerprint);
  expect(store.collectGarbage(NOW)).toMatchObject({ blobs: 1, bytes: 1000, results: 0, kept: { results: 1 } });
  expect(store.lookup(kept.fingerprint)).toBeDefined();
  expect(store.readManifest(shown.output.digest).kind).toBe("report");
  expect(() => store.readManifest(dropped.output.digest)).toThrow("missing");
  expect(store.verify()).toEqual([]);
});

test("what was just put is spared: its result may be on the way", () => {
  const store = open();
  const output = storeArtifact(store, "report", { html: bytes(1) });
  const young = { results: 0, blobs: 1, bytes: 1000 };
  expect(store.collectGarbage()).toEqual({ blobs: 0, bytes: 0, results: 0, kept: { results: 0, young } });
  expect(store.readManifest(output.digest).kind).toBe("report");
});

test("with a number of runs to keep, results that only older runs used go too", () => {
  const store = open();
  const [old, shared, fresh] = ["old", "shared", "fresh"].map((name, i) => commitBytes(store, name, bytes(i)));
  if (!old || !shared || !fresh) throw new Error("three results");
  const record = ({ fingerprint, output }: typeof old) => stageRecord("a", fingerprint, [output]);
  store.saveRun(runRecord("r1", "2026-01-01T00:00:00.000Z", [record(old), record(shared)]));
  store.saveRun(runRecord("r2", "2026-01-02T00:00:00.000Z", [record(shared), record(fresh)]));
  const none = { results: 0, blobs: 0, bytes: 0 };
  expect(store.collectGarbage(NOW)).toEqual({ blobs: 0, bytes: 0, results: 0, kept: { results: 3, young: none } });
  const young = { results: 1, blobs: 1, bytes: 1000 };
  expect(store.collectGarbage({ keepRuns: 1 })).toEqual({
    blobs: 0,
    bytes: 0,
    results: 0,
    kept: { results: 3, young },
  });
  const swept = store.collectGarbage({ ...NOW, keepRuns: 1 });
  expect(swept).toEqual({ blobs: 1, bytes: 1000, results: 1, kept: { results: 2, young: none } });
  expect([old, shared, fresh].map(({ fingerprint }) => store.lookup(fingerprint) !== undefined)).toEqual([
    false,
    true,
    true,
  ]);
  expect(store.listRuns()).toHaveLength(2);
});

test("collected space is given back to the disk", () => {
  const store = open();
  const { fingerprint } = commitBytes(store, "large", bytes(1, 8_000_000));
  const before = store.stats().fileBytes;
  store.drop(fingerprint);
  store.collectGarbage(NOW);
  expect(before).toBeGreaterThan(8_000_000);
  expect(store.stats().fileBytes).toBeLessThan(1_000_000);
});

test("a full check finds every damaged entry and counts as it goes", () => {
  const store = open();
  const [a, b] = ["a", "b"].map((name, i) => commitBytes(store, name, bytes(i)));
  if (!a || !b) throw new Error("two results");
  flipByte(store, digestBytes(bytes(0)));
  sql(store).prepare("UPDATE manifest SET json = '{}' WHERE digest = ?").run(b.output.digest);
  const steps: string[] = [];
  const damaged = store.verify((done, total) => steps.push(`${done}/${total}`));
  expect(damaged).toEqual([
    { digest: digestBytes(bytes(0)), why: "its bytes were changed" },
    { digest: b.output.digest, why: "its text was changed" },
  ]);
  expect(steps).toEqual(["1/4", "2/4", "3/4", "4/4"]);
});

test.each(["verify", "collectGarbage"] as const)(
  "%s drops what rows that were deleted by hand left behind",
  (sweep) => {
    const store = open();
    commitBytes(store, "a", bytes(1));
    const file = sql(store);
    file.exec("DELETE FROM result; DELETE FROM manifest; DELETE FROM blob");
    expect(store[sweep]()).toMatchObject(sweep === "verify" ? [] : { blobs: 0, bytes: 0 });
    for (const table of ["output", "manifest_blob", "chunk"]) {
      expect(file.prepare(`SELECT count(*) FROM ${table}`).pluck().get()).toBe(0);
    }
  },
);

test("statistics count what is there", () => {
  const store = open();
  commitBytes(store, "a", bytes(1));
  store.saveRun(runRecord("r", "2026-01-01T00:00:00.000Z"));
  const { fileBytes, ...stats } = store.stats();
  expect(stats).toEqual({
    path: store.path,
    blobs: 1,
    blobBytes: 1000,
    results: 1,
    runs: 1,
    schemaVersion: MIGRATIONS.length,
  });
  expect(fileBytes).toBeGreaterThan(1000);
});
