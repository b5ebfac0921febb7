import { basename, dirname, isAbsolute, relative, sep } from "node:path";
import { type Json, type JsonObject, type JsonPath, replacedAt } from "../base/json.js";
import type { Catalog } from "../catalog/types.js";
import type { ParsedStage } from "./flow.js";

/** A file that a stage's parameters name. */
export interface FileName {
  readonly path: JsonPath;
  readonly absolute: string;
  /** Relative to the pipeline's file; without its directory where it was given as an absolute path. */
  readonly portable: string;
}

/** @param pipeline the pipeline's file, absolute. */
export function fileNames(stage: ParsedStage, pipeline: string, catalog: Catalog): readonly FileName[] {
  const places = catalog.get("stages", stage.kind)?.facts.files ?? [];
  return places.flatMap(({ place }) => {
    const path = place.split("/");
    const name = path.reduce((value: Json | undefined, key) => (value as JsonObject | undefined)?.[key], stage.params);
    if (typeof name !== "string") return [];
    const absolute = stage.written.absolutePath(path, name);
    const near = relative(dirname(pipeline), absolute);
    const portable = isAbsolute(name) || isAbsolute(near) ? basename(absolute) : near.split(sep).join("/");
    return [{ path, absolute, portable }];
  });
}

/** The data with the portable names in place of the written ones. */
export function withNames(data: Json, names: readonly FileName[]): Json {
  return names.reduce((value, { path, portable }) => replacedAt(value, path, portable), data);
}
