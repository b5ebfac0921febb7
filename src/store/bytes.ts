import type { Manifest } from "../artifact/codec.js";
import type { ArtifactStore } from "../artifact/io.js";
import { DamagedEntry } from "../base/damaged.js";
import { type Digest, digestBytes } from "../base/digest.js";
import { canonicalJson, type Json } from "../base/json.js";
import { type Connection, sqliteCode } from "./driver.js";

const CHUNK_BYTES = 1 << 20;

/** How old a mark of use may be before it is renewed: most puts of known bytes then write nothing. */
const TOUCH_MS = 10 * 60_000;

/** Bytes and manifests by digest. Each put is one transaction of its own. */
export function byteStore(db: Connection): ArtifactStore {
  const findBlob = db.prepare<[Digest], { id: number; bytes: number; touched: number }>(
    "SELECT id, bytes, touched_ms AS touched FROM blob WHERE digest = ?",
  );
  const touchBlob = db.prepare<[number, Digest]>("UPDATE blob SET touched_ms = ? WHERE digest = ?");
  const addBlob = db.prepare<[Digest, number, number]>(
    "INSERT INTO blob (digest, bytes, touched_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
  );
  const addChunk = db.prepare<[number | bigint, number, Uint8Array]>("INSERT INTO chunk VALUES (?, ?, ?)");

  const findManifest = db.prepare<[Digest], { json: string; touched: number }>(
    "SELECT json, touched_ms AS touched FROM manifest WHERE digest = ?",
  );
  const touchManifest = db.prepare<[number, Digest]>("UPDATE manifest SET touched_ms = ? WHERE digest = ?");
  const addManifest = db.prepare<[Digest, string, string, number]>(
    "INSERT INTO manifest (digest, kind, json, touched_ms) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
  );
  const addUse = db.prepare<[number | bigint, Digest]>("INSERT OR IGNORE INTO manifest_blob VALUES (?, ?)");

  // An id may have been another's, in a file that was edited by hand: its leftover rows must not stay.
  const dropChunks = db.prepare<[number | bigint]>("DELETE FROM chunk WHERE blob = ?");
  const dropUses = db.prepare<[number | bigint]>("DELETE FROM manifest_blob WHERE manifest = ?");
  const dropRows = ["history_row", "metric_row"].map((table) =>
    db.prepare<[number | bigint]>(`DELETE FROM ${table} WHERE manifest = ?`),
  );
  const mendManifest = db.prepare<[string, Digest]>("UPDATE manifest SET json = ? WHERE digest = ?");

  const setLength = db.prepare<[number, Digest]>("UPDATE blob SET bytes = ? WHERE digest = ?");

  const writeChunks = (blob: number | bigint, bytes: Uint8Array): void => {
    for (let part = 0; part * CHUNK_BYTES < bytes.length; part++) {
      addChunk.run(blob, part, bytes.subarray(part * CHUNK_BYTES, (part + 1) * CHUNK_BYTES));
    }
  };

  const insertBlob = db.transaction((digest: Digest, bytes: Uint8Array) => {
    const added = addBlob.run(digest, bytes.length, Date.now());
    // Another process may have put the same bytes since we looked.
    if (added.changes === 0) return;
    dropChunks.run(added.lastInsertRowid);
    writeChunks(added.lastInsertRowid, bytes);
  });

  const mendBlob = db.transaction((digest: Digest, bytes: Uint8Array) => {
    const row = findBlob.get(digest);
    if (row === undefined) return insertBlob(digest, bytes);
    dropChunks.run(row.id);
    setLength.run(bytes.length, digest);
    writeChunks(row.id, bytes);
  });

  const insertManifest = db.transaction((digest: Digest, manifest: Manifest, json: string) => {
    const added = addManifest.run(digest, manifest.kind, json, Date.now());
    if (added.changes === 0) return;
    for (const drop of [dropUses, ...dropRows]) drop.run(added.lastInsertRowid);
    for (const blob of Object.values(manifest.blobs)) {
      if (findBlob.get(blob.digest) === undefined) throw new DamagedEntry(blob.digest, "it is missing");
      addUse.run(added.lastInsertRowid, blob.digest);
    }
  });

  return {
    putBlob(bytes) {
      const digest = digestBytes(bytes);
      const known = findBlob.get(digest);
      if (known === undefined) insertBlob.immediate(digest, bytes);
      // Bytes that are made again, forced or for another result, repair a damaged entry.
      else if (!isStored(db, digest, bytes)) mendBlob.immediate(digest, bytes);
      else if (known.touched < Date.now() - TOUCH_MS) touchBlob.run(Date.now(), digest);
      return digest;
    },
    hasBlob: (digest) => findBlob.get(digest) !== undefined,
    readBlob: (digest) => readVerified(db, digest),
    putManifest(manifest) {
      const json = canonicalJson(manifest as unknown as Json);
      const digest = digestBytes(json);
      const known = findManifest.get(digest);
      if (known === undefined) insertManifest.immediate(digest, manifest, json);
      // Its name says what it must hold, so a damaged text is repaired here.
      else if (known.json !== json) mendManifest.run(json, digest);
      else if (known.touched < Date.now() - TOUCH_MS) touchManifest.run(Date.now(), digest);
      return digest;
    },
    readManifest(digest) {
      const row = damagedIfCorrupt(digest, () => findManifest.get(digest));
      if (row === undefined) throw new DamagedEntry(digest, "it is missing");
      if (digestBytes(row.json) !== digest) throw new DamagedEntry(digest, "its text was changed");
      return JSON.parse(row.json) as Manifest;
    },
  };
}

/** The bytes of this digest, hashed again; throws `DamagedEntry` unless they are what their name says. */
export function readVerified(db: Connection, digest: Digest): Uint8Array {
  const bytes = damagedIfCorrupt(digest, () => joinChunks(db, digest));
  if (digestBytes(bytes) !== digest) throw new DamagedEntry(digest, "its bytes were changed");
  return bytes;
}

function isStored(db: Connection, digest: Digest, bytes: Uint8Array): boolean {
  try {
    return (
      Buffer.compare(
        damagedIfCorrupt(digest, () => joinChunks(db, digest)),
        bytes,
      ) === 0
    );
  } catch (error) {
    if (error instanceof DamagedEntry) return false;
    throw error;
  }
}

function joinChunks(db: Connection, digest: Digest): Uint8Array {
  const blob = db
    .prepare<[Digest], { id: number; bytes: number; stored: number }>(
      `SELECT id, bytes, (SELECT coalesce(sum(length(data)), 0) FROM chunk WHERE blob = blob.id) AS stored
       FROM blob WHERE digest = ?`,
    )
    .get(digest);
  if (blob === undefined) throw new DamagedEntry(digest, "it is missing");
  if (blob.stored !== blob.bytes) throw new DamagedEntry(digest, `it has ${blob.stored} of ${blob.bytes} bytes`);
  const out = new Uint8Array(blob.bytes);
  const chunks = db.prepare<[number], Uint8Array>("SELECT data FROM chunk WHERE blob = ? ORDER BY part").pluck();
  let at = 0;
  for (const chunk of chunks.iterate(blob.id)) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
}

/** A torn page that SQLite notices, or a chunk that overruns the length, costs this entry, not the run. */
function damagedIfCorrupt<T>(digest: Digest, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const corrupt = sqliteCode(error)?.startsWith("SQLITE_CORRUPT");
    throw corrupt || error instanceof RangeError ? new DamagedEntry(digest, (error as Error).message) : error;
  }
}
