import type { Json, JsonPath } from "../base/json.js";
import { shownKind } from "../base/own-kind.js";
import { shorten } from "../base/suggest.js";
import type { Span } from "./source.js";

/**
 * A YAML value in which every part remembers where it was written. Trees are never changed: `extends`, `--set`
 * and `${…}` make new ones out of parts of old ones, so a position always points into the file that the value is from.
 */
export type Tree = ScalarTree | ListTree | MapTree;

interface Placed {
  readonly at: Span;
  /** Where a `${…}` stood whose value this is. */
  readonly usedAt?: Span;
}

export interface ScalarTree extends Placed {
  readonly type: "scalar";
  readonly value: null | boolean | number | string;
}

export interface ListTree extends Placed {
  readonly type: "list";
  readonly items: readonly Tree[];
}

export interface MapTree extends Placed {
  readonly type: "map";
  readonly entries: ReadonlyMap<string, Entry>;
  /** After a merge: the keys that the overriding side wrote. */
  readonly own?: ReadonlySet<string>;
}

export interface Entry {
  readonly key: Span;
  readonly value: Tree;
}

export function toJson(tree: Tree): Json {
  if (tree.type === "scalar") return tree.value;
  if (tree.type === "list") return tree.items.map(toJson);
  // fromEntries defines properties: a key `__proto__` stays a key.
  return Object.fromEntries([...tree.entries].map(([key, entry]) => [key, toJson(entry.value)]));
}

export function childOf(tree: Tree | undefined, key: string | number): Tree | undefined {
  if (tree?.type === "map") return entryOf(tree, key)?.value;
  if (tree?.type === "list") return tree.items[Number(key)];
  return undefined;
}

/** A kind of the project's own stands in the tree without its code's digest. */
function entryOf({ entries }: MapTree, key: string | number): Entry | undefined {
  return entries.get(String(key)) ?? entries.get(shownKind(String(key)));
}

export function treeAt(tree: Tree, path: JsonPath): Tree | undefined {
  let here: Tree | undefined = tree;
  for (const key of path) here = childOf(here, key);
  return here;
}

/**
 * Where to point for the value at `path`: a scalar or list at itself, a mapping at the key that it stands under. Of what
 * was not written (a default), the nearest enclosing place.
 */
export function spanAt(tree: Tree, path: JsonPath): Span {
  let here = tree;
  let span = headOf(tree);
  for (const key of path) {
    const next = childOf(here, key);
    if (next === undefined) break;
    const label = here.type === "map" ? entryOf(here, key)?.key : undefined;
    span = next.type === "map" && label !== undefined ? label : headOf(next);
    here = next;
  }
  return span;
}

/** Where to point for the key at the end of `path`. */
export function keySpanAt(tree: Tree, path: JsonPath): Span {
  const parent = treeAt(tree, path.slice(0, -1));
  const entry = parent?.type === "map" ? parent.entries.get(String(path.at(-1))) : undefined;
  return entry?.key ?? spanAt(tree, path);
}

/** A mapping written in block style spans many lines; its start is enough. */
function headOf(tree: Tree): Span {
  return tree.type === "map" ? { ...tree.at, end: Math.min(tree.at.end, tree.at.start + 1) } : tree.at;
}

/** What a value is, in words, for `received:`. */
export function describe(value: Json | undefined): string {
  if (value === undefined) return "nothing";
  if (value === null) return "nothing (null)";
  if (typeof value === "string") return `the text ${JSON.stringify(shorten(value))}`;
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : `a list of ${value.length}`;
  const keys = Object.keys(value);
  if (keys.length === 0) return "an empty mapping";
  const shown = keys.slice(0, 4).map((key) => shorten(key));
  return `a mapping with ${keys.length === 1 ? "the key" : "the keys"} ${shown.join(", ")}${keys.length > 4 ? ", …" : ""}`;
}
