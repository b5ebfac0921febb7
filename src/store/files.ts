import type { BigIntStats } from "node:fs";
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Digest } from "../base/digest.js";
import { digestFile } from "../base/file-content.js";
import type { Connection } from "./driver.js";
import type { Store } from "./types.js";

/**
 * Some file systems note the time of a change only to two seconds. A file that was changed this recently may change
 * again without a sign, so its digest is not remembered yet.
 */
const SETTLED_NS = 2_000_000_000n;

/** What tells whether a file is still the one that was hashed: device, inode, size, and the times of its last changes. */
type Stamp = readonly [dev: bigint, ino: bigint, size: bigint, mtimeNs: bigint, ctimeNs: bigint];

/** Digests of users' files, remembered, so that an unchanged data set of gigabytes is hashed once. */
export function fileDigests(db: Connection): Pick<Store, "fileDigest" | "forgetFile"> {
  const find = db
    .prepare<[string, ...Stamp], Digest>(
      `SELECT digest FROM file_digest
       WHERE path = ? AND dev = ? AND ino = ? AND size = ? AND mtime_ns = ? AND ctime_ns = ?`,
    )
    .pluck();
  const remember = db.prepare<[string, ...Stamp, Digest]>(
    "INSERT OR REPLACE INTO file_digest VALUES (?, ?, ?, ?, ?, ?, ?)",
  );
  const forget = db.prepare<[string]>("DELETE FROM file_digest WHERE path = ?");

  return {
    async fileDigest(path, options) {
      const key = resolve(path);
      const known = find.get(key, ...stampOf(await stat(key, { bigint: true })));
      if (known !== undefined) return known;
      const begin = BigInt(Date.now()) * 1_000_000n;
      const { digest, before, after } = await digestFile(key, options);
      if (sameStamp(before, after) && isSettled(after, begin)) remember.run(key, ...stampOf(after), digest);
      return digest;
    },
    forgetFile: (path) => void forget.run(resolve(path)),
  };
}

/**
 * A program can set a file's modification time, but not the time of its last change (`ctime`), which also counts that.
 * Numbers of devices and inodes use all 64 bits on some file systems; SQLite's integers have a sign.
 */
function stampOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): Stamp {
  return [BigInt.asIntN(64, dev), BigInt.asIntN(64, ino), size, mtimeNs, ctimeNs];
}

function sameStamp(a: BigIntStats, b: BigIntStats): boolean {
  const [one, other] = [stampOf(a), stampOf(b)];
  return one.every((part, i) => part === other[i]);
}

/** Whether a change after the hashing began must show in the times. Those of another machine's clock may lie ahead. */
function isSettled({ mtimeNs, ctimeNs }: BigIntStats, begin: bigint): boolean {
  return begin - (mtimeNs > ctimeNs ? mtimeNs : ctimeNs) > SETTLED_NS;
}
