import type { Digest } from "../base/digest.js";
import type { OutputRecord } from "../base/event.js";
import { canonicalJson } from "../base/json.js";
import type { Connection } from "./driver.js";
import { metricRows } from "./rows.js";
import type { FingerprintParts, Store } from "./types.js";

type Results = Pick<Store, "lookup" | "commit" | "touch" | "lastParts" | "partsOf" | "drop" | "dropDamaged">;

/** Stage results by fingerprint, and which one each stage of each pipeline used last. */
export function stageResults(db: Connection): Results {
  // Presence only, no hashing: bytes are verified when they are read. Foreign keys make holes impossible, unless
  // the file is edited by hand; then the result counts as not stored.
  const find = db.prepare<[Digest], { kind: string; parts: string; durationMs: number }>(
    `SELECT f.kind, f.parts, r.duration_ms AS durationMs
     FROM result r JOIN fingerprint f ON f.digest = r.fingerprint
     WHERE r.fingerprint = ? AND NOT EXISTS (
       SELECT 1 FROM output o
       LEFT JOIN manifest m ON m.digest = o.manifest
       LEFT JOIN manifest_blob u ON u.manifest = m.id
       LEFT JOIN blob b ON b.digest = u.blob
       WHERE o.fingerprint = r.fingerprint AND (m.id IS NULL OR (u.blob IS NOT NULL AND b.id IS NULL)))`,
  );
  const outputsOf = db.prepare<[Digest], OutputRecord>(
    "SELECT name, kind, manifest AS digest, bytes FROM output WHERE fingerprint = ? ORDER BY position",
  );
  const addFingerprint = db.prepare("INSERT INTO fingerprint VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
  const addResult = db.prepare(
    `INSERT INTO result VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET duration_ms = excluded.duration_ms, touched_ms = excluded.touched_ms`,
  );
  const clearOutputs = db.prepare("DELETE FROM output WHERE fingerprint = ?");
  const addOutput = db.prepare("INSERT INTO output VALUES (?, ?, ?, ?, ?, ?)");
  const setLabel = db.prepare(
    "INSERT INTO label VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET fingerprint = excluded.fingerprint",
  );
  const touchResult = db.prepare("UPDATE result SET touched_ms = ? WHERE fingerprint = ?");
  const findParts = db
    .prepare<[string, string], string>(
      `SELECT f.parts FROM label l JOIN fingerprint f ON f.digest = l.fingerprint
       WHERE l.pipeline = ? AND l.stage = ?`,
    )
    .pluck();
  const partsByDigest = db.prepare<[Digest], string>("SELECT parts FROM fingerprint WHERE digest = ?").pluck();
  const drop = db.prepare<[Digest]>("DELETE FROM result WHERE fingerprint = ?");
  const addRows = metricRows(db);

  return {
    lookup(fingerprint) {
      const row = find.get(fingerprint);
      if (row === undefined) return undefined;
      const parts = JSON.parse(row.parts) as FingerprintParts;
      return { fingerprint, kind: row.kind, parts, outputs: outputsOf.all(fingerprint), durationMs: row.durationMs };
    },

    commit(result, labels) {
      const { fingerprint, kind, parts, outputs, durationMs } = result;
      const write = db.transaction(() => {
        addFingerprint.run(fingerprint, kind, canonicalJson(parts));
        addResult.run(fingerprint, durationMs, Date.now());
        clearOutputs.run(fingerprint);
        outputs.forEach((output, position) => {
          addOutput.run(fingerprint, position, output.name, output.kind, output.digest, output.bytes);
          addRows(output);
        });
        for (const { pipeline, stage } of labels) setLabel.run(pipeline, stage, fingerprint);
      });
      write.immediate();
    },

    touch(fingerprint, labels) {
      const write = db.transaction(() => {
        touchResult.run(Date.now(), fingerprint);
        for (const { pipeline, stage } of labels) setLabel.run(pipeline, stage, fingerprint);
      });
      write.immediate();
    },

    lastParts({ pipeline, stage }) {
      const parts = findParts.get(pipeline, stage);
      return parts === undefined ? undefined : (JSON.parse(parts) as FingerprintParts);
    },

    partsOf(fingerprint) {
      const parts = partsByDigest.get(fingerprint);
      return parts === undefined ? undefined : (JSON.parse(parts) as FingerprintParts);
    },

    drop: (fingerprint) => void drop.run(fingerprint),
    dropDamaged: (digest) => db.transaction(() => dropUsers(db, digest)).immediate(),
  };
}

/** Users first, then what they use: that is the order in which foreign keys let go. */
function dropUsers(db: Connection, digest: Digest): readonly Digest[] {
  const manifests = db
    .prepare<[Digest, Digest], Digest>(
      `SELECT digest FROM manifest WHERE id IN (SELECT manifest FROM manifest_blob WHERE blob = ?)
       UNION SELECT ?`,
    )
    .pluck()
    .all(digest, digest);
  const usersOf = db.prepare<[Digest], Digest>("SELECT DISTINCT fingerprint FROM output WHERE manifest = ?").pluck();
  const fingerprints = [...new Set(manifests.flatMap((manifest) => usersOf.all(manifest)))];
  const dropResult = db.prepare("DELETE FROM result WHERE fingerprint = ?");
  const dropManifest = db.prepare("DELETE FROM manifest WHERE digest = ?");
  for (const fingerprint of fingerprints) dropResult.run(fingerprint);
  for (const manifest of manifests) dropManifest.run(manifest);
  db.prepare("DELETE FROM blob WHERE digest = ?").run(digest);
  return fingerprints;
}
