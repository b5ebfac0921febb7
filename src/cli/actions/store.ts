import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { DamagedEntry } from "../../base/damaged.js";
import type { Diagnostic } from "../../base/diagnostic.js";
import { digestFile } from "../../base/file-content.js";
import { err, type Result } from "../../base/result.js";
import type { Planning } from "../../plan/index.js";
import type { Store } from "../../store/types.js";
import { cwdOf, type Place, runsDirOf, shownPath } from "../paths.js";

export type Diagnosed<T> = Result<T, readonly Diagnostic[]>;

/** What planning asks of the cache. */
export type PlanningStore = Planning["store"] & Pick<Store, "fileDigest" | "listRuns" | "findRun" | "readManifest">;

/** Looks at the cache without making one: where there is none yet, nothing is stored. */
export function withCache<T>(
  place: Place,
  use: (store: PlanningStore) => Diagnosed<T> | Promise<Diagnosed<T>>,
): Promise<Diagnosed<T>> {
  return withExisting(place, (store) => use(store ?? NOTHING_STORED));
}

/**
 * Opens the store, hands it over, and closes it again; null where nothing was run yet. What the disk does to the store
 * meanwhile (full, damaged, locked) is an error of the result.
 */
export async function withExisting<T>(
  place: Place,
  use: (store: Store | null) => Diagnosed<T> | Promise<Diagnosed<T>>,
): Promise<Diagnosed<T>> {
  const runsDir = runsDirOf(place);
  if (statSync(runsDir, { throwIfNoEntry: false })?.isDirectory() === false)
    return err([notADirectory(place, runsDir)]);
  if (!existsSync(join(runsDir, "cache.db"))) return use(null);
  const { openStore, storeFailure } = await import("../../store/index.js");
  const opened = openStore(runsDir);
  if (!opened.ok) return opened;
  const store = opened.value;
  try {
    return await use(store);
  } catch (error) {
    const failure = storeFailure(error, shownPath(store.path, cwdOf(place)));
    if (failure === undefined) throw error;
    return err([failure]);
  } finally {
    store.close();
  }
}

function notADirectory(place: Place, runsDir: string): Diagnostic {
  return {
    code: "runs-dir-unusable",
    severity: "error",
    message: `${shownPath(runsDir, cwdOf(place))} is not a directory`,
    fix: "Name the directory of the runs with --runs DIR.",
  };
}

const NOTHING_STORED: PlanningStore = {
  lookup: () => undefined,
  lastParts: () => undefined,
  fileDigest: async (path, options) => (await digestFile(path, options)).digest,
  listRuns: () => [],
  findRun: () => ({ candidates: [] }),
  readManifest(digest) {
    throw new DamagedEntry(digest, "nothing is stored");
  },
};
