import { availableParallelism, totalmem } from "node:os";
import type { Diagnostic } from "../../base/diagnostic.js";
import { ENGINE_NAMES, type EngineName } from "../../base/engines.js";
import { engineLibraries, inspectEngine } from "../../exec/engines.js";
import { whyNot } from "../../exec/messages.js";
import { WorkerPool } from "../../exec/pool.js";
import type { StoreStats } from "../../store/types.js";
import type { Place } from "../paths.js";
import { pipeVersion } from "../versions.js";
import { cacheStats } from "./cache.js";

/** What this machine can do. */
export interface Health {
  readonly versions: Readonly<Record<string, string>>;
  readonly platform: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly engines: readonly EngineHealth[];
  readonly store: { readonly stats: StoreStats | null; readonly diagnostics: readonly Diagnostic[] };
  /** An engine works, SQLite does, and the cache, where there is one, can be opened. */
  readonly healthy: boolean;
}

export interface EngineHealth {
  readonly name: string;
  /** It trained for a step in a process of its own just now. */
  readonly works: boolean;
  readonly version: string | null;
  /** Where it is, of an engine that may be in one of several folders. */
  readonly folder?: string;
  /** Why it does not work. */
  readonly why?: string;
}

/** Trains for a step on every engine that is installed, in worker processes, and opens the cache. */
export async function doctor(options: Place = {}): Promise<Health> {
  const pool = new WorkerPool({ slots: ENGINE_NAMES.length, log: () => {} });
  let engines: readonly EngineHealth[];
  try {
    engines = await Promise.all(ENGINE_NAMES.map((name) => examine(name, pool)));
  } finally {
    await pool.close();
  }
  const { sqliteVersion } = await import("../../store/index.js");
  const sqlite = sqliteVersion();
  const store = sqlite.ok ? await examineStore(options) : { stats: null, diagnostics: sqlite.error };
  const libraries = Object.assign({}, ...ENGINE_NAMES.map((name) => engineLibraries(name))) as Record<string, string>;
  return {
    versions: {
      pipe: pipeVersion(),
      node: process.version,
      ...(sqlite.ok ? { sqlite: sqlite.value } : {}),
      ...libraries,
    },
    platform: `${process.platform} ${process.arch}`,
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    engines,
    store,
    healthy: engines.some(({ works }) => works) && store.diagnostics.length === 0,
  };
}

async function examine(name: EngineName, pool: WorkerPool): Promise<EngineHealth> {
  const { why, ...info } = inspectEngine(name);
  if (why !== undefined) return { ...info, works: false, why };
  const task = { type: "probe", node: "probe", attempt: 1, engine: name, train: true, storePath: "" } as const;
  const outcome = await pool.run(task, () => {});
  if (outcome.status === "done") return { ...info, works: true };
  return { ...info, works: false, why: whyNot(outcome) };
}

async function examineStore(options: Place): Promise<Health["store"]> {
  const stats = await cacheStats(options);
  return stats.ok ? { stats: stats.value, diagnostics: [] } : { stats: null, diagnostics: stats.error };
}
