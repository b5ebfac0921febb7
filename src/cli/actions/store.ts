import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Diagnostic } from "../../base/diagnostic.js";
import { digestBytes } from "../../base/digest.js";
import { ok, type Result } from "../../base/result.js";
import type { Planning } from "../../plan/index.js";
import type { Store } from "../../store/types.js";
import { type Place, runsDirOf } from "../paths.js";

export type Diagnosed<T> = Result<T, readonly Diagnostic[]>;

/** Looks at the cache without making one: where there is none yet, nothing is stored. */
export async function withCache<T>(
  place: Place,
  use: (store: Planning["store"]) => Diagnosed<T>,
): Promise<Diagnosed<T>> {
  const opened = await openExisting(place);
  if (!opened.ok) return opened;
  const store = opened.value;
  if (store === null) return use(NOTHING_STORED);
  try {
    return use(store);
  } finally {
    store.close();
  }
}

/** The store, or null where nothing was run yet. */
export async function openExisting(place: Place): Promise<Diagnosed<Store | null>> {
  const runsDir = runsDirOf(place);
  if (!existsSync(join(runsDir, "cache.db"))) return ok(null);
  const { openStore } = await import("../../store/index.js");
  return openStore(runsDir);
}

const NOTHING_STORED: Planning["store"] = {
  lookup: () => undefined,
  lastParts: () => undefined,
  fileDigest: (path) => digestBytes(readFileSync(path)),
};
