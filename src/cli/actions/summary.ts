import { join } from "node:path";
import { type ArtifactStore, fetchArtifact } from "../../artifact/io.js";
import type { ArtifactTypes, History } from "../../artifact/types.js";
import { DamagedEntry } from "../../base/damaged.js";
import type { Diagnostic } from "../../base/diagnostic.js";
import type { OutputRecord } from "../../base/event.js";
import { type JsonObject, own } from "../../base/json.js";
import { NewerEntry } from "../../base/newer-entry.js";
import { artifactGone } from "../../exec/messages.js";
import { contextOf } from "../../exec/record.js";
import type { EngineChoice } from "../../plan/types.js";
import { newerEntry } from "../../store/messages.js";
import type { RunRecord, StageRecord, VariantRecord } from "../../store/types.js";
import { cwdOf, type Place, runsDirOf, shownPath } from "../paths.js";

/** What `pipe list --json` and `pipe show RUN --json` both say of a run. May grow, never shrink. */
export interface RunIdentity {
  readonly run: string;
  /** The experiment's name, under the name that the command line has for it. */
  readonly comparison: string;
  readonly status: RunRecord["status"];
  /** Its process was killed before it could say how the run ended: the rest is as it last was. */
  readonly lost?: true;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly durationMs: number;
}

/** One run, as `pipe show RUN --json` prints it. */
export interface RunSummary extends RunIdentity {
  /** Relative to the working directory where it lies below; null without a report. */
  readonly report: string | null;
  /** Who computed, and why not a faster one where there is a reason. */
  readonly engine: EngineChoice;
  readonly variants: readonly VariantSummary[];
}

export interface VariantSummary {
  readonly name: string;
  readonly status: VariantRecord["status"];
  /** Of the pipeline: what random numbers follow from. */
  readonly seed: number;
  readonly params: JsonObject;
  /** Split → metric → value, as measured last; empty before `evaluate` and after a failure. */
  readonly metrics: MetricValues;
  /** How its last training went; null before there is one. */
  readonly training: TrainingSummary | null;
  readonly stages: readonly StageSummary[];
  /** Why metrics that were measured cannot be shown. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Split → metric → value. */
export type MetricValues = { readonly [split: string]: { readonly [metric: string]: number } | undefined };

export interface StageSummary extends StageRecord {
  /** What it measured; absent where it measures nothing, or its numbers cannot be read. */
  readonly metrics?: MetricValues;
  /** How its training went; absent where it trains nothing. */
  readonly training?: TrainingSummary;
}

/** How a training went, of which the numbers of every epoch are in the artifact `history`. */
export interface TrainingSummary {
  /** How many were trained. */
  readonly epochs: number;
  /** How many there were to be, and the epoch whose weights were kept; null in what early versions stored. */
  readonly planned: number | null;
  readonly kept: number | null;
  /** With the lowest loss on the validation split. */
  readonly bestEpoch: number;
  /** What early stopping went by; absent without it. */
  readonly chosenBy?: { readonly split: string; readonly metric: string };
  /** Why it ended before the last epoch; absent where it did not. */
  readonly stopped?: string;
  /** At the end of each epoch. */
  readonly learningRate: readonly number[];
}

export function identityOf({ run, experiment, status, lost, startedAt, durationMs }: RunRecord): RunIdentity {
  return { run, comparison: experiment, status, ...(lost === undefined ? {} : { lost }), startedAt, durationMs };
}

export function summarizeRun(record: RunRecord, store: ArtifactStore, place: Place): RunSummary {
  const { report } = record;
  return {
    ...identityOf(record),
    report: report === null ? null : shownPath(join(runsDirOf(place), report), cwdOf(place)),
    engine: contextOf(record).provenance.engine,
    variants: record.variants.map(({ name, status, params, stages }) => {
      const read = stages.map((stage) => summarizeStage(stage, store));
      const summaries = read.map(({ summary }) => summary);
      return {
        name,
        status,
        seed: own(contextOf(record).variants, name)?.seed ?? 0,
        params,
        metrics: summaries.findLast(({ outputs }) => has(outputs, "metrics"))?.metrics ?? {},
        training: summaries.findLast(({ outputs }) => has(outputs, "history"))?.training ?? null,
        stages: summaries,
        diagnostics: read.flatMap(({ diagnostics }) => diagnostics),
      };
    }),
  };
}

function has(outputs: readonly OutputRecord[], kind: string): boolean {
  return outputs.some((output) => output.kind === kind);
}

function summarizeStage(stage: StageRecord, store: ArtifactStore) {
  const metrics = stored(stage, "metrics", store);
  const history = stored(stage, "history", store);
  const summary: StageSummary = {
    ...stage,
    ...(metrics.value && { metrics: metrics.value.splits }),
    ...(history.value && { training: trainingOf(history.value) }),
  };
  return { summary, diagnostics: [...metrics.diagnostics, ...history.diagnostics] };
}

/** Swept by `pipe cache gc`, damaged, or of a newer version: the rest of the run is shown all the same. */
function stored<K extends "metrics" | "history">(
  { outputs }: StageRecord,
  kind: K,
  store: ArtifactStore,
): { readonly value: ArtifactTypes[K] | null; readonly diagnostics: readonly Diagnostic[] } {
  const output = outputs.find((each) => each.kind === kind);
  if (output === undefined) return { value: null, diagnostics: [] };
  try {
    return { value: fetchArtifact(store, kind, output.digest), diagnostics: [] };
  } catch (error) {
    const why =
      error instanceof DamagedEntry
        ? artifactGone(error.digest)
        : error instanceof NewerEntry
          ? newerEntry(error)
          : null;
    if (why === null) throw error;
    return { value: null, diagnostics: [{ ...why, severity: "warning" }] };
  }
}

function trainingOf({ epochs, planned, kept, bestEpoch, chosenBy, stopped, learningRate }: History): TrainingSummary {
  const chosen = chosenBy === undefined ? {} : { chosenBy: { split: chosenBy.split, metric: chosenBy.metric } };
  return {
    epochs,
    planned: planned ?? null,
    kept: kept ?? null,
    bestEpoch,
    ...chosen,
    ...(stopped === undefined ? {} : { stopped }),
    learningRate,
  };
}
