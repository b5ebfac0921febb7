import type { Catalog } from "../catalog/types.js";
import type { Complaints } from "./complaints.js";
import { checkName, nameFromFile } from "./names.js";
import type { Files } from "./read.js";
import { checkSchema } from "./schema.js";
import type { Span } from "./source.js";
import { spanAt, type Tree } from "./tree.js";

/** A comparison file whose outer form is right. */
export interface RawComparison {
  readonly name: string;
  readonly question: string;
  readonly description: string;
  readonly variants: readonly VariantSource[];
  readonly baseline: { readonly name: string; readonly at: Span } | undefined;
}

/** A variant before `extends`: a file, or a mapping in the comparison itself. */
export interface VariantSource {
  readonly tree: Tree;
  readonly absolute: string;
  readonly shown: string;
  /** Where the comparison names it. */
  readonly namedAt: Span | undefined;
}

/** Pipelines have `stages` or `extends`; these keys are a comparison's. */
export function isComparison(tree: Tree): boolean {
  if (tree.type !== "map" || tree.entries.has("stages")) return false;
  return ["variants", "question", "baseline"].some((key) => tree.entries.has(key));
}

interface Place {
  readonly absolute: string;
  readonly shown: string;
}

/** The variants are read, not checked; what is wrong with the comparison itself is left out after a complaint. */
export function readComparison(
  tree: Tree,
  place: Place,
  files: Files,
  catalog: Catalog,
  complaints: Complaints,
): RawComparison {
  const checked = { id: "skeleton/comparison", tree, path: [], what: "this comparison" };
  const json = checkSchema(checked, catalog, complaints) as {
    readonly name?: string;
    readonly question: string;
    readonly description: string;
    readonly baseline?: unknown;
  };
  const name = json.name ?? nameFromFile(place.shown);
  if (json.name === undefined)
    checkName(name, "the file's name, which names the comparison,", spanAt(tree, []), complaints);
  const list = tree.type === "map" ? tree.entries.get("variants")?.value : undefined;
  const items = list?.type === "list" ? list.items : [];
  return {
    name,
    question: json.question,
    description: json.description,
    variants: items.flatMap((item) => sourceOf(item, place, files, complaints) ?? []),
    baseline: typeof json.baseline === "string" ? { name: json.baseline, at: spanAt(tree, ["baseline"]) } : undefined,
  };
}

function sourceOf(item: Tree, place: Place, files: Files, complaints: Complaints): VariantSource | null {
  if (item.type === "map") return { ...place, tree: item, namedAt: item.at };
  if (item.type !== "scalar" || typeof item.value !== "string") return null;
  const named = files.read(item.value, item.at);
  if (named.tree === null) return null;
  if (isComparison(named.tree)) {
    complaints.error("nested-comparison", "a comparison cannot be a variant", {
      at: item.at,
      received: named.shown,
      fix: "Name its variants here one by one, or name both comparisons on the command line.",
    });
    return null;
  }
  return { ...named, tree: named.tree, namedAt: item.at };
}
