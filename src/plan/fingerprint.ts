import { type Digest, digestJson } from "../base/digest.js";
import type { EngineName } from "../base/engines.js";
import { type Json, type JsonObject, replacedAt } from "../base/json.js";
import { ownNamesIn, shownKind } from "../base/own-kind.js";
import type { StageFacts } from "../base/ports.js";
import type { Stage } from "../spec/types.js";
import type { EngineChoice, OwnCode, PlanNode, Revision } from "./types.js";

/** The catalog, as far as planning asks it. */
export interface StageCatalog {
  get(family: "stages", name: string): { readonly about: StageFacts } | undefined;
  /** The code of a kind of the project's own by its parts. */
  codeOf(name: string): JsonObject | undefined;
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
  /** Input port → digest. An upstream rerun that makes the same bytes changes nothing here. */
  readonly inputs: Readonly<Record<string, Digest>>;
  /** The names of kinds hold its digest; this shows which part of it changed. */
  readonly ownCode?: OwnCode;
  /** Only of kinds that draw random numbers. */
  readonly seed?: number;
  /** Only of kinds whose bits depend on it. */
  readonly engine?: { readonly name: string; readonly version: string };
} & Partial<Revision>;

/** What a file held when the run was planned. */
export type FileDigest = (path: string) => Digest;

/** What fingerprints depend on besides the pipeline. */
export interface Surroundings {
  readonly engine: EngineChoice;
  /** Always the same for a file: all stages of a run use one state of it. */
  readonly fileDigest: FileDigest;
  /** Undefined for a kind whose code has nothing but its version. */
  readonly revision: (kind: string, engine: EngineName) => Revision | undefined;
}

export function partsOf(
  { stage, seed, facts, ownCode }: Pick<PlanNode, "stage" | "seed" | "facts" | "ownCode">,
  inputs: Readonly<Record<string, Digest>>,
  { engine, fileDigest, revision }: Surroundings,
): StageParts {
  return {
    kind: stage.kind,
    version: facts.version,
    params: paramsByContent(stage, fileDigest),
    inputs,
    ...(ownCode === undefined ? {} : { ownCode }),
    ...(facts.seeded ? { seed } : {}),
    ...(facts.engine ? { engine: { name: engine.name, version: engine.version } } : {}),
    ...revision(stage.kind, engine.name),
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

/** The code of what the stage and its parameters name of the project's own; undefined where they name nothing. */
export function ownCodeOf({ kind, params }: Stage, catalog: StageCatalog): OwnCode | undefined {
  const names = [...ownNamesIn([kind, params])];
  if (names.length === 0) return undefined;
  return Object.fromEntries(names.map((name) => [shownKind(name), catalog.codeOf(name) ?? {}]));
}

/** The parameters with the content of files in place of where they lie. */
export function paramsByContent(stage: Pick<Stage, "params" | "files">, fileDigest: FileDigest): JsonObject {
  return stage.files.reduce<Json>(
    (params, { path, absolute }) => replacedAt(params, path, { file: fileDigest(absolute) }),
    stage.params,
  ) as JsonObject;
}
