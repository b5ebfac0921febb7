import type { JsonObject } from "../../base/json.js";
import { didYouMean, oneOf } from "../../base/suggest.js";
import type { Catalog } from "../../catalog/types.js";
import type { Complaints } from "../complaints.js";
import { isOwnKind, ownKindName } from "../own-kinds.js";
import { type Budget, substituteInBlock } from "../params.js";
import { checkSchema, complainOfUnknown } from "../schema.js";
import { describe, type Entry, keySpanAt, type MapTree, spanAt, toJson } from "../tree.js";
import type { Block, Blocks } from "./blocks.js";
import { type LayerEntry, readEntry } from "./entry.js";
import { at, inside, type Place, spanOf, treeOf } from "./place.js";
import { type Made, Scope } from "./scope.js";
import type { DrawnGroup, DrawnNode } from "./types.js";

/** So many layers no model needs, and no `repeat` makes by mistake. */
const MAX_NODES = 10_000;
const MAX_DEPTH = 32;

interface ListOf {
  readonly prefix: string;
  readonly plain?: boolean;
  /** Name → node of what the layers may take from outside. */
  readonly inputs: ReadonlyMap<string, string | null>;
  readonly trainable?: boolean;
  readonly chain?: readonly string[];
  /** The name of the entry that is the result; undefined for the last. */
  readonly output?: { readonly name: string; readonly place: Place } | undefined;
}

/** A list of layers after it was drawn. */
export interface DrawnList {
  /** The node that is its result; null after a complaint. */
  readonly result: string | null;
  readonly scope: Scope;
}

/** Draws lists of layers, and the blocks that they use, as one graph. */
export class Drawing {
  /** Each after those that it takes from. */
  readonly nodes = new Map<string, DrawnNode>();
  readonly groups = new Map<string, DrawnGroup>();
  readonly #blocks: Blocks;
  readonly #catalog: Catalog;
  readonly #complaints: Complaints;
  readonly #budget: Budget = { spent: 0 };
  /** What was tried, made or not: a bound on the work. */
  #entries = 0;
  #isFull = false;

  constructor(blocks: Blocks, catalog: Catalog, complaints: Complaints) {
    this.#blocks = blocks;
    this.#catalog = catalog;
    this.#complaints = complaints;
  }

  list(place: Place, { prefix, plain = false, inputs, trainable = true, chain = [], output }: ListOf): DrawnList {
    const tree = treeOf(place);
    const items = tree?.type === "list" ? tree.items : [];
    const entries = items.map((_, i) => readEntry(inside(place, i), this.#catalog, this.#complaints));
    const scope = new Scope({ prefix, plain, inputs, trainable, chain }, entries, this.#complaints);
    // What the first entry takes: undefined where it has to say so itself.
    let above = inputs.size === 1 ? [...inputs.values()][0] : undefined;
    for (const [i, entry] of entries.entries()) {
      if (this.#isFull) break;
      const name = entry === null ? treeOf(inside(place, i, "name")) : undefined;
      if (name?.type === "scalar") scope.lose(String(name.value));
      above = entry === null ? null : this.#entry(entry, i, above, scope);
    }
    const last = this.#isFull || tree?.type !== "list" ? null : (above ?? null);
    if (output === undefined) return { result: last, scope };
    return { result: scope.find(output.name, output.place)?.result ?? null, scope };
  }

  /** @returns the node that is its result; null after a complaint. */
  #entry(entry: LayerEntry, index: number, above: string | null | undefined, scope: Scope): string | null {
    const from = this.#from(entry, index, above, scope);
    const made =
      "shared" in entry.does
        ? this.#share(entry, entry.does.shared, index, from, scope)
        : this.#repeat(entry, from, scope);
    if (entry.name !== undefined) scope.note(entry, entry.name, made);
    return made?.result ?? null;
  }

  /** Null after a complaint, here or above. */
  #from(entry: LayerEntry, index: number, above: string | null | undefined, scope: Scope): readonly string[] | null {
    if (entry.from === undefined) {
      if (above === undefined) {
        at(entry.place, this.#complaints).error(
          "missing-key",
          "the first entry needs `from` where there are several inputs",
          {
            expected: oneOf([...scope.outside.inputs.keys()]),
            fix: `Add \`from: ${[...scope.outside.inputs.keys()][0]}\`.`,
          },
        );
      }
      return typeof above === "string" ? [above] : null;
    }
    const isList = treeOf(inside(entry.place, "from"))?.type === "list";
    const found = entry.from.map((name, i) => {
      const place = isList ? inside(entry.place, "from", i) : inside(entry.place, "from");
      return scope.find(name, place, index)?.result ?? null;
    });
    return found.includes(null) ? null : (found as string[]);
  }

  /** One layer or block, or several of it one after the other. */
  #repeat(entry: LayerEntry, from: readonly string[] | null, scope: Scope): Made | null {
    const { kind, params } = entry.does as { kind: string; params: Place };
    const { repeat = 1 } = entry;
    if (repeat > 1 && from !== null && from.length > 1) {
      at(inside(entry.place, "repeat"), this.#complaints).error("wrong-value", "what is repeated takes one input", {
        received: `\`from\` with ${from.length} names`,
        expected: "one name: from the second time on it takes what it gave",
        fix: "Remove `repeat`, or join the inputs before it.",
      });
      return null;
    }
    const draw = this.#blocks.has(kind)
      ? this.#block(kind, params, entry, scope)
      : this.#layer(kind, params, entry, scope);
    let made: Made | null = null;
    for (let i = 0; i < repeat; i++) {
      if (draw === null || !this.#afford(entry)) return null;
      const own = entry.name === undefined || entry.repeat === undefined ? entry.name : `${entry.name}_${i + 1}`;
      const name = own === undefined ? scope.nextOf(kind, (taken) => this.#isTaken(taken)) : scope.full(own);
      made = draw(name, i === 0 ? from : made && [made.result]);
      if (own !== undefined && own !== entry.name) scope.note(entry, own, made);
    }
    return made;
  }

  #isTaken(name: string): boolean {
    return this.nodes.has(name) || this.groups.has(name);
  }

  #afford({ place }: LayerEntry): boolean {
    this.#entries++;
    if (this.#entries <= MAX_NODES) return true;
    if (!this.#isFull) {
      at(place, this.#complaints).error("too-many-layers", "the model has too many layers", {
        received: `more than ${MAX_NODES} layers and blocks, as \`repeat\` and blocks write them out`,
        expected: `at most ${MAX_NODES}`,
        fix: "Repeat less.",
      });
    }
    this.#isFull = true;
    return false;
  }

  /** Makes a layer of that name; null after a complaint. */
  #layer(written: string, place: Place, entry: LayerEntry, scope: Scope) {
    const bare = place === entry.place;
    const kind = this.#kindOf(written, place, bare);
    if (kind === null || this.#hasBranches(kind, place)) return null;
    const errors = this.#complaints.errorCount;
    const checked = { id: `layers/${kind}`, tree: place.root, path: place.path, what: `the layer \`${written}\`` };
    const params = this.#complaints.inBlock(place.uses, () =>
      checkSchema(checked, this.#catalog, this.#complaints, bare ? {} : undefined),
    ) as JsonObject;
    if (this.#complaints.errorCount > errors) return null;
    const trainable = scope.outside.trainable && entry.trainable;
    return (name: string, from: readonly string[] | null): Made | null => {
      if (this.#isTaken(name)) return null;
      this.nodes.set(name, { name, kind, params, from: from ?? [], trainable, place });
      return from && { result: name, nodes: [name], from };
    };
  }

  /** The full name of a layer; null after a complaint. */
  #kindOf(written: string, { root, path, uses }: Place, bare: boolean): string | null {
    const names = this.#catalog.names("layers");
    if (names.includes(written)) return written;
    if (isOwnKind("layers", written)) {
      const at = bare ? spanAt(root, path) : keySpanAt(root, path);
      return ownKindName("layers", written, at, this.#catalog, this.#complaints);
    }
    const all = [...this.#blocks.keys(), ...names];
    const unknown = { one: "layer", names: all, kind: written, tree: root, path, isKey: !bare };
    this.#complaints.inBlock(uses, () => complainOfUnknown(unknown, this.#complaints));
    return null;
  }

  /** The form of a list of lists, which graphs have replaced. */
  #hasBranches(kind: string, place: Place): boolean {
    const tree = treeOf(place);
    if (tree?.type !== "map" || !tree.entries.has("branches") || !["add", "concatenate"].includes(kind)) return false;
    at(inside(place, "branches"), this.#complaints).keyError(
      "branches-gone",
      "layers have no `branches` any more: they name what they take",
      {
        received: describe(toJson(tree)),
        expected: `entries with names, and - { ${kind}: {}, from: [a, b] }`,
        fix: `Write each branch as entries of this list, the first with \`from: <what all take>\`, the last with \`name: …\`; then \`- { ${kind}: {}, from: [<those names>] }\`.`,
      },
    );
    return true;
  }

  /** Makes the layers of a block under that name; null after a complaint. */
  #block(kind: string, place: Place, entry: LayerEntry, scope: Scope) {
    const block = this.#blocks.get(kind);
    const chain = [...scope.outside.chain, kind];
    if (!block || this.#isEndless(chain, place)) return null;
    const tree = this.#withParams(block, place, entry);
    if (tree === null) return null;
    const uses = [spanOf(place), ...place.uses];
    const root: Place = { root: tree, path: [], uses };
    return (name: string, from: readonly string[] | null): Made | null => {
      if (from !== null && from.length !== block.inputs.length) {
        this.#complainOfInputs(block, from.length, entry);
        return null;
      }
      if (this.#isTaken(name)) return null;
      const inputs = new Map(block.inputs.map((input, i) => [input, from?.[i] ?? null]));
      const before = this.nodes.size;
      const output = block.output === undefined ? undefined : { name: block.output, place: inside(root, "output") };
      const trainable = scope.outside.trainable && entry.trainable;
      const { result } = this.list(inside(root, "layers"), { prefix: name, inputs, trainable, chain, output });
      if (from === null || result === null) return null;
      const nodes = [...this.nodes.keys()].slice(before);
      this.groups.set(name, {
        nodes,
        ...(from.length === 1 && { input: from[0] as string }),
        output: result,
        block: kind,
      });
      return { result, nodes, from, block: { kind, name } };
    };
  }

  #isEndless(chain: readonly string[], place: Place): boolean {
    const last = chain.at(-1) as string;
    const circle = chain.indexOf(last) < chain.length - 1;
    if (!circle && chain.length <= MAX_DEPTH) return false;
    const details = {
      at: place.path.at(-1) === last ? keySpanAt(place.root, place.path) : spanOf(place),
      received: chain.slice(circle ? chain.indexOf(last) : -4).join(" → "),
      expected: "blocks of layers, and of blocks that do not use them",
      fix: "Use `repeat: …` for what comes several times.",
    };
    const use = at(place, this.#complaints);
    if (circle) use.error("block-cycle", "these blocks use each other in a circle", { ...details });
    else use.error("too-deep", `blocks stand in blocks more than ${MAX_DEPTH} levels deep`, { ...details });
    return true;
  }

  /** The block as this use of it means it; null after a complaint. */
  #withParams(block: Block, place: Place, entry: LayerEntry): MapTree | null {
    const written = treeOf(place);
    const bare = place === entry.place || (written?.type === "scalar" && written.value === null);
    if (!bare && written?.type !== "map") {
      at(place, this.#complaints).error("wrong-type", `the block \`${block.name}\` takes a mapping`, {
        received: describe(written && toJson(written)),
        expected: "a mapping of its params",
        fix: `Write \`${block.name}: {}\` where all of them have their defaults.`,
      });
      return null;
    }
    const given = written?.type === "map" && !bare ? written.entries : new Map<string, Entry>();
    const known = [...block.params.keys()];
    const unknown = [...given.keys()].filter((key) => !block.params.has(key));
    for (const key of unknown) {
      at(inside(place, key), this.#complaints).keyError(
        "unknown-key",
        `the block \`${block.name}\` has no param \`${key}\``,
        {
          expected: known.length > 0 ? oneOf(known) : "no params",
          fix: didYouMean(key, known) ?? "Remove it, or add it to the block's `params`.",
          related: [{ message: "the block", at: block.key }],
        },
      );
    }
    if (unknown.length > 0) return null;
    const params = new Map([...block.params, ...given]);
    return this.#complaints.inBlock([spanOf(place), ...place.uses], () =>
      substituteInBlock(block.tree, params, this.#budget, this.#complaints),
    );
  }

  #complainOfInputs({ name, inputs, key }: Block, count: number, entry: LayerEntry): void {
    const place = entry.from === undefined ? entry.place : inside(entry.place, "from");
    at(place, this.#complaints).error(
      "wrong-length",
      `the block \`${name}\` takes ${inputs.length} input${inputs.length === 1 ? "" : "s"}`,
      {
        received: `${count}`,
        expected: `from: [${inputs.join(", ")}]`,
        fix: "Let `from` name one for each of its `inputs`.",
        related: [{ message: "the block", at: key }],
      },
    );
  }

  /** What an entry above has become, once more with the same weights. */
  #share(entry: LayerEntry, shared: string, index: number, from: readonly string[] | null, scope: Scope): Made | null {
    const place = inside(entry.place, "shared");
    const made = scope.find(shared, place, index);
    if (!made || !this.#afford(entry)) return null;
    if (made.nodes.length === 0) {
      at(place, this.#complaints).error("wrong-value", `\`${shared}\` is an input, which has no weights to share`, {
        expected: "the name of a layer or block above",
        fix: "Name a layer.",
      });
      return null;
    }
    if (from === null) return null;
    if (from.length !== made.from.length) {
      at(place, this.#complaints).error(
        "wrong-length",
        `\`${shared}\` takes ${made.from.length} input${made.from.length === 1 ? "" : "s"}`,
        {
          received: `${from.length}`,
          expected: "as many as the entry that is shared takes",
          fix: "Let `from` name as many.",
        },
      );
      return null;
    }
    const first = this.nodes.get(made.nodes[0] as string) as DrawnNode;
    const kind = made.block?.kind ?? first.kind;
    const name =
      entry.name === undefined ? scope.nextOf(kind, (taken) => this.#isTaken(taken)) : scope.full(entry.name);
    return this.#isTaken(name) ? null : this.#copy(made, name, from, entry);
  }

  #copy(made: Made, name: string, from: readonly string[], entry: LayerEntry): Made | null {
    const place = inside(entry.place, "shared");
    const names = new Map(made.from.map((source, i) => [source, from[i] as string]));
    const renamed = (old: string) => (made.block === undefined ? name : name + old.slice(made.block.name.length));
    for (const old of made.nodes) {
      if (!this.#afford(entry)) return null;
      const node = this.nodes.get(old) as DrawnNode;
      names.set(old, renamed(old));
      this.nodes.set(renamed(old), {
        ...node,
        name: renamed(old),
        from: node.from.map((source) => names.get(source) ?? source),
        sharedWith: node.sharedWith ?? node.name,
        place: made.block === undefined ? place : { ...node.place, uses: [...node.place.uses, spanOf(place)] },
      });
    }
    const copied = (old: string) => names.get(old) ?? old;
    if (made.block !== undefined) this.#copyGroups(made.block.name, renamed, copied);
    const { kind } = made.block ?? {};
    const block = kind === undefined ? {} : { block: { kind, name } };
    return { result: copied(made.result), nodes: made.nodes.map(copied), from, ...block };
  }

  #copyGroups(within: string, renamed: (old: string) => string, copied: (old: string) => string): void {
    for (const [old, group] of [...this.groups]) {
      if (old !== within && !old.startsWith(`${within}/`)) continue;
      const { nodes, input, output, ...rest } = group;
      const ends = { ...(input && { input: copied(input) }), ...(output && { output: copied(output) }) };
      this.groups.set(renamed(old), { ...rest, nodes: nodes.map(copied), ...ends });
    }
  }
}
