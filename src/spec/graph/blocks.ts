import type { Catalog } from "../../catalog/types.js";
import type { Complaints } from "../complaints.js";
import { refuseReferences } from "../params.js";
import { checkSchema } from "../schema.js";
import type { Span } from "../source.js";
import type { Entry, MapTree } from "../tree.js";

/** A piece of a model that pipelines use by its name. */
export interface Block {
  readonly name: string;
  readonly key: Span;
  /** Names of its parameters, with their defaults. */
  readonly params: ReadonlyMap<string, Entry>;
  readonly inputs: readonly string[];
  /** What is read anew for every use: `${block.x}` stands for other values there. */
  readonly tree: MapTree;
  /** The entry that is its result; undefined for the last. */
  readonly output?: string;
}

/** Null for a block whose form is wrong, after a complaint. */
export type Blocks = ReadonlyMap<string, Block | null>;

/** The blocks of a pipeline. Their layers are looked at where they are used. */
export function readBlocks(pipeline: MapTree, catalog: Catalog, complaints: Complaints): Blocks {
  const group = pipeline.entries.get("blocks")?.value;
  const entries = group?.type === "map" ? [...group.entries] : [];
  return new Map(entries.map(([name, entry]) => [name, readBlock(name, entry, pipeline, catalog, complaints)]));
}

function readBlock(
  name: string,
  { key, value }: Entry,
  pipeline: MapTree,
  catalog: Catalog,
  complaints: Complaints,
): Block | null {
  const taken = catalog.names("layers").includes(name) ? "a layer" : undefined;
  const word = catalog.schema("skeleton/layer").facts.keys[""]?.includes(name) ? "a word beside layers" : undefined;
  if (taken !== undefined || word !== undefined) {
    complaints.error("name-taken", `a block cannot be called \`${name}\`: that is ${taken ?? word}`, {
      at: key,
      expected: "a name that no layer has",
      fix: `Choose another name, such as \`${name}_block\`.`,
    });
    return null;
  }
  const errors = complaints.errorCount;
  const checked = { id: "skeleton/block", tree: pipeline, path: ["blocks", name], what: `the block \`${name}\`` };
  const json = checkSchema(checked, catalog, complaints) as { inputs: readonly string[]; output?: string };
  if (complaints.errorCount > errors || value.type !== "map") return null;
  const twice = json.inputs.find((input, i) => json.inputs.indexOf(input) < i);
  if (twice !== undefined) {
    complaints.error("name-taken", `the block \`${name}\` has two inputs \`${twice}\``, {
      at: value.entries.get("inputs")?.value.at ?? key,
      fix: "Give each input a name of its own.",
    });
    return null;
  }
  const params = value.entries.get("params")?.value;
  if (params !== undefined) refuseReferences(params, complaints);
  const entries = new Map(value.entries);
  entries.delete("params");
  return {
    name,
    key,
    params: params?.type === "map" ? params.entries : new Map(),
    inputs: json.inputs,
    tree: { ...value, entries },
    ...(json.output !== undefined && { output: json.output }),
  };
}
