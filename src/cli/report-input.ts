import { homedir } from "node:os";
import { isDeepStrictEqual } from "node:util";
import type { Diagnostic } from "../base/diagnostic.js";
import { type Json, own } from "../base/json.js";
import { withoutFolder } from "../base/paths.js";
import { onlyMeasures, type PortRef } from "../base/ports.js";
import { contextOf, type RunContext, type VariantContext } from "../exec/record.js";
import { reportRevision } from "../exec/revisions.js";
import type { ReportRecipe } from "../plan/report.js";
import type { ReportInput, ReportProvenance, ReportStage, ReportVariant } from "../report/types.js";
import { readResolved } from "../spec/resolved.js";
import type { RunRecord, StageRecord, VariantRecord } from "../store/types.js";

export interface ReportOptions {
  readonly cwd: string;
  /** With measured times, which no two runs share. */
  readonly timings?: boolean;
}

/**
 * What the report of these runs is made from. Nothing in it tells one run from another that made the same results: no
 * id, no clock, no path outside the project, nothing about what came from the cache. So a run that changed nothing
 * finds its report in the store.
 */
export function reportInput(records: readonly RunRecord[], options: ReportOptions): ReportInput {
  const contexts = records.map(contextOf);
  const origins = contexts.map(({ provenance }) => provenanceOf(provenance, options.cwd));
  const [origin] = origins as [ReportProvenance];
  const variants = records.flatMap((record, i) => {
    const own = origins[i] as ReportProvenance;
    const other = isDeepStrictEqual(own, origin) ? {} : { provenance: own };
    return record.variants.map((variant) => ({
      ...reportVariant(record, variant, nameOf(record, variant, records), options),
      ...other,
    }));
  });
  return {
    experiment: {
      name: distinct(records.map(({ experiment }) => experiment)).join(", "),
      question: distinct(contexts.map(({ question }) => question)).join(" "),
      description: distinct(contexts.map(({ description }) => description)).join(" "),
      baseline: baselineOf(records, (contexts[0] as RunContext).baseline),
    },
    variants,
    provenance: origin,
  };
}

function provenanceOf({ engine, ...rest }: RunContext["provenance"], cwd: string): ReportProvenance {
  const note = engine.note === undefined ? {} : { note: withoutPaths(engine.note, cwd) };
  return { ...rest, engine: { name: engine.name, version: engine.version, ...note } };
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)].filter((text) => text !== "");
}

/** The report as a task with a fingerprint. */
export function reportRecipe(records: readonly RunRecord[], options: ReportOptions): ReportRecipe {
  // An interface has no index signature, so the compiler cannot see that this is plain JSON.
  return { input: reportInput(records, options) as unknown as Json, revision: reportRevision() };
}

function reportVariant(record: RunRecord, variant: VariantRecord, name: string, options: ReportOptions): ReportVariant {
  const context = contextOf(record).variants[variant.name];
  if (context === undefined) throw new Error(`the record of ${record.run} says nothing of ${variant.name}`);
  const partial = partialOf(variant, context);
  const knownOf = knownStages(context);
  return {
    name,
    description: context.description,
    // A run without an end was killed: for the report, that is an interruption.
    status: variant.status === "done" || variant.status === "failed" ? variant.status : "interrupted",
    seed: context.seed,
    params: variant.params,
    resolvedYaml: context.resolvedYaml,
    stages: variant.stages.map((stage, i) => ({
      ...reportStage(stage, options),
      ...knownOf(stage),
      inputs: stage.inputs ?? lastOutputs(variant.stages.slice(0, i)),
      ...(partial?.stage === stage.name && { partialHistory: partial.epochs }),
    })),
  };
}

type Known = Pick<ReportStage, "measures" | "settings" | "partialHistory">;

/** What is known of a stage besides its outcome; early versions recorded the pipeline's text alone. */
function knownStages({ stages, resolvedYaml }: VariantContext): (stage: StageRecord) => Known {
  const written = stages === undefined ? readResolved(resolvedYaml).stages : undefined;
  return ({ name, outputs }) =>
    (stages && own(stages, name)) ?? {
      measures: onlyMeasures(outputs.map(({ kind }) => kind)),
      settings: (written && own(written, name)) ?? {},
    };
}

/**
 * A training of which only some epochs were seen, in records of earlier versions. The first do not say which, and have it only of
 * one without another.
 */
function partialOf({ stages }: VariantRecord, context: RunContext["variants"][string]) {
  const { partialHistory: epochs, partialStage } = context;
  if (epochs === undefined) return undefined;
  if (partialStage !== undefined) return { stage: partialStage, epochs };
  if (stages.some(({ outputs }) => outputs.some(({ kind }) => kind === "history"))) return undefined;
  const unfinished = stages.find(({ status }) => status !== "cached" && status !== "ran" && status !== "resumed");
  return unfinished && { stage: unfinished.name, epochs };
}

/** What a stage of an early record took, which only the order of the stages tells: the last output of each type above it. */
function lastOutputs(above: readonly StageRecord[]): Readonly<Record<string, PortRef>> {
  return Object.fromEntries(
    above.flatMap(({ name: stage, outputs }) => outputs.map(({ name: port, kind }) => [kind, { stage, port }])),
  );
}

function reportStage(stage: StageRecord, { cwd, timings }: ReportOptions): Omit<ReportStage, "inputs" | keyof Known> {
  const { name, kind, fingerprint, durationMs } = stage;
  const made = stage.status === "cached" || stage.status === "ran" || stage.status === "resumed";
  const { status } = stage;
  const failed = status === "failed";
  return {
    name,
    kind,
    status: made ? "done" : status === "failed" || status === "interrupted" ? status : "skipped",
    fingerprint,
    // Warnings of a stage that succeeded are said when it runs; from the cache it would be silent.
    diagnostics: failed ? stage.diagnostics.map((diagnostic) => cleaned(diagnostic, cwd)) : [],
    outputs: stage.outputs.map((output) => ({ name: output.name, kind: output.kind, digest: output.digest })),
    ...(timings === true ? { timing: { status: stage.status, durationMs } } : {}),
  };
}

/** A variant that several runs have is named with its run. */
function nameOf(record: RunRecord, variant: VariantRecord, records: readonly RunRecord[]): string {
  const owners = records.filter(({ variants }) => variants.some(({ name }) => name === variant.name));
  return owners.length > 1 ? `${variant.name} (${record.run})` : variant.name;
}

function baselineOf(records: readonly RunRecord[], baseline: string): string {
  const [first] = records as readonly [RunRecord, ...RunRecord[]];
  const variant = first.variants.find(({ name }) => name === baseline);
  return variant === undefined ? baseline : nameOf(first, variant, records);
}

function cleaned(diagnostic: Diagnostic, cwd: string): Diagnostic {
  const { at, received, related, ...rest } = diagnostic;
  const message = withoutPaths(diagnostic.message, cwd);
  const place = at === undefined ? {} : { at: { ...at, file: withoutPaths(at.file, cwd) } };
  return { ...rest, message, ...place, ...(received === undefined ? {} : { received: withoutPaths(received, cwd) }) };
}

/** A report is sent to others: it must not show the user's folders. */
function withoutPaths(text: string, cwd: string): string {
  const inProject = withoutFolder(text, cwd, { itself: ".", below: "" });
  return withoutFolder(inProject, homedir(), { itself: "~", below: "~/" });
}
