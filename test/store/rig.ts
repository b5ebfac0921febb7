import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import { storeArtifact } from "../../src/artifact/io.js";
import { type Digest, digestJson } from "../../src/base/digest.js";
import type { OutputRecord } from "../../src/base/event.js";
import type { Json } from "../../src/base/json.js";
import type { Connection } from "../../src/store/driver.js";
import { openStore } from "../../src/store/index.js";
import type { RunRecord, StageLabel, StageRecord, Store } from "../../src/store/types.js";
import { Database } from "../rig/sqlite.js";

/** A directory of its own for every test, gone afterwards. */
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const clean of cleanups.splice(0).reverse()) clean();
});

export function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), "pipe-store-"));
  cleanups.push(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

export function open(dir = tempDir()): Store {
  const opened = openStore(dir);
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  cleanups.push(() => opened.value.close());
  return opened.value;
}

/** A second connection, for looking and for doing harm. Foreign keys are off, as in the sqlite3 program. */
export function sql(store: Store): Connection {
  const db = new Database(store.path);
  db.pragma("foreign_keys = OFF");
  cleanups.push(() => db.close());
  return db;
}

export const label: StageLabel = { pipeline: "vae-64", stage: "train" };

/** Commits a stage that made one report of these bytes, and returns its output. */
export function commitBytes(store: Store, name: string, html: Uint8Array, labels = [label]): Committed {
  const output = storeArtifact(store, "report", { html });
  const parts: { readonly [key: string]: Json } = { kind: "report", name };
  const fingerprint = digestJson(parts);
  store.commit({ fingerprint, kind: "report", parts, outputs: [output], durationMs: 12.5 }, labels);
  return { fingerprint, parts, output };
}

export interface Committed {
  readonly fingerprint: Digest;
  readonly parts: { readonly [key: string]: Json };
  readonly output: OutputRecord;
}

export function stageRecord(name: string, fingerprint: Digest | null, outputs: readonly OutputRecord[]): StageRecord {
  return { name, kind: name, status: "ran", fingerprint, durationMs: 5, reason: "never ran", outputs, diagnostics: [] };
}

export function runRecord(run: string, startedAt: string, stages: readonly StageRecord[] = []): RunRecord {
  return {
    run,
    experiment: "vae",
    status: "done",
    startedAt,
    durationMs: 100,
    report: `${run}/report.html`,
    variants: [{ name: "vae-64", status: "done", params: { hidden: 64 }, stages }],
    context: { question: "Which?" },
  };
}

/** The bytes of all blobs with this digest, as they lie in the file. */
export function flipByte(store: Store, digest: Digest): void {
  const db = sql(store);
  const row = db
    .prepare<[Digest], { id: number; data: Buffer }>(
      "SELECT chunk.rowid AS id, data FROM chunk JOIN blob ON blob.id = chunk.blob WHERE digest = ? AND part = 0",
    )
    .get(digest);
  if (row === undefined) throw new Error("no such blob");
  row.data[0] = (row.data[0] as number) ^ 1;
  db.prepare("UPDATE chunk SET data = ? WHERE rowid = ?").run(row.data, row.id);
}
