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
  const named = places.flatMap(({ place }) => textsAt(stage.params, place.split("/")));
  return named.map(([path, name]) => {
    const absolute = stage.written.absolutePath(path, name);
    const near = relative(dirname(pipeline), absolute);
    const portable = isAbsolute(name) || isAbsolute(near) ? basename(absolute) : near.split(sep).join("/");
    return { path, absolute, portable };
  });
}

/** Texts at a place, where `*` stands for any key, with the paths to them. */
function textsAt(value: Json | undefined, [key, ...rest]: readonly string[]): readonly (readonly [string[], string])[] {
  if (key === undefined) return typeof value === "string" ? [[[], value]] : [];
  if (value === null || typeof value !== "object") return [];
  const keys = key === "*" ? Object.keys(value) : [key].filter((one) => Object.hasOwn(value, one));
  return keys.flatMap((one) => {
    return textsAt((value as JsonObject)[one], rest).map(([path, text]) => [[one, ...path], text] as const);
  });
}

/** The data with the portable names in place of the written ones. */
export function withNames(data: Json, names: readonly FileName[]): Json {
  return names.reduce((value, { path, portable }) => replacedAt(value, path, portable), data);
}
