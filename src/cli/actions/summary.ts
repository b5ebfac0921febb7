import { join } from "node:path";
import { fetchArtifact } from "../../artifact/io.js";
import { DamagedEntry } from "../../base/damaged.js";
import type { Diagnostic } from "../../base/diagnostic.js";
import type { OutputRecord } from "../../base/event.js";
import type { JsonObject } from "../../base/json.js";
import { artifactGone } from "../../exec/messages.js";
import { contextOf } from "../../exec/record.js";
import type { EngineChoice } from "../../plan/types.js";
import type { ArtifactStore, RunRecord, StageRecord, VariantRecord } from "../../store/types.js";
import { cwdOf, type Place, runsDirOf, shownPath } from "../paths.js";

/** One run, as `pipe show RUN --json` prints it. May grow, never shrink. */
export interface RunSummary {
  readonly run: string;
  readonly comparison: string;
  readonly status: RunRecord["status"];
  /** Its process was killed before it could say how the run ended: the rest is as it last was. */
  readonly lost?: true;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly durationMs: number;
  /** Relative to the working directory where it lies below; null without a report. */
  readonly report: string | null;
  /** Who computed, and why not a faster one where there is a reason. */
  readonly engine: EngineChoice;
  readonly variants: readonly VariantSummary[];
}

export interface VariantSummary {
  readonly name: string;
  readonly status: VariantRecord["status"];
  readonly params: JsonObject;
  /** Split → metric → value; empty before `evaluate`. */
  readonly metrics: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly stages: readonly StageRecord[];
  /** Why metrics that were measured cannot be shown. */
  readonly diagnostics: readonly Diagnostic[];
}

export function summarizeRun(record: RunRecord, store: ArtifactStore, place: Place): RunSummary {
  const { run, experiment, status, lost, startedAt, durationMs, report } = record;
  return {
    run,
    comparison: experiment,
    status,
    ...(lost === undefined ? {} : { lost }),
    startedAt,
    durationMs,
    report: report === null ? null : shownPath(join(runsDirOf(place), report), cwdOf(place)),
    engine: contextOf(record).provenance.engine,
    variants: record.variants.map(({ name, status, params, stages }) => ({
      name,
      status,
      params,
      ...measured(stages, store),
      stages,
    })),
  };
}

/** Swept by `pipe cache gc`, or damaged: the run is still worth showing. */
function measured(
  stages: readonly StageRecord[],
  store: ArtifactStore,
): Pick<VariantSummary, "metrics" | "diagnostics"> {
  const output = lastOutput(stages, "metrics");
  if (output === undefined) return { metrics: {}, diagnostics: [] };
  try {
    return { metrics: fetchArtifact(store, "metrics", output.digest).splits, diagnostics: [] };
  } catch (error) {
    if (!(error instanceof DamagedEntry)) throw error;
    return { metrics: {}, diagnostics: [{ ...artifactGone(error.digest), severity: "warning" }] };
  }
}

/** The newest artifact of a kind that these stages made. */
export function lastOutput(stages: readonly StageRecord[], kind: string): OutputRecord | undefined {
  return stages.flatMap(({ outputs }) => outputs).findLast((output) => output.kind === kind);
}
