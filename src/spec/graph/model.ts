import type { GraphSpec, NodeSpec } from "../../artifact/graph.js";
import type { Location } from "../../base/diagnostic.js";
import type { Json, JsonObject, JsonPath } from "../../base/json.js";
import type { Catalog } from "../../catalog/types.js";
import type { Complaints } from "../complaints.js";
import { locationOf } from "../source.js";
import type { StageTree } from "../stage-tree.js";
import type { Blocks } from "./blocks.js";
import { Drawing } from "./drawing.js";
import { type Family, families } from "./families.js";
import { at, inside, type Place, spanOf } from "./place.js";
import type { DrawnGroup, DrawnInput, DrawnModel, DrawnNode, DrawnOutput } from "./types.js";

/**
 * The parameters of a stage `build` → its graph.
 *
 * @param params by the schema of their family, complete; lists of layers as they were written.
 * @returns null after a complaint.
 */
export function drawModel(
  params: JsonObject,
  written: StageTree,
  blocks: Blocks,
  catalog: Catalog,
  complaints: Complaints,
): DrawnModel | null {
  const errors = complaints.errorCount;
  const drawing = new Drawing(blocks, catalog, complaints);
  const place: Place = { root: written.params, path: [], uses: [] };
  const family = families[params.family as string] as Family;
  const drawn = family({ params, place, drawing, catalog, complaints });
  if (drawn === null || complaints.errorCount > errors) return null;
  const used = reachable(drawn.outputs, drawing.nodes);
  for (const node of drawing.nodes.values()) if (!used.has(node.name)) warnOfDead(node, complaints);
  for (const [name, input] of drawn.inputs) if (!used.has(name)) warnOfIdle(name, input, complaints);
  return {
    ...drawn,
    inputs: new Map([...drawn.inputs].filter(([name]) => used.has(name))),
    nodes: new Map([...drawing.nodes].filter(([name]) => used.has(name))),
    groups: new Map([...drawn.groups].flatMap(([name, group]) => withoutDead(name, group, used))),
  };
}

/** What the outputs are made from. A layer whose weights another one uses is needed with that one. */
function reachable(
  outputs: ReadonlyMap<string, DrawnOutput>,
  nodes: ReadonlyMap<string, DrawnNode>,
): ReadonlySet<string> {
  const used = new Set<string>();
  const wanted = [...outputs.values()].flatMap(({ node, target }) =>
    target !== undefined && "input" in target ? [node, target.input] : [node],
  );
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    if (used.has(name)) continue;
    used.add(name);
    const { from = [], sharedWith } = nodes.get(name) ?? {};
    wanted.push(...from, ...(sharedWith === undefined ? [] : [sharedWith]));
  }
  return used;
}

function warnOfDead({ place, kind }: DrawnNode, complaints: Complaints): void {
  at(place, complaints).warn("dead-layer", `nothing is made from what this \`${kind}\` gives`, {
    expected: "a layer that leads to an output",
    fix: "Name it in the `from` of another layer or in `outputs`, or remove it: the model is built without it.",
  });
}

function warnOfIdle(name: string, { place }: DrawnInput, complaints: Complaints): void {
  at(place, complaints).warn("dead-layer", `nothing is made from the input \`${name}\``, {
    expected: "an input that some layer takes",
    fix: "Name it in the `from` of a layer, or remove it: the model is built without it.",
  });
}

function withoutDead(name: string, group: DrawnGroup, used: ReadonlySet<string>): readonly [string, DrawnGroup][] {
  const nodes = group.nodes.filter((node) => used.has(node));
  return nodes.length === 0 && group.nodes.length > 0 ? [] : [[name, { ...group, nodes }]];
}

/** The graph as plain data: the parameters of `build` from here on. */
export function specOf(model: DrawnModel): GraphSpec {
  return {
    inputs: mapped(model.inputs, ({ column }) => ({ column })),
    nodes: mapped(model.nodes, nodeSpec),
    outputs: mapped(model.outputs, ({ node, target, loss, weight }) => ({
      node,
      ...(target !== undefined && { target: "input" in target ? `input:${target.input}` : target.column }),
      ...(loss !== undefined && { loss }),
      ...(weight !== undefined && { weight }),
    })),
    groups: mapped(model.groups, (group) => group),
  };
}

function nodeSpec({ kind, params, from, trainable, sharedWith }: DrawnNode): NodeSpec {
  return {
    [kind]: params,
    from,
    ...(!trainable && { trainable: false }),
    ...(sharedWith !== undefined && { sharedWith }),
  };
}

function mapped<T, U>(map: ReadonlyMap<string, T>, change: (value: T) => U): Readonly<Record<string, U>> {
  return Object.fromEntries([...map].map(([name, value]) => [name, change(value)]));
}

/** Where a part of the graph's plain data was written; undefined for what has no place of its own. */
export function locateIn(model: DrawnModel, path: JsonPath): Location | undefined {
  const [part, name, ...rest] = path;
  if (part === "nodes") {
    const node = model.nodes.get(String(name));
    return node && locationOf(spanOf(rest[0] === node.kind ? inside(node.place, ...rest.slice(1)) : node.place));
  }
  const found = part === "inputs" ? model.inputs : part === "outputs" ? model.outputs : undefined;
  const place = found?.get(String(name))?.place;
  return place && locationOf(spanOf(place));
}

export function asJson(spec: GraphSpec): JsonObject {
  return spec as unknown as Json as JsonObject;
}
