import type { Diagnostic } from "../base/diagnostic.js";
import type { Digest } from "../base/digest.js";
import type { EpochMetrics } from "../base/event.js";
import type { JsonObject } from "../base/json.js";
import type { PortRef } from "../base/ports.js";

/**
 * All that a report is made from: plain JSON, artifacts by digest. Its hash is the report's fingerprint, so it
 * holds no run id, no clock and no "cached or ran": the same results give the same bytes. `timings` is there
 * only when measured times are wanted, which no two runs share.
 */
export interface ReportInput {
  readonly experiment: {
    readonly name: string;
    readonly question: string;
    readonly description: string;
    readonly baseline: string;
  };
  readonly variants: readonly ReportVariant[];
  readonly provenance: ReportProvenance;
}

export interface ReportVariant {
  readonly name: string;
  readonly description: string;
  readonly status: "done" | "failed" | "interrupted";
  readonly seed: number;
  readonly params: JsonObject;
  readonly resolvedYaml: string;
  readonly stages: readonly ReportStage[];
  /** Of a variant whose run came about in another way than the report's first. */
  readonly provenance?: ReportProvenance;
}

export interface ReportStage {
  readonly name: string;
  readonly kind: string;
  /** It only measures or shows what other stages made: its parameters change no result. */
  readonly measures: boolean;
  /** As it was written: by these the variants are distinguished. */
  readonly settings: JsonObject;
  readonly status: "done" | "failed" | "interrupted" | "skipped";
  readonly fingerprint: Digest | null;
  readonly diagnostics: readonly Diagnostic[];
  /** Input port → the output that it takes. */
  readonly inputs: Readonly<Record<string, PortRef>>;
  /** By port: what it made, nothing where it did not come to its end. */
  readonly outputs: readonly { readonly name: string; readonly kind: string; readonly digest: Digest }[];
  /** Epochs of a training that did not come to its end. */
  readonly partialHistory?: readonly EpochMetrics[];
  /** Measured; only with `--timings`. */
  readonly timing?: { readonly status: string; readonly durationMs: number };
}

export interface ReportProvenance {
  /** Program → version: pipe, node, the engine and its libraries. */
  readonly versions: Readonly<Record<string, string>>;
  readonly engine: { readonly name: string; readonly version: string; readonly note?: string };
  /** Null outside a git checkout. */
  readonly git: { readonly commit: string; readonly dirty: boolean } | null;
  /** As typed, without paths outside the project. */
  readonly command: string;
}
