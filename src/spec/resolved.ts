import { parse } from "yaml";
import type { Json, JsonObject } from "../base/json.js";
import { type FileName, withNames } from "./file-names.js";
import type { ParsedStage } from "./flow.js";
import { type Data, portableYaml } from "./portable-yaml.js";
import { type MapTree, toJson } from "./tree.js";

/** What `resolvedYaml` wrote. */
export interface ResolvedPipeline {
  readonly name: string;
  readonly seed: number;
  readonly params?: JsonObject;
  readonly stages: Readonly<Record<string, JsonObject>>;
}

export function readResolved(text: string): ResolvedPipeline {
  return parse(text) as ResolvedPipeline;
}

interface Resolved {
  readonly name: string;
  readonly description: string;
  readonly seed: number;
  readonly params: Data | undefined;
  /** As written: references to their own params were left as they are. */
  readonly blocks: Json | undefined;
  /** Of `stagesAsWritten`. */
  readonly stages: ReadonlyMap<string, JsonObject>;
}

/** Every stage as a file that needs no other would have it: without defaults, with names of files that hold everywhere. */
export function stagesAsWritten(
  tree: MapTree,
  stages: readonly ParsedStage[],
  rename: (stage: ParsedStage) => readonly FileName[],
): ReadonlyMap<string, JsonObject> {
  const written = tree.entries.get("stages")?.value as MapTree;
  const byName = new Map(stages.map((stage) => [stage.name, stage]));
  const all = [...written.entries].map(([key, { value }]) => {
    const stage = byName.get(key) as ParsedStage;
    return [key, withoutReferences(withNames(toJson(value), rename(stage))) as JsonObject] as const;
  });
  return new Map(all);
}

/**
 * The pipeline as one file that needs no other, without defaults: the same text on every machine, and the same pipeline
 * to every reader of YAML.
 */
export function resolvedYaml({ name, description, seed, params, blocks, stages }: Resolved): string {
  return portableYaml(
    new Map<string, Data>([
      ["name", name],
      ...(description === "" ? [] : [["description", withoutReferences(description)] as const]),
      ["seed", seed],
      ...(params === undefined ? [] : [["params", params] as const]),
      ...(blocks === undefined ? [] : [["blocks", blocks] as const]),
      ["stages", stages],
    ]),
  );
}

/** What reads like `${…}` here came from `$${…}`, and is a plain text. */
function withoutReferences(data: Json): Json {
  if (typeof data === "string") return data.replaceAll("${", () => "$${");
  if (data === null || typeof data !== "object") return data;
  if (Array.isArray(data)) return data.map(withoutReferences);
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, withoutReferences(value)]));
}
