import type { Diagnostic } from "../base/diagnostic.js";
import type { Digest } from "../base/digest.js";
import type { EpochMetrics, OutputRecord, StageStatus } from "../base/event.js";

/** How one node of the graph ended. */
export interface NodeOutcome extends Omit<NodeStanding, "status"> {
  readonly status: StageStatus;
}

/** How one node of the graph ended, or how far it is. */
export interface NodeStanding {
  readonly status: StageStatus | "running";
  readonly fingerprint: Digest | null;
  readonly durationMs: number;
  /** The most memory that the process which ran it held; absent where none ran it to its end. */
  readonly peakBytes?: number;
  readonly reason: string;
  readonly outputs: readonly OutputRecord[];
  readonly diagnostics: readonly Diagnostic[];
  /** Metrics of the epochs that were seen; all there is of a training that failed. */
  readonly epochs: readonly EpochMetrics[];
}

/** The reason of what was stopped, or never started, because the user wanted an end. */
export const INTERRUPTED = "interrupted";

/** Of a node that never began. */
export function skipped(reason: string): NodeOutcome {
  return {
    status: "skipped",
    fingerprint: null,
    durationMs: 0,
    reason,
    outputs: [],
    diagnostics: [],
    epochs: [],
  };
}

export function succeeded(outcome: NodeOutcome): boolean {
  return outcome.status === "cached" || outcome.status === "ran" || outcome.status === "resumed";
}
