import type { Digest } from "../../base/digest.js";
import { ok } from "../../base/result.js";
import type { GarbageOptions, Store, StoreStats, Swept } from "../../store/types.js";
import type { Place } from "../paths.js";
import { type Diagnosed, withExisting } from "./store.js";

/** What the cache holds; null where there is none yet. */
export async function cacheStats(options: Place = {}): Promise<Diagnosed<StoreStats | null>> {
  return withStore(options, (store) => store.stats());
}

export interface DamagedPart {
  readonly digest: Digest;
  readonly why: string;
  /** How many stage results needed it; they are forgotten and will be made again. */
  readonly results: number;
}

/** Hashes everything in the cache, removes what is damaged, and returns what that was. Null without a cache. */
export async function cacheVerify(
  options: Place & { readonly onProgress?: (done: number, total: number) => void } = {},
): Promise<Diagnosed<readonly DamagedPart[] | null>> {
  return withStore(options, (store) =>
    store.verify(options.onProgress).map(({ digest, why }) => {
      const results = store.dropDamaged(digest).length;
      return { digest, why, results };
    }),
  );
}

export interface SweepRequest extends Place, Pick<GarbageOptions, "keepRuns"> {
  /** Spares what was put or used within the last hour, because its run may be going on. Default: true. */
  readonly grace?: boolean;
}

/** Deletes what no result and no run needs; with `keepRuns`, also results that none of the newest so many runs used. */
export async function cacheGc(options: SweepRequest = {}): Promise<Diagnosed<Swept | null>> {
  const { keepRuns, grace } = options;
  return withStore(options, (store) =>
    store.collectGarbage({
      ...(keepRuns === undefined ? {} : { keepRuns }),
      ...(grace === false ? { graceMs: 0 } : {}),
    }),
  );
}

function withStore<T>(place: Place, use: (store: Store) => T): Promise<Diagnosed<T | null>> {
  return withExisting<T | null>(place, (store) => ok(store === null ? null : use(store)));
}
