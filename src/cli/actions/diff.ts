import { type Digest, shortDigest } from "../../base/digest.js";
import { type Json, type JsonObject, own } from "../../base/json.js";
import { shownKinds } from "../../base/own-kind.js";
import { ok } from "../../base/result.js";
import { contextOf } from "../../exec/record.js";
import type { EngineChoice } from "../../plan/types.js";
import { type ResolvedPipeline, readResolved } from "../../spec/resolved.js";
import type { FingerprintParts, RunRecord, StageRecord, Store } from "../../store/types.js";
import type { Place } from "../paths.js";
import { metricKeys } from "../results.js";
import { withRuns } from "./runs.js";
import { compareSettings, type SettingDiff } from "./settings.js";
import type { Diagnosed } from "./store.js";
import { type MetricValues, summarizeRun, type VariantSummary } from "./summary.js";

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
  /**
   * What differs in the resolved pipelines besides params: seed, stages with their parameters and defaults, the content of
   * data files, who computed. Of variants that both runs have.
   */
  readonly settings: readonly SettingDiff[];
  /** Only the params that differ; a side without the param has `null`. */
  readonly params: readonly { readonly name: string; readonly a: Json; readonly b: Json }[];
  /** Every metric that either has; a side without it has `null`. `delta` is b − a. */
  readonly metrics: readonly {
    /** Which stage measured it, where a run has several that did. */
    readonly stage?: string;
    readonly split: string;
    readonly name: string;
    readonly a: number | null;
    readonly b: number | null;
    readonly delta: number | null;
  }[];
}

/** Compares settings, params and metrics of two runs. Variants are matched by name. */
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
      variants: names.map((name) => ({
        ...diffVariant(name, before.get(name), after.get(name)),
        settings: before.has(name) && after.has(name) ? diffSettings(first, second, name, store) : [],
      })),
    });
  });
}

function diffVariant(
  name: string,
  a: VariantSummary | undefined,
  b: VariantSummary | undefined,
): Omit<VariantDiff, "settings"> {
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
    metrics: both.some((variant) => measuring(variant).length > 1)
      ? [...new Set(both.flatMap(measuring))].flatMap((stage) =>
          diffMetrics(measuredBy(a, stage), measuredBy(b, stage)).map((each) => ({ stage, ...each })),
        )
      : diffMetrics(a?.metrics, b?.metrics),
  };
}

/** Names of the stages that measured. */
function measuring({ stages }: VariantSummary): readonly string[] {
  return stages.flatMap(({ name, metrics }) => (metrics === undefined ? [] : [name]));
}

function measuredBy(variant: VariantSummary | undefined, stage: string): MetricValues | undefined {
  return variant?.stages.find(({ name }) => name === stage)?.metrics;
}

function diffMetrics(a: MetricValues = {}, b: MetricValues = {}): VariantDiff["metrics"] {
  return metricKeys([{ metrics: a }, { metrics: b }]).map(({ split, name }) => {
    const left = a[split]?.[name] ?? null;
    const right = b[split]?.[name] ?? null;
    const delta = left === null || right === null ? null : right - left;
    return { split, name, a: left, b: right, delta };
  });
}

/** Params are compared apart from this, by name. */
function diffSettings(a: RunRecord, b: RunRecord, name: string, store: Store): readonly SettingDiff[] {
  const [before, after] = [a, b].map((record) => ({
    resolved: readResolved(own(contextOf(record).variants, name)?.resolvedYaml ?? "{}"),
    stages: record.variants.find((variant) => variant.name === name)?.stages ?? [],
    engine: contextOf(record).provenance.engine,
    versions: contextOf(record).provenance.versions,
  })) as [Side, Side];
  const [first, second] = [before, after].map(({ resolved }) => Object.keys(resolved.stages ?? {})) as [
    string[],
    string[],
  ];
  const names = [...new Set([...first, ...second])];
  const stages = names.flatMap((stage) => diffStage(before, after, stage, store));
  const engine = ({ engine: { name: who, version } }: Side): Json => `${who} ${version}`;
  return [
    ...compareSettings(before.resolved.seed, after.resolved.seed, "seed"),
    ...compareSettings(inOrder(first, second), inOrder(second, first), "stages"),
    ...stages,
    ...compareSettings(engine(before), engine(after), "engine"),
    ...compareSettings(before.versions, after.versions, "versions"),
  ];
}

/** The stages that the other one has too, in the order in which they follow one another. */
function inOrder(stages: readonly string[], others: readonly string[]): Json {
  return stages.filter((stage) => others.includes(stage)).join(", ");
}

interface Side {
  readonly resolved: ResolvedPipeline;
  readonly stages: readonly StageRecord[];
  readonly engine: EngineChoice;
  readonly versions: Readonly<Record<string, string>>;
}

/**
 * A stage as it was written, or better, where the cache still knows it: complete with defaults, and with digests of files
 * in place of their names.
 */
function diffStage(a: Side, b: Side, name: string, store: Store): readonly SettingDiff[] {
  const place = `stages.${name}`;
  const written = [a, b].map(({ resolved }) => own(resolved.stages, name));
  const records = [a, b].map(({ stages }) => stages.find((stage) => stage.name === name));
  const parts = records.map((record) => (record?.fingerprint ? store.partsOf(record.fingerprint) : undefined));
  if (parts.some((known) => known === undefined)) {
    const data = records.map((record) => record?.outputs.find(({ kind }) => kind === "dataset")?.digest);
    const changed = records[0]?.kind === "load" && data.every((digest) => digest !== undefined);
    return [
      ...compareSettings(written[0], written[1], place),
      ...(changed ? compareSettings({ file: data[0] as string }, { file: data[1] as string }, `${place}.data`) : []),
    ];
  }
  const [before, after] = parts as [FingerprintParts, FingerprintParts];
  // What `needs` and `inputs` say is in no fingerprint.
  const needs = (["needs", "inputs"] as const).flatMap((key) =>
    compareSettings(written[0]?.[key], written[1]?.[key], `${place}.${key}`),
  );
  const uses = compareSettings(shownKinds(before.kind ?? null), shownKinds(after.kind ?? null), `${place}.uses`);
  const code = compareSettings(before.version, after.version, `${place}.code`);
  const params = [before, after].map((side) => shownKinds(side.params ?? null));
  return [
    ...uses,
    ...code,
    ...compareOwnCode(before.ownCode, after.ownCode, place),
    ...needs,
    ...compareSettings(params[0], params[1], place),
  ];
}

/** Files and packages of the project's own code that both sides used, where they differ. */
function compareOwnCode(a: Json | undefined, b: Json | undefined, place: string): readonly SettingDiff[] {
  const parts = (of: Json | undefined, kind: string): JsonObject =>
    own(of as JsonObject | undefined, kind) as JsonObject;
  const kinds = Object.keys(a ?? {}).filter((kind) => parts(b, kind) !== undefined);
  return kinds.flatMap((kind) => {
    const [before, after] = [shortParts(parts(a, kind)), shortParts(parts(b, kind))];
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((part) =>
      compareSettings(own(before, part), own(after, part), `${place}.code of ${kind}: ${part}`),
    );
  });
}

function shortParts(parts: JsonObject): JsonObject {
  const short = (text: string): string => (/^[0-9a-f]{64}$/.test(text) ? shortDigest(text as Digest) : text);
  return Object.fromEntries(Object.entries(parts).map(([name, text]) => [name, short(String(text))]));
}
