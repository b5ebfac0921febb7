import { stringify } from "yaml";
import type { Json, JsonObject } from "../base/json.js";
import { type FileName, withNames } from "./file-names.js";
import type { ParsedStage } from "./flow.js";
import { type MapTree, toJson } from "./tree.js";

interface Resolved {
  readonly name: string;
  readonly description: string;
  readonly seed: number;
  readonly tree: MapTree;
  readonly stages: readonly ParsedStage[];
  readonly rename: (stage: ParsedStage) => readonly FileName[];
}

/** The pipeline as one file that needs no other, without defaults: the same text on every machine. */
export function resolvedYaml({ name, description, seed, tree, stages, rename }: Resolved): string {
  const written = tree.entries.get("stages")?.value as MapTree;
  const byName = new Map(stages.map((stage) => [stage.name, stage]));
  const all = [...written.entries].map(([key, { value }]): [string, Json] => {
    const stage = byName.get(key) as ParsedStage;
    return [key, withNames(toJson(value), rename(stage))];
  });
  const params = tree.entries.get("params");
  const pipeline: JsonObject = {
    name,
    ...(description !== "" && { description }),
    seed,
    ...(params && { params: toJson(params.value) }),
    stages: Object.fromEntries(all),
  };
  return stringify(pipeline, { lineWidth: 100, aliasDuplicateObjects: false });
}
