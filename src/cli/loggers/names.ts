import type { RunEvent } from "../../base/event.js";

type Started = Extract<RunEvent, { type: "run-started" }>;

/** Node → how people call it: the stage's name, and the variant's unless all of them share the node. */
export function nodeNames({ variants }: Started): ReadonlyMap<string, string> {
  const owners = new Map<string, { readonly stage: string; readonly variants: string[] }>();
  for (const variant of variants) {
    for (const { node, name } of variant.stages) {
      const known = owners.get(node);
      if (known === undefined) owners.set(node, { stage: name, variants: [variant.name] });
      else known.variants.push(variant.name);
    }
  }
  return new Map(
    [...owners].map(([node, { stage, variants: those }]) => [
      node,
      those.length === variants.length && variants.length > 1 ? stage : `${those.join("+")} ${stage}`,
    ]),
  );
}
