import type { Diagnostic } from "../base/diagnostic.js";
import type { EngineName } from "../base/engines.js";
import { ok, type Result } from "../base/result.js";
import { type Engine, loadEngine } from "../engine/index.js";
import { otherEngine } from "./messages.js";

/** Fastest first, where the engine of the run is not to be had: any of them can ask a model. */
const OTHERS: readonly EngineName[] = ["onnx", "wasm", "cpu"];

/**
 * The engine that computed a run, or else another one, with a warning: a run may have been copied from a machine that had more.
 * @param load starts an engine; ours unless a test brings another.
 */
export async function engineLike(
  wanted: EngineName,
  warn: (warning: Diagnostic) => void,
  load: typeof loadEngine = loadEngine,
): Promise<Result<Engine, Diagnostic[]>> {
  const loaded = await load(wanted);
  if (loaded.ok) return loaded;
  for (const name of OTHERS.filter((other) => other !== wanted)) {
    const other = await load(name);
    if (!other.ok) continue;
    warn(otherEngine(wanted, name, loaded.error));
    return ok(other.value);
  }
  return loaded;
}
