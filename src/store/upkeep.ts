import { statSync } from "node:fs";
import { DamagedEntry } from "../base/damaged.js";
import { type Digest, digestBytes } from "../base/digest.js";
import { readVerified } from "./bytes.js";
import type { Connection } from "./driver.js";
import type { GarbageOptions, Store, StoreStats, Swept } from "./types.js";

type Upkeep = Pick<Store, "stats" | "verify" | "collectGarbage">;

/** A stage that is being stored puts its bytes first and its result last: so long they are not garbage. */
const GRACE_MS = 60 * 60_000;

export function upkeep(db: Connection, path: string): Upkeep {
  return {
    stats: () => countEverything(db, path),
    verify(onProgress) {
      db.transaction(() => dropOrphans(db)).immediate();
      return verifyEverything(db, onProgress);
    },
    collectGarbage(options = {}) {
      const removed = db.transaction(() => removeUnused(db, options)).immediate();
      db.pragma("incremental_vacuum");
      db.pragma("wal_checkpoint(TRUNCATE)");
      return removed;
    },
  };
}

function countEverything(db: Connection, path: string): StoreStats {
  const counts = db
    .prepare<[], Omit<StoreStats, "path" | "fileBytes">>(
      `SELECT (SELECT count(*) FROM blob) AS blobs,
              (SELECT coalesce(sum(bytes), 0) FROM blob) AS blobBytes,
              (SELECT count(*) FROM result) AS results,
              (SELECT count(*) FROM run) AS runs,
              (SELECT user_version FROM pragma_user_version) AS schemaVersion`,
    )
    .get() as Omit<StoreStats, "path" | "fileBytes">;
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  return { path, fileBytes: statSync(path).size + log, ...counts };
}

function verifyEverything(
  db: Connection,
  onProgress: (done: number, total: number) => void = () => {},
): readonly { digest: Digest; why: string }[] {
  const blobs = db.prepare<[], Digest>("SELECT digest FROM blob UNION SELECT blob FROM manifest_blob").pluck().all();
  const manifests = db
    .prepare<[], Digest>("SELECT digest FROM manifest UNION SELECT manifest FROM output")
    .pluck()
    .all();
  const textOf = db.prepare<[Digest], string>("SELECT json FROM manifest WHERE digest = ?").pluck();
  const checks = [
    ...blobs.map((digest) => ({ digest, check: () => void readVerified(db, digest) })),
    ...manifests.map((digest) => ({ digest, check: () => checkManifest(digest, textOf.get(digest)) })),
  ];
  const damaged: { digest: Digest; why: string }[] = [];
  checks.forEach(({ digest, check }, i) => {
    try {
      check();
    } catch (error) {
      if (!(error instanceof DamagedEntry)) throw error;
      damaged.push({ digest, why: error.why });
    }
    onProgress(i + 1, checks.length);
  });
  return damaged;
}

/** Each table whose rows go with a row of another, by foreign keys. */
const PARTS = [
  ["output", "fingerprint", "result", "fingerprint"],
  ["manifest_blob", "manifest", "manifest", "id"],
  ["history_row", "manifest", "manifest", "id"],
  ["metric_row", "manifest", "manifest", "id"],
  ["chunk", "blob", "blob", "id"],
] as const;

/** There are none, unless rows were deleted by hand: most programs leave foreign keys off. */
function dropOrphans(db: Connection): void {
  for (const [part, column, whole, key] of PARTS) {
    db.prepare(`DELETE FROM ${part} WHERE ${column} NOT IN (SELECT ${key} FROM ${whole})`).run();
  }
}

function checkManifest(digest: Digest, text: string | undefined): void {
  if (text === undefined) throw new DamagedEntry(digest, "it is missing");
  if (digestBytes(text) !== digest) throw new DamagedEntry(digest, "its text was changed");
}

/**
 * Roots are the outputs of results and of run records; what none of them uses is deleted, unless it was put within the
 * grace period. With `keepRuns`, records older than the newest so many are no roots, and neither are results that
 * none of the kept runs used.
 */
function removeUnused(db: Connection, { keepRuns, graceMs = GRACE_MS }: GarbageOptions): Swept {
  const before = Date.now() - graceMs;
  dropOrphans(db);
  const kept = "SELECT id FROM run ORDER BY started_at DESC, rowid DESC LIMIT ?";
  const unwanted = `fingerprint NOT IN
         (SELECT fingerprint FROM stages WHERE run IN (${kept}) AND fingerprint IS NOT NULL)`;
  const results =
    keepRuns === undefined
      ? 0
      : db.prepare(`DELETE FROM result WHERE touched_ms <= ? AND ${unwanted}`).run(before, keepRuns).changes;
  db.prepare(
    `DELETE FROM manifest WHERE touched_ms <= ? AND digest NOT IN (SELECT manifest FROM output)
       AND digest NOT IN (SELECT digest FROM outputs WHERE run IN (${kept}))`,
  ).run(before, keepRuns ?? -1);
  db.prepare(
    `DELETE FROM fingerprint WHERE digest NOT IN (SELECT fingerprint FROM result)
       AND digest NOT IN (SELECT fingerprint FROM label)`,
  ).run();
  const loose = "digest NOT IN (SELECT blob FROM manifest_blob)";
  const count = (where: string, ...values: number[]): { blobs: number; bytes: number } =>
    db
      .prepare<number[], { blobs: number; bytes: number }>(
        `SELECT count(*) AS blobs, coalesce(sum(bytes), 0) AS bytes FROM blob WHERE ${where}`,
      )
      .get(...values) as { blobs: number; bytes: number };
  const removed = count(`touched_ms <= ? AND ${loose}`, before);
  db.prepare(`DELETE FROM blob WHERE touched_ms <= ? AND ${loose}`).run(before);
  const left = (where: string, ...values: number[]): number =>
    db
      .prepare<number[], number>(`SELECT count(*) FROM result WHERE ${where}`)
      .pluck()
      .get(...values) as number;
  // Bytes that hang on young results and manifests alone are spared with them.
  const young = count(
    `${loose} OR digest NOT IN (
       SELECT u.blob FROM manifest_blob u JOIN manifest m ON m.id = u.manifest
       WHERE m.digest IN (SELECT manifest FROM output ${keepRuns === undefined ? "" : `WHERE NOT (${unwanted})`})
          OR m.digest IN (SELECT digest FROM outputs WHERE run IN (${kept})))`,
    ...(keepRuns === undefined ? [-1] : [keepRuns, keepRuns]),
  );
  return {
    ...removed,
    results,
    kept: {
      results: left("true"),
      young: { results: keepRuns === undefined ? 0 : left(unwanted, keepRuns), ...young },
    },
  };
}
