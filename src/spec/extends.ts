import { didYouMean, oneOf } from "../base/suggest.js";
import type { Complaints } from "./complaints.js";
import type { Files } from "./read.js";
import type { Span } from "./source.js";
import { describe, type Entry, type MapTree, type Tree, toJson } from "./tree.js";

/** One file or inline variant on the way up, for the message about a cycle. */
interface Step {
  readonly absolute: string;
  readonly shown: string;
}

/**
 * Puts the content of the files that `extends` names under the tree's own: mappings merge key by key, `null`
 * removes, everything else is replaced. Null after a complaint.
 *
 * @param chain the files that lead here, this one last.
 */
export function resolveExtends(
  tree: Tree,
  chain: readonly Step[],
  files: Files,
  complaints: Complaints,
): MapTree | null {
  if (tree.type !== "map") {
    complaints.error("wrong-type", "a pipeline is a mapping", {
      at: tree.at,
      received: describe(toJson(tree)),
      expected: "a mapping with the keys name, params, stages",
      fix: "Begin with `name: …` and `stages:`.",
    });
    return null;
  }
  const link = tree.entries.get("extends");
  if (link === undefined) return tree;
  const own = without(tree, "extends");
  if (link.value.type !== "scalar" || typeof link.value.value !== "string" || link.value.value === "") {
    complaints.error("wrong-type", "`extends` names a file", {
      at: link.value.at,
      received: describe(toJson(link.value)),
      expected: "a path relative to this file",
      fix: "Write `extends: other.yaml`.",
    });
    return null;
  }
  const base = files.read(link.value.value, link.value.at);
  const seen = chain.findIndex((step) => step.absolute === base.absolute);
  if (seen >= 0) {
    complainOfCycle([...chain.slice(seen), base], link.value.at, complaints);
    return null;
  }
  if (base.tree === null) return null;
  const below = resolveExtends(base.tree, [...chain, base], files, complaints);
  return below === null ? null : merge(below, own, complaints);
}

function complainOfCycle(loop: readonly Step[], at: Span, complaints: Complaints): void {
  complaints.error("extends-cycle", "these files extend each other in a circle", {
    at,
    received: loop.map((step) => step.shown).join(" → "),
    fix: "Remove one `extends` of the circle.",
  });
}

/**
 * `over` on top of `base`. Keys keep the base's order; new ones come after. A `null` that is written out takes a key
 * away; a value that is only left out does not: `flatten:` may be a stage whose author forgot `{}`.
 *
 * @param path of both, from the top.
 */
export function merge(base: MapTree, over: MapTree, complaints: Complaints, path: readonly string[] = []): MapTree {
  const entries = new Map(base.entries);
  const own = new Set<string>();
  for (const [key, entry] of over.entries) {
    const below = entries.get(key);
    if (isRemoval(entry.value) && !isValue(path, below)) {
      if (below === undefined) complainOfNothing(key, entry, base, complaints);
      entries.delete(key);
      continue;
    }
    own.add(key);
    entries.set(key, mergeEntry(below, entry, complaints, [...path, key]));
  }
  return { type: "map", entries, at: over.at, own };
}

function mergeEntry(below: Entry | undefined, above: Entry, complaints: Complaints, path: readonly string[]): Entry {
  if (above.value.type !== "map" || (below !== undefined && below.value.type !== "map")) return above;
  // Merged over nothing, too, so that a `null` in it is reported.
  const base = below === undefined ? { ...above.value, entries: new Map() } : (below.value as MapTree);
  return { key: above.key, value: merge(base, above.value, complaints, path) };
}

/** `null` may be a value in what is the user's own: within a param's value, and in a specification of Vega-Lite's. */
function isValue(path: readonly string[], below: Entry | undefined): boolean {
  return path.includes("spec") || (below === undefined && path[0] === "params" && path.length > 1);
}

/** A `null` that is written out. */
export function isRemoval(tree: Tree): boolean {
  return tree.type === "scalar" && tree.value === null && tree.at.end > tree.at.start;
}

function complainOfNothing(key: string, entry: Entry, base: MapTree, complaints: Complaints): void {
  const known = [...base.entries.keys()];
  complaints.error("nothing-to-remove", `there is no \`${key}\` that \`null\` could remove`, {
    at: entry.key,
    expected: known.length > 0 ? oneOf(known) : "a mapping that has keys",
    fix: didYouMean(key, known) ?? "Leave it out: `null` takes away what an extended file has.",
  });
}

export function without(tree: MapTree, key: string): MapTree {
  const entries = new Map(tree.entries);
  entries.delete(key);
  return { ...tree, entries };
}
