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
 * Puts the content of the files that `extends` names under the tree's own: mappings merge key by key, everything
 * else is replaced. Null after a complaint.
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
  return below === null ? null : merge(below, own);
}

function complainOfCycle(loop: readonly Step[], at: Span, complaints: Complaints): void {
  complaints.error("extends-cycle", "these files extend each other in a circle", {
    at,
    received: loop.map((step) => step.shown).join(" → "),
    fix: "Remove one `extends` of the circle.",
  });
}

/** `over` on top of `base`. Keys keep the base's order; new ones come after. */
export function merge(base: MapTree, over: MapTree): MapTree {
  const entries = new Map(base.entries);
  for (const [key, entry] of over.entries) {
    const below = entries.get(key);
    entries.set(key, below === undefined ? entry : mergeEntry(below, entry));
  }
  return { type: "map", entries, at: over.at, own: new Set(over.entries.keys()) };
}

function mergeEntry(below: Entry, above: Entry): Entry {
  if (below.value.type !== "map" || above.value.type !== "map") return above;
  return { key: above.key, value: merge(below.value, above.value) };
}

export function without(tree: MapTree, key: string): MapTree {
  const entries = new Map(tree.entries);
  entries.delete(key);
  return { ...tree, entries };
}
