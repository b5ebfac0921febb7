import { Composer, type CST, type Document, isAlias, isMap, isNode, isScalar, isSeq, type Node, Parser } from "yaml";
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
  const tokens = [...new Parser().parse(text)];
  const deepest = tooDeepToken(tokens);
  if (deepest !== null) {
    tooDeep({ source, start: deepest, end: deepest + 1 }, complaints);
    return null;
  }
  // Duplicate keys are found below, with both places.
  const options = { version: "1.2", uniqueKeys: false, prettyErrors: false, logLevel: "error" } as const;
  const [document, second] = [
    ...new Composer(options).compose(tokens, true, text.length),
  ] as readonly Document.Parsed[];
  if (document === undefined) throw new Error("the composer was told to make a document");
  const mistake = document.errors[0];
  if (mistake !== undefined) {
    // What follows the first syntax error is mostly its echo.
    complaints.error("yaml-syntax", syntaxMessage(mistake.message), {
      at: { source, start: mistake.pos[0], end: mistake.pos[1] },
      fix: syntaxFixes[mistake.code],
    });
    return null;
  }
  if (second !== undefined) {
    complaints.error("yaml-syntax", "the file holds several documents", {
      at: { source, start: second.range[0], end: second.range[1] },
      fix: "Keep one document in a file: remove the line `---`.",
    });
    return null;
  }
  return new Builder(source, document, complaints).build();
}

/**
 * Where the text is nested too deeply, or null. Asked before anything recursive sees it: what comes after the parser
 * would exhaust the stack, and V8 may then end the process.
 */
function tooDeepToken(tokens: readonly CST.Token[]): number | null {
  const open = tokens.map((token) => ({ token, depth: 0 }));
  for (let here = open.pop(); here !== undefined; here = open.pop()) {
    const { token, depth } = here;
    if (depth > maxDepth) return token.offset;
    const inside =
      token.type === "document"
        ? [token.value]
        : "items" in token
          ? (token.items as readonly CST.CollectionItem[]).flatMap((item) => [item.key, item.value])
          : [];
    for (const next of inside) if (next) open.push({ token: next, depth: depth + 1 });
  }
  return null;
}

function tooDeep(at: Span, complaints: Complaints): void {
  complaints.error("too-deep", "the values are nested too deeply", {
    at,
    expected: `at most ${maxDepth} levels`,
    fix: "Write it flatter.",
  });
}

function syntaxMessage(message: string): string {
  const line = (message.split("\n")[0] ?? "").replace(/\.$/, "");
  return `this is not YAML: ${line.charAt(0).toLowerCase()}${line.slice(1)}`;
}

const syntaxFixes: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: "Indent with spaces.",
  BAD_INDENT: "Indent the lines of one mapping or list alike, and close every bracket.",
  MISSING_CHAR: "Add the missing character.",
  BLOCK_AS_IMPLICIT_KEY: "Put quotes around a text that holds `: `, or start a new line.",
};

/** A built value, with all aliases written out. */
interface Built {
  readonly tree: Tree;
  /** How many values it is. */
  readonly size: number;
  /** How many levels are below it. */
  readonly height: number;
}

class Builder {
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
    const entries = new Map<string, Entry>();
    const values: Built[] = [];
    for (const pair of pairs) {
      const key = this.#key(pair.key, at);
      if (key === null) continue;
      const value = isNode(pair.value) ? this.#value(pair.value, depth + 1) : this.#empty(key.span.end);
      values.push(value);
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
    return { tree: { type: "map", entries, at }, ...extentOf(values) };
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

function extentOf(parts: readonly Built[]): { readonly size: number; readonly height: number } {
  return {
    size: parts.reduce((total, { size }) => total + size, 1),
    height: parts.reduce((highest, { height }) => Math.max(highest, height + 1), 0),
  };
}
