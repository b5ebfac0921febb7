import type { JsonObject, JsonPath } from "../base/json.js";

/** A layer as a complete build stage has it: one key, its kind. */
type Layers = readonly JsonObject[];

/**
 * Where a build stage's parameters describe the layer of that name. Names are part, kind and a number where a kind comes again:
 * `encoder/dense_1`, in branches `encoder/add/branch2/dense`. Null for a name that no layer has.
 */
export function layerPath(params: JsonObject, name: string): JsonPath | null {
  const [part = ""] = name.split("/");
  if (part === "latent") return ["latent"];
  const list = part === "model" ? "layers" : part;
  return Array.isArray(params[list]) ? find(params[list] as Layers, name, part, [list]) : null;
}

function find(layers: Layers, name: string, prefix: string, path: JsonPath): JsonPath | null {
  const seen = new Map<string, number>();
  for (const [i, layer] of layers.entries()) {
    const [kind = "", params] = Object.entries(layer)[0] ?? [];
    const count = seen.get(kind) ?? 0;
    seen.set(kind, count + 1);
    const own = `${prefix}/${kind}${count === 0 ? "" : `_${count}`}`;
    if (own === name) return [...path, i, kind];
    const branches = (params as { readonly branches?: readonly Layers[] } | undefined)?.branches ?? [];
    for (const [b, branch] of branches.entries()) {
      const found = find(branch, name, `${own}/branch${b + 1}`, [...path, i, kind, "branches", b]);
      if (found !== null) return found;
    }
  }
  return null;
}
