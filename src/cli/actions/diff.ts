import { type Json, type JsonObject, own } from "../../base/json.js";
import { ok } from "../../base/result.js";
import type { RunRecord } from "../../store/types.js";
import type { Place } from "../paths.js";
import { metricKeys } from "../results.js";
import { withRuns } from "./runs.js";
import type { Diagnosed } from "./store.js";
import { summarizeRun, type VariantSummary } from "./summary.js";

/** What differs between two runs, variant by variant. */
export interface RunDiff {
  readonly a: string;
  readonly b: string;
  readonly variants: readonly VariantDiff[];
}

export interface VariantDiff {
  readonly name: string;
  /** `both`, or the run that alone has it. */
  readonly in: "both" | "a" | "b";
  /** Only the params that differ; a side without the param has `null`. */
  readonly params: readonly { readonly name: string; readonly a: Json; readonly b: Json }[];
  /** Every metric that either has; a side without it has `null`. `delta` is b − a. */
  readonly metrics: readonly {
    readonly split: string;
    readonly name: string;
    readonly a: number | null;
    readonly b: number | null;
    readonly delta: number | null;
  }[];
}

/** Compares params and metrics of two runs. Variants are matched by name. */
export async function diff(a: string, b: string, options: Place = {}): Promise<Diagnosed<RunDiff>> {
  return withRuns([a, b], options, (records, store) => {
    const [left, right] = records.map((record) => summarizeRun(record, store, options));
    const [first, second] = records as readonly [RunRecord, RunRecord];
    const before = new Map(left?.variants.map((variant) => [variant.name, variant]));
    const after = new Map(right?.variants.map((variant) => [variant.name, variant]));
    const names = [...new Set([...before.keys(), ...after.keys()])];
    return ok({
      a: first.run,
      b: second.run,
      variants: names.map((name) => diffVariant(name, before.get(name), after.get(name))),
    });
  });
}

function diffVariant(name: string, a: VariantSummary | undefined, b: VariantSummary | undefined): VariantDiff {
  const before: JsonObject = a?.params ?? {};
  const after: JsonObject = b?.params ?? {};
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const both = [a, b].filter((variant) => variant !== undefined);
  return {
    name,
    in: a === undefined ? "b" : b === undefined ? "a" : "both",
    params: keys
      .map((key) => ({ name: key, a: own(before, key) ?? null, b: own(after, key) ?? null }))
      .filter((param) => JSON.stringify(param.a) !== JSON.stringify(param.b)),
    metrics: metricKeys(both).map(({ split, name: metric }) => {
      const left = a?.metrics[split]?.[metric] ?? null;
      const right = b?.metrics[split]?.[metric] ?? null;
      const delta = left === null || right === null ? null : right - left;
      return { split, name: metric, a: left, b: right, delta };
    }),
  };
}
