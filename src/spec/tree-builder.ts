import { type Document, isAlias, isMap, isNode, isScalar, isSeq, type Node } from "yaml";
import type { Complaints } from "./complaints.js";
import type { Source, Span } from "./source.js";
import { describe, type Entry, type MapTree, type Tree, toJson } from "./tree.js";

/** Values that one file may hold once its aliases are written out. An honest pipeline has some hundred. */
const maxValues = 20_000;
/** Deeper nesting than any pipeline needs; it bounds every recursion after this one. */
export const maxDepth = 64;

export function tooDeep(at: Span, complaints: Complaints): void {
  complaints.error("too-deep", "the values are nested too deeply", {
    at,
    expected: `at most ${maxDepth} levels`,
    fix: "Write it flatter.",
  });
}

/** A built value, with all aliases written out. */
interface Built {
  readonly tree: Tree;
  /** How many values it is. */
  readonly size: number;
  /** How many levels are below it. */
  readonly height: number;
}

/** Makes a tree of a parsed document: aliases shared, merge keys merged, duplicate keys and tags refused. */
export class TreeBuilder {
  readonly #source: Source;
  readonly #document: Document.Parsed;
  readonly #complaints: Complaints;
  /** Anchored nodes already built, so that an alias costs nothing. */
  readonly #built = new Map<Node, Built>();
  readonly #open = new Set<Node>();
  /** An alias means the last anchor of its name above it; values are built in the order of the text. */
  readonly #anchors = new Map<string, Node>();
  #failed = false;

  constructor(source: Source, document: Document.Parsed, complaints: Complaints) {
    this.#source = source;
    this.#document = document;
    this.#complaints = complaints;
  }

  build(): Tree | null {
    const { contents } = this.#document;
    const built = contents === null ? this.#empty(0) : this.#value(contents, 0);
    return this.#failed ? null : built.tree;
  }

  #value(node: Node, depth: number): Built {
    let built = this.#built.get(node);
    if (built === undefined) {
      this.#open.add(node);
      if ("anchor" in node && node.anchor !== undefined) this.#anchors.set(node.anchor, node);
      built = this.#fresh(node, depth);
      this.#open.delete(node);
      this.#built.set(node, built);
    }
    if (!this.#failed) this.#checkExtent(built, node, depth);
    return built;
  }

  /** Aliases can pile up small values to any size and any depth. */
  #checkExtent({ size, height }: Built, node: Node, depth: number): void {
    if (depth + height > maxDepth) {
      this.#failed = true;
      tooDeep(this.#span(node), this.#complaints);
    }
    if (size > maxValues) {
      this.#fail("alias-bomb", "with its aliases written out this is too many values", node, {
        received: `${size} values or more`,
        expected: `at most ${maxValues}`,
        fix: "Write less, or use fewer aliases inside one another.",
      });
    }
  }

  #fresh(node: Node, depth: number): Built {
    if ("tag" in node && typeof node.tag === "string") {
      this.#refuseTag(node);
      return this.#broken(node);
    }
    if (isAlias(node)) return this.#alias(node, node.source, depth);
    const at = this.#span(node);
    if (isScalar(node)) return { tree: { type: "scalar", value: this.#scalar(node), at }, size: 1, height: 0 };
    if (isSeq(node)) {
      const items = node.items.map((item) => (isNode(item) ? this.#value(item, depth + 1) : this.#empty(at.end)));
      return { tree: { type: "list", items: items.map((item) => item.tree), at }, ...extentOf(items) };
    }
    if (isMap(node)) return this.#map(node.items, at, depth);
    return this.#broken(node);
  }

  #refuseTag(node: Node): void {
    // The node's range begins after its properties.
    const { source, start } = this.#span(node);
    const properties = /(!\S*)(?:\s+&\S+)?\s*$/.exec(source.text.slice(0, start));
    const from = properties?.index ?? start;
    const tag = properties?.[1] ?? "a tag";
    this.#failed = true;
    this.#complaints.error("yaml-tag", "tags are not allowed", {
      at: { source, start: from, end: from + tag.length },
      received: tag,
      expected: "plain data",
      fix: "Remove the tag.",
    });
  }

  #alias(node: Node, name: string, depth: number): Built {
    const target = this.#anchors.get(name);
    if (target !== undefined && !this.#open.has(target)) return this.#value(target, depth);
    if (target === undefined) {
      this.#fail("unknown-alias", `nothing above has the anchor \`${name}\``, node, {
        fix: `Write \`&${name}\` before the value that is meant.`,
      });
    } else {
      this.#fail("alias-cycle", "this alias stands inside what it stands for", node, { fix: "Write the value out." });
    }
    return this.#broken(node);
  }

  #map(pairs: readonly { key: unknown; value: unknown }[], at: Span, depth: number): Built {
    const own = new Map<string, Entry>();
    const written: (string | readonly MapTree[])[] = [];
    const values: Built[] = [];
    let mergeKey: Span | undefined;
    for (const pair of pairs) {
      const key = this.#key(pair.key, at);
      if (key === null) continue;
      const merging = isMergeKey(pair.key);
      const first = merging ? mergeKey : own.get(key.name)?.key;
      const before = this.#complaints.errorCount;
      const value = isNode(pair.value) ? this.#value(pair.value, depth + 1) : this.#empty(key.span.end);
      values.push(value);
      if (first !== undefined) this.#refuseTwin(key.name, key.span, first, merging);
      else if (merging) {
        mergeKey = key.span;
        // What is wrong inside has been told.
        if (this.#complaints.errorCount === before) written.push(this.#merged(value.tree, key.span));
      } else {
        own.set(key.name, { key: key.span, value: value.tree });
        written.push(key.name);
      }
    }
    return { tree: { type: "map", entries: withMerged(own, written), at }, ...extentOf(values) };
  }

  #refuseTwin(name: string, at: Span, first: Span, merging: boolean): void {
    this.#failed = true;
    this.#complaints.error("duplicate-key", `the key \`${name}\` occurs twice`, {
      at,
      fix: merging ? "Put both into one list: `<<: [*a, *b]`." : "Remove one of the two.",
      related: [{ message: "the first one", at: first }],
    });
  }

  /** The mappings that `<<` brings in. */
  #merged(tree: Tree, key: Span): readonly MapTree[] {
    const maps = tree.type === "list" ? tree.items : [tree];
    const odd = maps.find((map) => map.type !== "map");
    if (odd === undefined) return maps as readonly MapTree[];
    this.#failed = true;
    this.#complaints.error("bad-merge", "`<<` takes a mapping, or a list of mappings", {
      at: odd.at.end > odd.at.start && odd.at.source === key.source ? odd.at : key,
      received: describe(toJson(odd)),
      expected: "the alias of a mapping, such as `<<: *defaults`",
      fix: "Give the mapping an anchor, `defaults: &defaults { … }`, and name that; another file is taken with `extends`.",
    });
    return [];
  }

  #key(key: unknown, map: Span): { readonly name: string; readonly span: Span } | null {
    const target = isAlias(key) ? this.#anchors.get(key.source) : key;
    if (isNode(key) && "anchor" in key && key.anchor !== undefined) this.#anchors.set(key.anchor, key);
    if (isNode(key) && isScalar(target) && ["string", "number", "boolean"].includes(typeof target.value)) {
      return { name: String(target.value), span: this.#span(key) };
    }
    const at = isNode(key) ? this.#span(key) : map;
    this.#failed = true;
    this.#complaints.error("bad-key", "a key is a plain word", {
      at: { ...at, end: at.start + 1 },
      received: isScalar(target) ? describe(null) : "a list or a mapping as a key",
      fix: "Write a word before the colon.",
    });
    return null;
  }

  #scalar(node: { readonly value: unknown } & Node): null | boolean | number | string {
    const { value } = node;
    if (typeof value === "number" && !Number.isFinite(value)) {
      this.#fail("not-finite", "this number is not finite", node, { fix: "Write a finite number." });
      return 0;
    }
    if (value === null || typeof value === "boolean" || typeof value === "number") return value;
    return String(value);
  }

  #fail(code: string, message: string, node: Node, details: { received?: string; expected?: string; fix: string }) {
    this.#failed = true;
    this.#complaints.error(code, message, { at: this.#span(node), ...details });
  }

  #broken(node: Node): Built {
    this.#failed = true;
    return { tree: { type: "scalar", value: null, at: this.#span(node) }, size: 1, height: 0 };
  }

  /** A key without a value, or an empty file. */
  #empty(at: number): Built {
    const tree: Tree = { type: "scalar", value: null, at: { source: this.#source, start: at, end: at } };
    return { tree, size: 1, height: 0 };
  }

  #span(node: Node): Span {
    const [start, end] = node.range ?? [0, 0];
    return { source: this.#source, start, end };
  }
}

/** As in YAML 1.1: plain, not quoted. */
function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.type === "PLAIN" && key.value === "<<";
}

/**
 * What was written, with the keys of merged mappings where `<<` stands. As YAML 1.1 has it, the mapping's own keys win,
 * wherever they stand, then the mapping that is named first; a value is taken whole.
 */
function withMerged(own: ReadonlyMap<string, Entry>, written: readonly (string | readonly MapTree[])[]) {
  const entries = new Map<string, Entry>();
  for (const part of written) {
    if (typeof part === "string") entries.set(part, own.get(part) as Entry);
    else {
      for (const [name, entry] of part.flatMap((map) => [...map.entries])) {
        if (!own.has(name) && !entries.has(name)) entries.set(name, entry);
      }
    }
  }
  return entries;
}

function extentOf(parts: readonly Built[]): { readonly size: number; readonly height: number } {
  return {
    size: parts.reduce((total, { size }) => total + size, 1),
    height: parts.reduce((highest, { height }) => Math.max(highest, height + 1), 0),
  };
}
