import type { ArtifactStore } from "../artifact/io.js";
import type { Diagnostic } from "../base/diagnostic.js";
import type { Digest } from "../base/digest.js";
import type { OutputRecord, RunStatus, StageStatus } from "../base/event.js";
import type { DigestOptions } from "../base/file-content.js";
import type { Json, JsonObject } from "../base/json.js";
import type { PortRef } from "../base/ports.js";

/** Bytes and manifests by digest: all that a worker needs of the store. Every read is verified, every put is safe from several processes at a time. */
export interface OpenArtifactStore extends ArtifactStore {
  close(): void;
}

/** The named parts that a fingerprint is the hash of: the record from which reruns are explained. */
export type FingerprintParts = JsonObject;

/** A finished stage: visible as a whole or not at all. */
export interface StageResult {
  readonly fingerprint: Digest;
  readonly kind: string;
  readonly parts: FingerprintParts;
  readonly outputs: readonly OutputRecord[];
  /** How long the stage took when it really ran. */
  readonly durationMs: number;
}

/** The pipeline and the stage in it: by these "the last time" is looked up. */
export interface StageLabel {
  readonly pipeline: string;
  readonly stage: string;
}

export interface RunRecord {
  readonly run: string;
  readonly experiment: string;
  readonly status: RunStatus | "running";
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly durationMs: number;
  /** Relative to the runs directory; null before it is written. */
  readonly report: string | null;
  readonly variants: readonly VariantRecord[];
  /** What `pipe report` needs to render again: the experiment's question, baseline, resolved YAML, provenance. */
  readonly context: Json;
  /** Whose run it is, as long as it is running. */
  readonly owner?: RunOwner;
  /** When the running process last updated the record; ISO 8601, UTC. */
  readonly seenAt?: string;
  /** Its process was killed, or died, before it could record how the run ended. */
  readonly lost?: true;
}

/** A process, identified so that it can be checked whether it still runs. */
export interface RunOwner {
  readonly pid: number;
  /** When it began, as its system writes it; null where that is not known. */
  readonly started: string | null;
  /** Equal for processes that share their numbers: a hash. */
  readonly machine: string;
}

export interface VariantRecord {
  readonly name: string;
  readonly status: StageStatus | RunStatus | "running";
  readonly params: JsonObject;
  readonly stages: readonly StageRecord[];
}

export interface StageRecord {
  readonly name: string;
  readonly kind: string;
  /** Input port → the output that it takes; absent in records of the first versions. */
  readonly inputs?: Readonly<Record<string, PortRef>>;
  readonly status: StageStatus | "running" | "pending";
  readonly fingerprint: Digest | null;
  readonly durationMs: number;
  /** The most memory that the process which ran it held, in bytes; absent where it did not run to its end. */
  readonly peakBytes?: number;
  readonly reason: string;
  readonly outputs: readonly OutputRecord[];
  readonly diagnostics: readonly Diagnostic[];
}

/** What the coordinating process needs besides: results by fingerprint, and the record of runs. */
export interface Store extends OpenArtifactStore {
  readonly path: string;
  /** The result, if it is stored and all its blobs are present; undefined otherwise. */
  lookup(fingerprint: Digest): StageResult | undefined;
  /** One transaction: result, outputs, history rows, label. The blobs and manifests must be there already. */
  commit(result: StageResult, labels: readonly StageLabel[]): void;
  /** Notes that `labels` used this result now, so that the next "why" compares with it. */
  touch(fingerprint: Digest, labels: readonly StageLabel[]): void;
  /** The parts of the last result that this stage of this pipeline had: what a rerun is explained against. */
  lastParts(label: StageLabel): FingerprintParts | undefined;
  /** What this fingerprint is the hash of, if any stage that ran had it and it was not collected. */
  partsOf(fingerprint: Digest): FingerprintParts | undefined;
  /** Forgets a result, as when its bytes are damaged. */
  drop(fingerprint: Digest): void;
  /** Forgets every result that uses this damaged blob or manifest, and the entry itself; returns their fingerprints. */
  dropDamaged(digest: Digest): readonly Digest[];

  /** SHA-256 of a file's content, remembered by path, device, inode, size and times of change. Rejects as the system does. */
  fileDigest(path: string, options?: DigestOptions): Promise<Digest>;
  /** Forgets what is remembered of a file, as when it turned out to be another than its times say. */
  forgetFile(path: string): void;

  saveRun(run: RunRecord): void;
  /** Newest first. */
  listRuns(limit?: number): readonly RunRecord[];
  /** By id, unique prefix, or `latest`. */
  findRun(ref: string): { readonly run: RunRecord } | { readonly candidates: readonly string[] };

  stats(): StoreStats;
  /** Drops what rows that were deleted by hand left behind, then hashes everything; returns what is damaged. */
  verify(onProgress?: (done: number, total: number) => void): readonly { digest: Digest; why: string }[];
  /** Deletes bytes and manifests that no result and no run record needs, and gives their space back. */
  collectGarbage(options?: GarbageOptions): Swept;
}

export interface GarbageOptions {
  /** Forget the results that none of the newest so many runs used; without it every result and run is kept. */
  readonly keepRuns?: number;
  /** What was put or used within this time stays, because its run may be going on. Default: one hour. */
  readonly graceMs?: number;
}

/** What was deleted, and what was kept although it is unused. */
export interface Swept {
  /** Byte strings that were deleted, and how long they were together. */
  readonly blobs: number;
  readonly bytes: number;
  /** Stage results that were forgotten. */
  readonly results: number;
  readonly kept: {
    /** Stage results that are left, of whatever run. */
    readonly results: number;
    /** Those among them that no kept run uses, and byte strings that no result does, spared because they are young. */
    readonly young: { readonly results: number; readonly blobs: number; readonly bytes: number };
  };
}

export interface StoreStats {
  readonly path: string;
  readonly fileBytes: number;
  readonly blobs: number;
  readonly blobBytes: number;
  readonly results: number;
  readonly runs: number;
  readonly schemaVersion: number;
}
