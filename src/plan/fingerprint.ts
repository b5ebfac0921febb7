import { type Digest, digestJson } from "../base/digest.js";
import { type Json, type JsonObject, replacedAt } from "../base/json.js";
import type { Stage } from "../spec/types.js";
import type { EngineChoice } from "./types.js";

/** What the planner must know of a stage kind, without its code. */
export interface StageFacts {
  /** Raised when the stage's output changes for the same input. */
  readonly version: number;
  readonly inputs: readonly string[];
  readonly optional: readonly string[];
  readonly outputs: readonly string[];
  /** Its output depends on the seed. */
  readonly seeded: boolean;
  /** The bits of its output depend on who computes. */
  readonly engine: boolean;
}
/** The catalog, as far as planning asks it. */
export interface StageCatalog {
  get(family: "stages", name: string): { readonly about: StageFacts } | undefined;
}

/**
 * Everything that a stage's output depends on, and nothing else: the cache key is the hash of this as canonical JSON.
 * No time, no absolute path, no host, no name of the pipeline or the stage, so that equal work has one key wherever
 * and under whatever name it is done.
 */
export type StageParts = {
  readonly kind: string;
  /** Of the stage's implementation. */
  readonly version: number;
  /** Resolved, defaults filled in; in place of a path stands `{ file: <digest of its content> }`. */
  readonly params: JsonObject;
  /** Artifact kind → digest. An upstream rerun that makes the same bytes changes nothing here. */
  readonly inputs: Readonly<Record<string, Digest>>;
  /** Only of kinds that draw random numbers. */
  readonly seed?: number;
  /** Only of kinds whose bits depend on it. */
  readonly engine?: { readonly name: string; readonly version: string };
};

/** What a file held when the run was planned. */
export type FileDigest = (path: string) => Digest;

export function partsOf(
  { stage, seed }: { readonly stage: Stage; readonly seed: number },
  inputs: Readonly<Record<string, Digest>>,
  catalog: StageCatalog,
  engine: EngineChoice,
  fileDigest: FileDigest,
): StageParts {
  const facts = factsOf(stage.kind, catalog);
  return {
    kind: stage.kind,
    version: facts.version,
    params: paramsByContent(stage, fileDigest),
    inputs,
    ...(facts.seeded ? { seed } : {}),
    ...(facts.engine ? { engine: { name: engine.name, version: engine.version } } : {}),
  };
}

export function fingerprintOf(parts: StageParts): Digest {
  return digestJson(parts);
}

export function factsOf(kind: string, catalog: StageCatalog): StageFacts {
  const known = catalog.get("stages", kind);
  if (known === undefined) throw new Error(`no stage kind ${kind}: the pipeline was not checked`);
  return known.about;
}

/** The parameters with the content of files in place of where they lie. */
export function paramsByContent(stage: Stage, fileDigest: FileDigest): JsonObject {
  return stage.files.reduce<Json>(
    (params, { path, absolute }) => replacedAt(params, path, { file: fileDigest(absolute) }),
    stage.params,
  ) as JsonObject;
}
