import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type ParsedNode,
  parseDocument,
} from "yaml";
import type { Complaints } from "./complaints.js";
import type { Source, Span } from "./source.js";
import { describe, type Entry, type Tree } from "./tree.js";

/** Values that one file may hold once its aliases are written out. An honest pipeline has some hundred. */
const maxValues = 20_000;
/** Deeper nesting than any pipeline needs; it bounds every recursion after this one. */
const maxDepth = 64;

/**
 * YAML 1.2 text → tree, or null after a complaint. YAML is data here: a tag of any kind is refused, and aliases are
 * shared, not copied, with their written-out size bounded.
 *
 * @param offset where in the source the text begins; what is before it is not YAML (`--set key=`).
 */
export function parseYaml(source: Source, complaints: Complaints, offset = 0): Tree | null {
  // Spaces in front keep all offsets, whatever the text before was.
  const text = offset === 0 ? source.text : " ".repeat(offset) + source.text.slice(offset);
  const document = parseText(text);
  if (document === null) return tooDeep(source, complaints, { source, start: offset, end: offset + 1 });
  const mistake = document.errors[0];
  if (mistake !== undefined) {
    // What follows the first syntax error is mostly its echo.
    complaints.error("yaml-syntax", syntaxMessage(mistake.message), {
      at: { source, start: mistake.pos[0], end: mistake.pos[1] },
      fix: syntaxFixes[mistake.code],
    });
    return null;
  }
  return new Builder(source, document, complaints).build();
}

function parseText(text: string): Document.Parsed<ParsedNode> | null {
  try {
    // Duplicate keys are found below, with both places.
    return parseDocument(text, { version: "1.2", uniqueKeys: false, prettyErrors: false, logLevel: "silent" });
  } catch (error) {
    // The library's composer is recursive: thousands of nested brackets exhaust the stack.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function tooDeep(_source: Source, complaints: Complaints, at: Span): null {
  complaints.error("too-deep", "the values are nested too deeply", {
    at,
    expected: `at most ${maxDepth} levels`,
    fix: "Write it flatter.",
  });
  return null;
}

function syntaxMessage(message: string): string {
  const line = (message.split("\n")[0] ?? "").replace(/\.$/, "");
  return `this is no YAML: ${line.charAt(0).toLowerCase()}${line.slice(1)}`;
}

const syntaxFixes: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: "Indent with spaces.",
  BAD_INDENT: "Indent the lines of one mapping or list alike.",
  MULTIPLE_DOCS: "Keep one document in a file: remove the line `---`.",
  MISSING_CHAR: "Add the missing character.",
  BLOCK_AS_IMPLICIT_KEY: "Put quotes around a text that holds `: `, or start a new line.",
};

/** A built value and how many values it is with all aliases written out. */
interface Built {
  readonly tree: Tree;
  readonly size: number;
}

class Builder {
  readonly #source: Source;
  readonly #document: Document.Parsed<ParsedNode>;
  readonly #complaints: Complaints;
  /** Anchored nodes already built, so that an alias costs nothing. */
  readonly #built = new Map<Node, Built>();
  readonly #open = new Set<Node>();
  #failed = false;

  constructor(source: Source, document: Document.Parsed<ParsedNode>, complaints: Complaints) {
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
    const known = this.#built.get(node);
    if (known) return known;
    if (depth > maxDepth) {
      tooDeep(this.#source, this.#complaints, this.#span(node));
      return this.#broken(node);
    }
    this.#open.add(node);
    const built = this.#fresh(node, depth);
    this.#open.delete(node);
    this.#built.set(node, built);
    if (built.size > maxValues && !this.#failed) {
      this.#fail("alias-bomb", "the aliases stand for too many values", node, {
        received: `${built.size} values or more`,
        expected: `at most ${maxValues}`,
        fix: "Use fewer aliases inside one another.",
      });
    }
    return built;
  }

  #fresh(node: Node, depth: number): Built {
    if ("tag" in node && typeof node.tag === "string") {
      this.#refuseTag(node);
      return this.#broken(node);
    }
    if (isAlias(node)) return this.#alias(node, depth);
    const at = this.#span(node);
    if (isScalar(node)) return { tree: { type: "scalar", value: this.#scalar(node), at }, size: 1 };
    if (isSeq(node)) {
      const items = node.items.map((item) => (isNode(item) ? this.#value(item, depth + 1) : this.#empty(at.end)));
      return { tree: { type: "list", items: items.map((item) => item.tree), at }, size: sum(items) };
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

  #alias(node: Node, depth: number): Built {
    const target = isAlias(node) ? node.resolve(this.#document) : undefined;
    if (target === undefined || this.#open.has(target)) {
      this.#fail("alias-cycle", "this alias stands inside what it stands for", node, {
        fix: "Write the value out.",
      });
      return this.#broken(node);
    }
    return this.#value(target, depth);
  }

  #map(pairs: readonly { key: unknown; value: unknown }[], at: Span, depth: number): Built {
    const entries = new Map<string, Entry>();
    let size = 1;
    for (const pair of pairs) {
      const key = this.#key(pair.key, at);
      if (key === null) continue;
      const value = isNode(pair.value) ? this.#value(pair.value, depth + 1) : this.#empty(key.span.end);
      size += value.size;
      const first = entries.get(key.name);
      if (first) {
        this.#failed = true;
        this.#complaints.error("duplicate-key", `the key \`${key.name}\` is there twice`, {
          at: key.span,
          fix: "Remove one of the two.",
          related: [{ message: "the first one", at: first.key }],
        });
      } else entries.set(key.name, { key: key.span, value: value.tree });
    }
    return { tree: { type: "map", entries, at }, size };
  }

  #key(key: unknown, map: Span): { readonly name: string; readonly span: Span } | null {
    const target = isAlias(key) ? key.resolve(this.#document) : key;
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
    return { tree: { type: "scalar", value: null, at: this.#span(node) }, size: 1 };
  }

  /** A key without a value, or an empty file. */
  #empty(at: number): Built {
    const tree: Tree = { type: "scalar", value: null, at: { source: this.#source, start: at, end: at } };
    return { tree, size: 1 };
  }

  #span(node: Node): Span {
    const [start, end] = node.range ?? [0, 0];
    return { source: this.#source, start, end };
  }
}

function sum(parts: readonly Built[]): number {
  return parts.reduce((total, part) => total + part.size, 1);
}
