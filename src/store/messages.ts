import type { Diagnostic } from "../base/diagnostic.js";
import { shortDigest } from "../base/digest.js";
import type { NewerEntry } from "../base/newer-entry.js";

/** All that the store says to users. */

function error(code: string, message: string, fix: string, received?: string): Diagnostic {
  return { code, severity: "error", message, fix, ...(received === undefined ? {} : { received }) };
}

export function runsNotCreated(dir: string, why: string): Diagnostic {
  const fix = "Choose another directory with --runs DIR, or make its parent writable.";
  return error("runs-not-created", `the runs directory ${dir} cannot be created`, fix, why);
}

export function runsNotWritable(path: string, why: string): Diagnostic {
  const fix = "Choose another directory with --runs DIR, or give yourself permission to write there.";
  return error("runs-not-writable", `${path} cannot be written`, fix, why);
}

/** @param why what each of the packages that were tried said. */
export function driverMissing(why: string): Diagnostic {
  const message = `no SQLite library can be loaded by Node ${process.version}`;
  const fix =
    "Use Node 22.14 or later and install again without leaving out optional packages. On Node 20, `npm install " +
    "better-sqlite3@12` brings the library; it compiles where no prebuilt binary can be had, which needs a C++ compiler.";
  return error("sqlite-missing", message, fix, why);
}

export function notADatabase(path: string): Diagnostic {
  return error("cache-not-a-database", `${path} is not an SQLite database`, moveAway(path));
}

export function foreignDatabase(path: string): Diagnostic {
  const message = `${path} is an SQLite database of another program`;
  return error("cache-foreign", message, "Choose another directory with --runs DIR; nothing in it was changed.");
}

export function newerDatabase(path: string, found: number, known: number): Diagnostic {
  const message = `${path} was written by a newer version of pipe`;
  const fix = "Update pipe, or choose another directory with --runs DIR; nothing in it was changed.";
  return { ...error("cache-newer", message, fix, `schema ${found}`), expected: `schema ${known} or older` };
}

export function newerEntry({ digest, kind, found, known }: NewerEntry): Diagnostic {
  const message = `a stored artifact of kind ${kind} was written by a newer version of pipe (${shortDigest(digest)})`;
  const fix = "Update pipe, or choose another directory with --runs DIR; nothing in the cache was changed.";
  return { ...error("cache-newer", message, fix, `format ${found}`), expected: `format ${known} or older` };
}

export function damagedDatabase(path: string, why: string): Diagnostic {
  return error("cache-damaged", `${path} is damaged`, moveAway(path), why);
}

export function busyDatabase(path: string): Diagnostic {
  const message = `another program keeps ${path} locked`;
  return error("cache-busy", message, "Wait until it is done, or end it; the file itself is unharmed.");
}

export function fullDisk(path: string): Diagnostic {
  const fix =
    "Free some space (with a megabyte of it, `pipe cache gc` removes what no result uses), or choose another directory with --runs DIR.";
  return error("cache-disk-full", `no space is left to write ${path}`, fix);
}

export function failedDisk(path: string, why: string): Diagnostic {
  const fix = "Check the disk (space, quota, permissions) and the limit of open files; what was stored before is kept.";
  return error("cache-io", `${path} cannot be read or written`, fix, why);
}

/** Nothing is deleted on the user's behalf: what a damaged file still holds may be worth rescuing. */
function moveAway(path: string): string {
  return (
    `Rename ${path} to ${path}.damaged, and delete ${path}-wal and ${path}-shm; the next run starts a new cache. ` +
    `SQLite's \`.recover\` may rescue the contents of the old one.`
  );
}
