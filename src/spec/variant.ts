import type { Disk } from "../base/disk.js";
import type { Json, JsonObject } from "../base/json.js";
import type { Catalog } from "../catalog/types.js";
import type { Complaints } from "./complaints.js";
import { fileNames, withNames } from "./file-names.js";
import { checkFlow, type ParsedStage } from "./flow.js";
import { readBlocks } from "./graph/blocks.js";
import { asJson, drawModel, locateIn, specOf } from "./graph/model.js";
import { nameFromFile } from "./names.js";
import { substituteParams } from "./params.js";
import { linkStages } from "./references.js";
import { resolvedYaml, stagesAsWritten } from "./resolved.js";
import { checkSchema } from "./schema.js";
import { applySettings, type Setting } from "./sets.js";
import { checkSkeleton } from "./skeleton.js";
import { type MapTree, toJson } from "./tree.js";
import type { Pipeline, Stage } from "./types.js";

/** A merged pipeline and where it is from. */
export interface Variant {
  readonly tree: MapTree;
  /** As the user named it. */
  readonly file: string;
  readonly absolute: string;
  readonly settings: readonly Setting[];
}

/** One merged tree → a checked pipeline; null after complaints. The phases in their order. */
export function checkVariant(variant: Variant, catalog: Catalog, disk: Disk, complaints: Complaints): Pipeline | null {
  const before = complaints.errorCount;
  const set = applySettings(variant.tree, variant.settings, complaints);
  const tree = substituteParams(set, complaints);
  const skeleton = checkSkeleton(tree, nameFromFile(variant.file), catalog, complaints);
  if (skeleton === null) return null;
  const blocks = readBlocks(tree, catalog, complaints);
  const parsed = linkStages(skeleton.stages, skeleton.complete, catalog, complaints).map((stage): ParsedStage => {
    const errors = complaints.errorCount;
    const params = checkSchema(stage.written.checkedBy(stage.kind), catalog, complaints) as JsonObject;
    if (complaints.errorCount > errors) return { ...stage, params: null };
    const model = stage.kind === "build" ? drawModel(params, stage.written, blocks, catalog, complaints) : undefined;
    return model === undefined ? { ...stage, params } : { ...stage, params: model && asJson(specOf(model)), model };
  });
  const stages = checkFlow(parsed, catalog, disk, complaints);
  if (complaints.errorCount > before) return null;
  const [params, asWritten] = ["params", "blocks"]
    .map((key) => tree.entries.get(key))
    .map((entry) => entry && toJson(entry.value));
  const { name, description, seed } = skeleton;
  const written = stagesAsWritten(tree, stages, (stage) => fileNames(stage, variant.absolute, catalog));
  return {
    name,
    description,
    seed,
    params: (params ?? {}) as JsonObject,
    stages: stages.map((stage) => finished(stage, variant.absolute, catalog)),
    written: withBlocks(written, stages, asWritten),
    resolvedYaml: resolvedYaml({ name, description, seed, params, blocks: asWritten, stages: written }),
    file: variant.file,
  };
}

/** With the blocks that a model may be made of: variants that differ in these differ there. */
function withBlocks(
  written: ReadonlyMap<string, JsonObject>,
  stages: readonly ParsedStage[],
  blocks: Json | undefined,
): ReadonlyMap<string, JsonObject> {
  if (blocks === undefined) return written;
  const models = new Set(stages.flatMap(({ name, model }) => (model ? [name] : [])));
  return new Map([...written].map(([name, settings]) => [name, models.has(name) ? { ...settings, blocks } : settings]));
}

function finished(stage: ParsedStage, pipeline: string, catalog: Catalog): Stage {
  const names = fileNames(stage, pipeline, catalog);
  return {
    name: stage.name,
    kind: stage.kind,
    params: withNames(stage.params as JsonObject, names) as JsonObject,
    needs: stage.before,
    inputs: stage.inputs,
    files: names.map(({ path, absolute }) => ({ path, absolute })),
    locate: (path) => (stage.model && locateIn(stage.model, path)) ?? stage.written.locate(path),
  };
}
