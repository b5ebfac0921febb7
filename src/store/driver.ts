/**
 * The SQLite library. better-sqlite3 13 brings its binaries in the package; it needs Node-API 10, which Node 20 never got,
 * and there it ends the process when a database is opened. So Node 20 has version 12, under a name of its own, and a
 * version is looked at before it is used.
 */
import { createRequire } from "node:module";
import type Sqlite from "better-sqlite3";
import type { Diagnostic } from "../base/diagnostic.js";
import { err, ok, type Result } from "../base/result.js";
import { driverMissing } from "./messages.js";

export type Connection = Sqlite.Database;
export type Driver = typeof Sqlite;

/** Best first: both are optional dependencies, and npm leaves out what a Node is too old for. */
const PACKAGES = ["better-sqlite3", "better-sqlite3-node20"];

let loaded: Result<Driver, readonly Diagnostic[]> | undefined;

/** The library that this Node can load, or what is missing. Loaded at the first call. */
export function sqliteDriver(): Result<Driver, readonly Diagnostic[]> {
  loaded ??= chooseDriver(createRequire(import.meta.url), Number(process.versions.napi));
  return loaded;
}

/** Of SQLite itself, such as `3.53.0`. */
export function sqliteVersion(): Result<string, readonly Diagnostic[]> {
  const driver = sqliteDriver();
  if (!driver.ok) return driver;
  const db = new driver.value(":memory:");
  const version = db.prepare<[], string>("SELECT sqlite_version()").pluck().get() as string;
  db.close();
  return ok(version);
}

/** SQLite's name for what went wrong, such as `SQLITE_BUSY`; undefined for an error of any other origin. */
export function sqliteCode(error: unknown): string | undefined {
  return loaded?.ok && error instanceof loaded.value.SqliteError ? error.code : undefined;
}

/**
 * @param load gives what a package exports, or throws.
 * @param napi the newest version of Node-API that this Node has.
 */
export function chooseDriver(load: (name: string) => unknown, napi: number): Result<Driver, readonly Diagnostic[]> {
  const problems: string[] = [];
  for (const name of PACKAGES) {
    try {
      const { version } = load(`${name}/package.json`) as { version: string };
      if (Number.parseInt(version, 10) >= 13 && napi < 10) {
        problems.push(`${name} ${version} needs Node 22.14 or later`);
        continue;
      }
      const driver = load(name) as Driver;
      // Only a connection loads the binary.
      new driver(":memory:").close();
      return ok(driver);
    } catch (error) {
      problems.push(`${name}: ${firstLine(error)}`);
    }
  }
  return err([driverMissing(problems.join("; "))]);
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0] as string;
}
