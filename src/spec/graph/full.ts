import type { JsonObject } from "../../base/json.js";
import type { Catalog } from "../../catalog/types.js";
import type { Complaints } from "../complaints.js";
import { checkSchema } from "../schema.js";
import { describe, toJson } from "../tree.js";
import type { Drawing } from "./drawing.js";
import { at, inside, type Place, treeOf } from "./place.js";
import type { Scope } from "./scope.js";
import type { DrawnInput, DrawnOutput } from "./types.js";

/** What a family is given to draw. */
export interface Describing {
  /** The family's own parameters, complete. */
  readonly params: JsonObject;
  /** Of these parameters. */
  readonly place: Place;
  readonly drawing: Drawing;
  readonly catalog: Catalog;
  readonly complaints: Complaints;
}

interface Inputs {
  readonly inputs?: Readonly<Record<string, string>> | readonly string[];
}

/** The full form: inputs and outputs by their names. */
export function drawGraph(describing: Describing) {
  const { drawing, place } = describing;
  const inputs = inputsOf(describing);
  const names = new Map([...inputs.keys()].map((name) => [name, name]));
  const list = drawing.list(inside(place, "layers"), { prefix: "model", plain: true, inputs: names });
  const outputs = outputsOf(list.result, list.scope, inputs, describing);
  if (list.result === null) return null;
  return { inputs, outputs, groups: drawing.groups, flat: new Map<string, Place>() };
}

function inputsOf({ params, place }: Describing): ReadonlyMap<string, DrawnInput> {
  const { inputs } = params as Inputs;
  if (inputs === undefined) return new Map([["input", { column: null, place }]]);
  const group = inside(place, "inputs");
  if (isList(inputs)) return new Map(inputs.map((column, i) => [column, { column, place: inside(group, i) }]));
  return new Map(Object.entries(inputs).map(([name, column]) => [name, { column, place: inside(group, name) }]));
}

function isList(value: NonNullable<Inputs["inputs"]>): value is readonly string[] {
  return Array.isArray(value);
}

interface Output {
  readonly node?: string;
  readonly target?: string;
  readonly loss?: JsonObject;
  readonly weight?: number;
}

function outputsOf(
  last: string | null,
  scope: Scope,
  inputs: ReadonlyMap<string, DrawnInput>,
  describing: Describing,
): ReadonlyMap<string, DrawnOutput> {
  const { params, place, drawing } = describing;
  const end = (node: string) => drawing.nodes.get(node)?.place ?? place;
  const written = Object.keys((params.outputs ?? {}) as JsonObject);
  if (written.length === 0) {
    if (last === null) return new Map();
    return new Map([["output", { node: last, target: { column: null }, place, end: end(last) }]]);
  }
  return new Map(
    written.flatMap((name) => {
      const own = inside(place, "outputs", name);
      const output = readOutput(name, own, describing);
      const node = output && nodeOf(output, own, written.length === 1 ? last : undefined, scope, describing);
      if (!output || !node) return [];
      const target = targetOf(output, written.length === 1, inputs);
      const { loss, weight } = output;
      const more = { ...(target && { target }), ...(loss && { loss }), ...(weight !== undefined && { weight }) };
      const drawn: DrawnOutput = { node, ...more, place: own, end: end(node) };
      return [[name, drawn] as const];
    }),
  );
}

/** Null after a complaint. */
function readOutput(name: string, place: Place, { catalog, complaints }: Describing): Output | null {
  const tree = treeOf(place);
  if (tree?.type === "scalar" && typeof tree.value === "string") return { node: tree.value };
  if (tree?.type !== "map") {
    at(place, complaints).error("wrong-type", `the output \`${name}\` is the name of a layer, or a mapping`, {
      received: describe(tree && toJson(tree)),
      expected: `${name}: <layer>, or ${name}: { node: <layer>, target: <column> }`,
      fix: "Write the name of a layer.",
    });
    return null;
  }
  const errors = complaints.errorCount;
  const checked = { id: "skeleton/output", tree: place.root, path: place.path, what: `the output \`${name}\`` };
  const output = checkSchema(checked, catalog, complaints) as Output;
  return complaints.errorCount > errors ? null : output;
}

/** Null after a complaint. */
function nodeOf(
  { node }: Output,
  place: Place,
  last: string | null | undefined,
  scope: Scope,
  { complaints, drawing }: Describing,
): string | null {
  if (node === undefined) {
    if (last !== undefined) return last;
    at(place, complaints).error("missing-key", "an output of several needs `node`", {
      expected: "node: <the name of a layer>",
      fix: "Add `node: …`.",
    });
    return null;
  }
  const named = treeOf(place)?.type === "map" ? inside(place, "node") : place;
  const made = scope.find(node, named);
  if (!made) return null;
  if (drawing.nodes.has(made.result)) return made.result;
  at(named, complaints).error("wrong-value", `\`${node}\` is an input, and an output is what a layer makes`, {
    expected: "the name of a layer",
    fix: "Name a layer.",
  });
  return null;
}

/** An input's name, or its column, makes a reconstruction. */
function targetOf(
  { target, loss, weight }: Output,
  isOnly: boolean,
  inputs: ReadonlyMap<string, DrawnInput>,
): DrawnOutput["target"] {
  if (target === undefined) return isOnly || loss !== undefined || weight !== undefined ? { column: null } : undefined;
  const name = target.replace(/^input:/, "");
  if (inputs.has(name)) return { input: name };
  const same = [...inputs].find(([, { column }]) => column === target);
  return same === undefined ? { column: target } : { input: same[0] };
}
