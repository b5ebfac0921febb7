import { DamagedEntry } from "../base/damaged.js";
import type { Digest } from "../base/digest.js";
import type { OutputRecord } from "../base/event.js";
import type { Store } from "../store/types.js";

/** A stored history or metrics, small and shown at the end of every run, that is not what it was; null if all are whole. */
export function damagedNumbers(outputs: readonly OutputRecord[], store: Pick<Store, "readManifest">): Digest | null {
  for (const { kind, digest } of outputs) {
    if (kind !== "history" && kind !== "metrics") continue;
    try {
      store.readManifest(digest);
    } catch (error) {
      if (error instanceof DamagedEntry) return digest;
      throw error;
    }
  }
  return null;
}
