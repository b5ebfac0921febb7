import { accessSync, constants, existsSync, statfsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Diagnostic } from "../base/diagnostic.js";
import { makeFolder } from "../base/disk.js";
import { NewerEntry } from "../base/newer-entry.js";
import { err, ok, type Result } from "../base/result.js";
import { byteStore } from "./bytes.js";
import { type Connection, sqliteCode, sqliteDriver } from "./driver.js";
import { fileDigests } from "./files.js";
import {
  busyDatabase,
  damagedDatabase,
  failedDisk,
  foreignDatabase,
  fullDisk,
  newerDatabase,
  newerEntry,
  notADatabase,
  runsNotCreated,
  runsNotWritable,
} from "./messages.js";
import { stageResults } from "./results.js";
import { runRecords } from "./runs.js";
import { APPLICATION_ID, MIGRATIONS } from "./schema.js";
import type { OpenArtifactStore, Store } from "./types.js";
import { upkeep } from "./upkeep.js";

/** How long to wait for another process that is writing: large blobs hold the lock for a part of a second each. */
const BUSY_MS = 30_000;

/** 8 KiB pages write and read megabyte chunks about a third faster than the default 4 KiB. */
const PAGE_BYTES = 8192;

/**
 * Opens `cache.db` in the runs directory, both made if missing, for the process that coordinates a run.
 * Several processes may have one file open. Errors: the directory cannot be created or written; the file is no
 * database, another program's, a newer version's, damaged, or locked for longer than half a minute.
 */
export function openStore(runsDir: string): Result<Store, readonly Diagnostic[]> {
  try {
    makeFolder(runsDir);
  } catch (error) {
    return err([runsNotCreated(runsDir, (error as Error).message)]);
  }
  const path = join(runsDir, "cache.db");
  const opened = openDatabase(path, runsDir);
  if (!opened.ok) return opened;
  const db = opened.value;
  return ok({
    path,
    ...byteStore(db),
    ...stageResults(db),
    ...runRecords(db),
    ...fileDigests(db),
    ...upkeep(db, path),
    close: () => void db.close(),
  });
}

/** Opens an existing `cache.db` for a worker, which reads and writes artifacts and nothing else. */
export function openArtifactStore(path: string): Result<OpenArtifactStore, readonly Diagnostic[]> {
  if (!existsSync(path)) return err([failedDisk(path, "the file does not exist")]);
  const opened = openDatabase(path, path);
  if (!opened.ok) return opened;
  const db = opened.value;
  return ok({ ...byteStore(db), close: () => void db.close() });
}

/**
 * What to tell the user when reading or writing an open store threw because of the disk or the file (full, damaged, locked,
 * read-only), or because a newer version wrote what was read; undefined for any other error, which is a bug.
 */
export function storeFailure(error: unknown, path: string): Diagnostic | undefined {
  if (error instanceof NewerEntry) return newerEntry(error);
  const code = sqliteCode(error);
  if (code === undefined) return undefined;
  const { message } = error as Error;
  if (code === "SQLITE_NOTADB") return notADatabase(path);
  if (code.startsWith("SQLITE_CORRUPT")) return damagedDatabase(path, message);
  if (code.startsWith("SQLITE_BUSY") || code === "SQLITE_LOCKED") return busyDatabase(path);
  if (code === "SQLITE_FULL") return fullDisk(path);
  if (code.startsWith("SQLITE_READONLY") || code.startsWith("SQLITE_CANTOPEN")) return runsNotWritable(path, message);
  // Without room for the smallest of files beside it, SQLite does not even open the database, and blames the disk.
  if (code.startsWith("SQLITE_IOERR") && isFull(dirname(path))) return fullDisk(path);
  if (code.startsWith("SQLITE_IOERR") || code === "SQLITE_PERM") return failedDisk(path, message);
  return undefined;
}

/** Of the index of the write-ahead log, which each process that opens the database needs. */
const LOG_INDEX_BYTES = 32_768;

function isFull(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize < LOG_INDEX_BYTES;
  } catch {
    return false;
  }
}

/** The connection, with the file at the newest schema; or why not. Touches no file that is not ours. */
export function openDatabase(
  path: string,
  shown: string,
  migrations: readonly string[] = MIGRATIONS,
): Result<Connection, readonly Diagnostic[]> {
  const driver = sqliteDriver();
  if (!driver.ok) return driver;
  let db: Connection | undefined;
  try {
    // SQLite opens what it may not write as read-only and says so at the first write: too late for a long run.
    accessSync(existsSync(path) ? path : join(path, ".."), constants.W_OK);
    db = new driver.value(path, { timeout: BUSY_MS });
    const problem = bringUpToDate(db, path, migrations);
    if (problem === undefined) return ok(db);
    db.close();
    return err([problem]);
  } catch (error) {
    db?.close();
    const problem = storeFailure(error, path) ?? refusedAccess(error, shown);
    if (problem === undefined) throw error;
    return err([problem]);
  }
}

function refusedAccess(error: unknown, shown: string): Diagnostic | undefined {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === undefined ? undefined : runsNotWritable(shown, message);
}

function bringUpToDate(db: Connection, path: string, migrations: readonly string[]): Diagnostic | undefined {
  const known = migrations.length;
  const { application, version, objects } = identify(db);
  if (application !== APPLICATION_ID && (objects > 0 || application !== 0)) return foreignDatabase(path);
  if (version > known) return newerDatabase(path, version, known);
  if (application === 0) {
    // Both count only while the file is empty. Incremental vacuum lets `gc` give space back without a rewrite.
    db.pragma(`page_size = ${PAGE_BYTES}`);
    db.pragma("auto_vacuum = INCREMENTAL");
  }
  enterWal(db);
  // With a write-ahead log, NORMAL can lose the last moments in a power cut, but never tears the file.
  db.pragma("synchronous = NORMAL");
  db.pragma("foreign_keys = ON");
  // A 47 MB blob passes through the log once; it need not stay that large.
  db.pragma("journal_size_limit = 4194304");
  if (version < known) migrate(db, migrations);
  return undefined;
}

/** One statement, so that another process that is just making the tables is seen before or after, never midway. */
function identify(db: Connection): { application: number; version: number; objects: number } {
  const sql = `SELECT a.application_id AS application, v.user_version AS version,
                      (SELECT count(*) FROM sqlite_schema) AS objects
               FROM pragma_application_id a, pragma_user_version v`;
  return db.prepare<[], { application: number; version: number; objects: number }>(sql).get() as {
    application: number;
    version: number;
    objects: number;
  };
}

/**
 * The mode is stored in the file, so this writes once in its life. When two processes make the file at one time SQLite
 * answers the second "busy" at once, without the usual wait: taking turns would be a deadlock.
 */
function enterWal(db: Connection): void {
  const deadline = performance.now() + BUSY_MS;
  for (;;) {
    try {
      if (db.pragma("journal_mode", { simple: true }) !== "wal") db.pragma("journal_mode = WAL");
      return;
    } catch (error) {
      const busy = sqliteCode(error)?.startsWith("SQLITE_BUSY");
      if (!busy || performance.now() > deadline) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

/** All missing steps in one transaction under an exclusive lock: a second process finds nothing left to do. */
function migrate(db: Connection, migrations: readonly string[]): void {
  const run = db.transaction(() => {
    const { version } = identify(db);
    for (const step of migrations.slice(version)) db.exec(step);
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.pragma(`user_version = ${Math.max(version, migrations.length)}`);
  });
  run.exclusive();
}
