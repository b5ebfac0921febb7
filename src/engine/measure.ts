import { setImmediate } from "node:timers/promises";
import { sizeOf } from "../artifact/tensor.js";
import type { Model } from "../artifact/types.js";
import type { Diagnostic } from "../base/diagnostic.js";
import { ok, type Result } from "../base/result.js";
import type { CompiledFunction } from "./engine.js";
import type { DrawSource, Feed } from "./feed.js";

/** Most items a call. */
const MOST_ITEMS = 500;
/** Fewest, however large they are: a call has costs of its own. */
const FEWEST_ITEMS = 8;
/** What a layer makes of the items of a call should stay in a processor's cache: a convolution is twice as fast then. */
const BYTES_PER_LAYER = 4 * 2 ** 20;

/** Items a call. Part of the bits, so the same for every engine. */
export function measureBatch({ inputs, nodes }: Model): number {
  const largest = Math.max(...[...inputs, ...nodes].map(({ shape }) => sizeOf(shape)));
  const fitting = Math.floor(BYTES_PER_LAYER / (4 * largest));
  return Math.max(FEWEST_ITEMS, Math.min(MOST_ITEMS, fitting));
}

/** Output name → values of all items. */
export type Outputs = Readonly<Record<string, Float32Array>>;

/** Receives computed values of some items, which follow those of the call before. */
export type Sink = (values: Float32Array, items: number) => void;

/**
 * Runs a compiled function over all items of a feed, as many at a time as the feed was made for.
 * @param sinks take the outputs of their names, which may be too large to be held.
 * @returns the name of any other output → values of all items, in the order of the split.
 */
export async function runOverSplit(
  compiled: CompiledFunction,
  feed: Feed,
  source: DrawSource,
  progress: (done: number) => void = () => {},
  sinks: ReadonlyMap<string, Sink> = new Map(),
): Promise<Result<Outputs, Diagnostic[]>> {
  const outputs = new Map<string, Float32Array>();
  for (let from = 0; from < feed.items; from += feed.capacity) {
    const count = Math.min(feed.capacity, feed.items - from);
    const result = await compiled.run(count, feed.fill(null, from, count, source));
    if (!result.ok) return result;
    for (const [name, values] of Object.entries(result.value)) {
      const sink = sinks.get(name);
      if (sink !== undefined) {
        sink(values, count);
        continue;
      }
      const size = values.length / count;
      const whole = outputs.get(name) ?? new Float32Array(feed.items * size);
      whole.set(values, from * size);
      outputs.set(name, whole);
    }
    progress(from + count);
    // Lets progress messages be sent.
    await setImmediate();
  }
  return ok(Object.fromEntries(outputs));
}

/** Mean of each output over its items, summed in double precision. */
export function means(outputs: Outputs): Record<string, number> {
  return Object.fromEntries(Object.entries(outputs).map(([name, values]) => [name, mean(values)]));
}

function mean(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
