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
  readonly tree: MapTree;
  readonly stages: readonly ParsedStage[];
  readonly rename: (stage: ParsedStage) => readonly FileName[];
}

/**
 * The pipeline as one file that needs no other, without defaults: the same text on every machine, and the same pipeline
 * to every reader of YAML.
 */
export function resolvedYaml({ name, description, seed, tree, stages, rename }: Resolved): string {
  const written = tree.entries.get("stages")?.value as MapTree;
  const byName = new Map(stages.map((stage) => [stage.name, stage]));
  const all = [...written.entries].map(([key, { value }]) => {
    const stage = byName.get(key) as ParsedStage;
    return [key, withoutReferences(withNames(toJson(value), rename(stage)))] as const;
  });
  const params = tree.entries.get("params");
  return portableYaml(
    new Map<string, Data>([
      ["name", name],
      ...(description === "" ? [] : [["description", withoutReferences(description)] as const]),
      ["seed", seed],
      ...(params === undefined ? [] : [["params", toJson(params.value)] as const]),
      ["stages", new Map(all)],
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
