import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openArtifactStore, openStore, storeFailure } from "../../src/store/index.js";
import { openDatabase } from "../../src/store/open.js";
import { MIGRATIONS } from "../../src/store/schema.js";
import { Database } from "../rig/sqlite.js";
import { commitBytes, open, tempDir } from "./rig.js";

function problemOf(runsDir: string) {
  const opened = openStore(runsDir);
  if (opened.ok) throw new Error("opened");
  expect(opened.error).toHaveLength(1);
  return opened.error[0];
}

test("the directory and all above it are made", () => {
  const dir = join(tempDir(), "deep", "runs");
  expect(open(dir).path).toBe(join(dir, "cache.db"));
  expect(existsSync(join(dir, "cache.db"))).toBe(true);
});

test("an empty file becomes a store", () => {
  const dir = tempDir();
  writeFileSync(join(dir, "cache.db"), "");
  expect(open(dir).stats().results).toBe(0);
});

describe("what cannot be opened is said, and left as it is", () => {
  test("a directory that cannot be made", () => {
    const file = join(tempDir(), "file");
    writeFileSync(file, "");
    expect(problemOf(join(file, "runs"))).toMatchObject({
      code: "runs-not-created",
      message: `the runs directory ${join(file, "runs")} cannot be created`,
      received: expect.stringContaining("ENOTDIR"),
      fix: expect.stringContaining("--runs DIR"),
    });
  });

  // Root may write everywhere except where the kernel refuses.
  test.runIf(process.platform === "linux")("a directory that cannot be written", () => {
    expect(problemOf("/proc/self")).toMatchObject({ code: "runs-not-writable" });
  });

  test.skipIf(process.getuid?.() === 0)("a directory without permission to write", () => {
    const dir = join(tempDir(), "runs");
    mkdirSync(dir, { mode: 0o555 });
    expect(problemOf(dir)).toMatchObject({ code: "runs-not-writable", received: expect.stringContaining("EACCES") });
  });

  test.skipIf(process.getuid?.() === 0)("a file without permission to write", () => {
    const dir = tempDir();
    open(dir).close();
    chmodSync(join(dir, "cache.db"), 0o444);
    expect(problemOf(dir)).toMatchObject({ code: "runs-not-writable" });
  });

  test("a directory where the file should be", () => {
    const dir = tempDir();
    mkdirSync(join(dir, "cache.db"));
    expect(problemOf(dir)).toMatchObject({ code: "runs-not-writable" });
  });

  test("a file that is no database", () => {
    const dir = tempDir();
    const path = join(dir, "cache.db");
    writeFileSync(path, "my thesis\n".repeat(1000));
    expect(problemOf(dir)).toEqual({
      code: "cache-not-a-database",
      severity: "error",
      message: `${path} is not an SQLite database`,
      fix:
        `Rename ${path} to ${path}.damaged, and delete ${path}-wal and ${path}-shm; the next run starts a new cache. ` +
        "SQLite's `.recover` may rescue the contents of the old one.",
    });
    expect(readFileSync(path, "utf8")).toBe("my thesis\n".repeat(1000));
  });

  test("another program's database", () => {
    const dir = tempDir();
    const path = join(dir, "cache.db");
    new Database(path).exec("CREATE TABLE photos (name)").close();
    const before = readFileSync(path);
    expect(problemOf(dir)).toMatchObject({ code: "cache-foreign" });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test("a newer version's store", () => {
    const dir = tempDir();
    open(dir).close();
    const path = join(dir, "cache.db");
    const db = new Database(path);
    db.pragma("user_version = 99");
    db.close();
    expect(problemOf(dir)).toMatchObject({
      code: "cache-newer",
      message: `${path} was written by a newer version of pipe`,
      received: "schema 99",
      expected: `schema ${MIGRATIONS.length} or older`,
    });
    const worker = openArtifactStore(path);
    expect(worker).toMatchObject({ ok: false, error: [{ code: "cache-newer" }] });
  });

  test("a store whose first pages are torn", () => {
    const dir = tempDir();
    open(dir).close();
    const path = join(dir, "cache.db");
    const bytes = readFileSync(path);
    bytes.fill(0xff, 100, 8192);
    writeFileSync(path, bytes);
    expect(problemOf(dir)).toMatchObject({ code: "cache-damaged", fix: expect.stringContaining(".recover") });
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  test("a worker's path that leads nowhere", () => {
    const path = join(tempDir(), "cache.db");
    expect(openArtifactStore(path)).toMatchObject({ ok: false, error: [{ code: "cache-io" }] });
    expect(existsSync(path)).toBe(false);
  });
});

test("a torn page in the middle is damage of the entries in it, or a diagnostic, never a wrong answer", () => {
  const dir = tempDir();
  const store = open(dir);
  const html = new Uint8Array(300_000).map((_, i) => (i * 31) & 255);
  const { output } = commitBytes(store, "a", html);
  const digest = (store.readManifest(output.digest).blobs.html as { digest: string }).digest;
  store.close();
  const path = join(dir, "cache.db");
  const bytes = readFileSync(path);
  const page = 8192;
  bytes.fill(0xa5, statSync(path).size - 4 * page, statSync(path).size - 3 * page);
  writeFileSync(path, bytes);
  expect(() => open(dir).readBlob(digest)).toThrow("is damaged");
});

describe("failures of the disk while a store is open", () => {
  const sqlite = (code: string) => new Database.SqliteError("it failed", code);
  test.each([
    ["SQLITE_FULL", "cache-disk-full"],
    ["SQLITE_CORRUPT_INDEX", "cache-damaged"],
    ["SQLITE_NOTADB", "cache-not-a-database"],
    ["SQLITE_READONLY_DBMOVED", "runs-not-writable"],
    ["SQLITE_BUSY", "cache-busy"],
    ["SQLITE_IOERR_WRITE", "cache-io"],
  ])("%s is told as %s", (code, expected) => {
    expect(storeFailure(sqlite(code), "runs/cache.db")?.code).toBe(expected);
  });

  test("a bug is no failure of the disk", () => {
    expect(storeFailure(sqlite("SQLITE_CONSTRAINT_FOREIGNKEY"), "runs/cache.db")).toBeUndefined();
    expect(storeFailure(new Error("bug"), "runs/cache.db")).toBeUndefined();
  });
});

describe("migrations", () => {
  const steps = ["CREATE TABLE a (x); INSERT INTO a VALUES (1)", "ALTER TABLE a ADD COLUMN y; UPDATE a SET y = x + 1"];
  const openWith = (path: string, migrations: readonly string[]) => {
    const opened = openDatabase(path, path, migrations);
    if (!opened.ok) throw new Error(JSON.stringify(opened.error));
    return opened.value;
  };

  test("bring an older file to the newest schema and keep what is in it", () => {
    const path = join(tempDir(), "cache.db");
    openWith(path, steps.slice(0, 1)).close();
    const db = openWith(path, steps);
    expect(db.prepare("SELECT * FROM a").all()).toEqual([{ x: 1, y: 2 }]);
    expect(db.pragma("user_version", { simple: true })).toBe(2);
    db.close();
    const again = openWith(path, steps);
    expect(again.prepare("SELECT count(*) FROM a").pluck().get()).toBe(1);
    again.close();
  });

  test("happen all or not at all", () => {
    const path = join(tempDir(), "cache.db");
    openWith(path, steps.slice(0, 1)).close();
    expect(() => openWith(path, [...steps, "CREATE TABLE b (z); CREATE TABLE a (again)"])).toThrow("already exists");
    const db = openWith(path, steps.slice(0, 1));
    expect(db.pragma("user_version", { simple: true })).toBe(1);
    expect(db.prepare("SELECT name FROM sqlite_schema").pluck().all()).toEqual(["a"]);
    db.close();
  });

  test("leave the modes that the store relies on", () => {
    const db = openWith(join(tempDir(), "cache.db"), MIGRATIONS);
    const modes = ["journal_mode", "synchronous", "foreign_keys", "auto_vacuum"].map((mode) =>
      db.pragma(mode, { simple: true }),
    );
    expect(modes).toEqual(["wal", 1, 1, 2]);
    db.close();
  });
});
