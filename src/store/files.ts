import { createHash } from "node:crypto";
import { type BigIntStats, closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type Database from "better-sqlite3";
import type { Digest } from "../base/digest.js";
import type { Store } from "./types.js";

const BUFFER_BYTES = 1 << 20;

/**
 * Some file systems note the time of a change only to two seconds. A file that was changed this recently may change
 * again without a sign, so its digest is not remembered yet.
 */
const SETTLED_NS = 2_000_000_000n;

/** Digests of users' files, remembered, so that an unchanged data set of gigabytes is hashed once. */
export function fileDigests(db: Database.Database): Pick<Store, "fileDigest"> {
  const find = db
    .prepare<[string, bigint, bigint, bigint], Digest>(
      "SELECT digest FROM file_digest WHERE path = ? AND size = ? AND mtime_ns = ? AND ino = ?",
    )
    .pluck();
  const remember = db.prepare<[string, bigint, bigint, bigint, Digest]>(
    "INSERT OR REPLACE INTO file_digest VALUES (?, ?, ?, ?, ?)",
  );

  return {
    fileDigest(path) {
      const key = resolve(path);
      const now = statSync(key, { bigint: true });
      const known = find.get(key, now.size, now.mtimeNs, signed(now.ino));
      if (known !== undefined) return known;
      const { digest, before, after } = hashFile(key);
      const still = before.size === after.size && before.mtimeNs === after.mtimeNs;
      const settled = BigInt(Date.now()) * 1_000_000n - after.mtimeNs > SETTLED_NS;
      if (still && settled) remember.run(key, after.size, after.mtimeNs, signed(after.ino), digest);
      return digest;
    },
  };
}

/** Inode numbers use all 64 bits on some file systems; SQLite's integers have a sign. */
function signed(n: bigint): bigint {
  return BigInt.asIntN(64, n);
}

function hashFile(path: string): { digest: Digest; before: BigIntStats; after: BigIntStats } {
  const file = openSync(path, "r");
  try {
    const before = fstatSync(file, { bigint: true });
    const hash = createHash("sha256");
    const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
    for (let n = readSync(file, buffer); n > 0; n = readSync(file, buffer)) hash.update(buffer.subarray(0, n));
    return { digest: hash.digest("hex"), before, after: fstatSync(file, { bigint: true }) };
  } finally {
    closeSync(file);
  }
}
