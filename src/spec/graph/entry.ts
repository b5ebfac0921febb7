import { oneOf } from "../../base/suggest.js";
import type { Catalog } from "../../catalog/types.js";
import type { Complaints } from "../complaints.js";
import { checkSchema } from "../schema.js";
import { describe, type MapTree, toJson } from "../tree.js";
import { at, inside, type Place, treeOf } from "./place.js";

/** One entry of a list of layers, its form checked; what it names is not looked up yet. */
export interface LayerEntry {
  readonly place: Place;
  readonly name?: string;
  /** Names of what it takes; undefined for the entry above. */
  readonly from?: readonly string[];
  readonly trainable: boolean;
  /** Undefined where it is not written. */
  readonly repeat?: number;
  /** A layer or a block by its name, with the place of its parameters, or an entry above that is used once more. */
  readonly does: { readonly kind: string; readonly params: Place } | { readonly shared: string };
}

interface Beside {
  readonly name?: string;
  readonly from?: string | readonly string[];
  readonly trainable?: boolean;
  readonly repeat?: number;
  readonly shared?: string;
}

/** @returns null after a complaint. */
export function readEntry(place: Place, catalog: Catalog, complaints: Complaints): LayerEntry | null {
  const tree = treeOf(place);
  if (tree?.type === "scalar" && typeof tree.value === "string") {
    return { place, trainable: true, does: { kind: tree.value, params: place } };
  }
  if (tree?.type !== "map") {
    at(place, complaints).error("wrong-type", "this is no layer", {
      received: describe(tree && toJson(tree)),
      expected: "a layer's name, or a mapping such as { dense: { units: 64 } }",
      fix: "Write the name of a layer.",
    });
    return null;
  }
  const reserved = new Set(catalog.schema("skeleton/layer").facts.keys[""]);
  const kinds = [...tree.entries.keys()].filter((key) => !reserved.has(key));
  const beside = readBeside(place, tree, reserved, catalog, complaints);
  const does = doesOf(place, tree, kinds, beside, catalog, complaints);
  if (does === null || beside === null) return null;
  const { from, name, trainable = true, repeat } = beside;
  const others = {
    ...(name !== undefined && { name }),
    ...(from !== undefined && { from: typeof from === "string" ? [from] : from }),
    ...(repeat !== undefined && { repeat }),
  };
  return { place, trainable, does, ...others };
}

function readBeside(
  place: Place,
  tree: MapTree,
  reserved: ReadonlySet<string>,
  catalog: Catalog,
  complaints: Complaints,
): Beside | null {
  const errors = complaints.errorCount;
  const value = Object.fromEntries(
    [...tree.entries].filter(([key]) => reserved.has(key)).map(([key, entry]) => [key, toJson(entry.value)]),
  );
  const checked = { id: "skeleton/layer", tree: place.root, path: place.path, what: "the entry" };
  const beside = complaints.inBlock(place.uses, () => checkSchema(checked, catalog, complaints, value)) as Beside;
  return complaints.errorCount > errors ? null : beside;
}

function doesOf(
  place: Place,
  tree: MapTree,
  kinds: readonly string[],
  beside: Beside | null,
  catalog: Catalog,
  complaints: Complaints,
): LayerEntry["does"] | null {
  const shares = tree.entries.has("shared");
  const [kind] = kinds;
  if (kinds.length === 1 && !shares) return { kind: kind as string, params: inside(place, kind as string) };
  if (!shares) {
    const known = kinds.find((key) => catalog.names("layers").includes(key)) ?? "dense";
    at(place, complaints).error("one-kind", "an entry is one layer or block, with its parameters under its name", {
      received: describe(toJson(tree)),
      expected: `{ ${known}: { … } }, and beside it only ${oneOf(catalog.schema("skeleton/layer").facts.keys[""] ?? [])}`,
      fix:
        kinds.length === 0
          ? "Add the name of a layer, with its parameters in a mapping under it."
          : "Put the parameters in a mapping under the name, and each layer in its own entry.",
    });
    return null;
  }
  const odd = [...kinds, ...(["trainable", "repeat"] as const).filter((key) => tree.entries.has(key))];
  if (odd.length === 0) return typeof beside?.shared === "string" ? { shared: beside.shared } : null;
  at(inside(place, odd[0] as string), complaints).error("one-kind", `\`shared\` and \`${odd[0]}\` exclude each other`, {
    received: describe(toJson(tree)),
    expected: "`shared`, and beside it only `name` and `from`",
    fix: "Remove one of them: what is shared is all that the other entry says.",
  });
  return null;
}
