import { didYouMean, oneOf } from "../base/suggest.js";
import type { Complaints } from "./complaints.js";
import type { Span } from "./source.js";
import { describe, type Entry, type MapTree, type ScalarTree, type Tree, toJson } from "./tree.js";

/** `${…}`, and `$${` which stands for a plain `${`. */
const expression = /\$\$\{|\$\{([^}]*)\}?/g;

/** What references to the pipeline's params, and to a block's own, begin with. */
type Owner = "params" | "block";
const references: Readonly<Record<Owner, RegExp>> = {
  params: /^params\.([A-Za-z_][A-Za-z0-9_-]*)$/,
  block: /^block\.([A-Za-z_][A-Za-z0-9_-]*)$/,
};
const ofBlock = /^\s*block\./;

/** How much all replaced values may come to, in values and in hundreds of characters. */
const budget = 20_000;

/** Keys of a pipeline in which nothing is replaced: `params` are values, not expressions. */
const verbatim = new Set(["params"]);

/**
 * Replaces `${params.x}`: alone in a scalar it becomes the param's value with its type; within a text it becomes text.
 * Complains of params that are not there, and warns of those that are not used.
 */
export function substituteParams(tree: MapTree, complaints: Complaints): MapTree {
  const group = tree.entries.get("params")?.value;
  const params = group?.type === "map" ? group.entries : new Map<string, Entry>();
  const substitution = new Substitution("params", params, complaints);
  const entries = new Map<string, Entry>();
  for (const [key, entry] of tree.entries) {
    entries.set(key, { key: entry.key, value: replaced(key, entry.value, substitution) });
  }
  substitution.warnOfUnused();
  return { ...tree, entries };
}

function replaced(key: string, value: Tree, substitution: Substitution): Tree {
  if (verbatim.has(key)) return substitution.refuse(value);
  return key === "blocks" ? substitution.replaceAround(value) : substitution.replace(value);
}

/** How much the references of all blocks of a model may still come to. */
export interface Budget {
  spent: number;
}

/** Replaces `${block.x}` in a block, whose references to the pipeline's params are replaced already. */
export function substituteInBlock(
  tree: MapTree,
  params: ReadonlyMap<string, Entry>,
  spent: Budget,
  complaints: Complaints,
): MapTree {
  const substitution = new Substitution("block", params, complaints, spent);
  const replaced = substitution.replace(tree) as MapTree;
  substitution.warnOfUnused();
  return replaced;
}

/** Complains of references where only plain values may stand. */
export function refuseReferences(tree: Tree, complaints: Complaints): void {
  new Substitution("block", new Map(), complaints).refuse(tree);
}

class Substitution {
  readonly #owner: Owner;
  readonly #params: ReadonlyMap<string, Entry>;
  readonly #complaints: Complaints;
  readonly #used = new Set<string>();
  readonly #undefined = new Set<string>();
  readonly #sizes = new Map<string, number>();
  readonly #budget: Budget;
  #keepsBlocks = false;
  #firstBeyond: Span | undefined;

  constructor(owner: Owner, params: ReadonlyMap<string, Entry>, complaints: Complaints, spent: Budget = { spent: 0 }) {
    this.#owner = owner;
    this.#params = params;
    this.#complaints = complaints;
    this.#budget = spent;
  }

  /** In blocks, `${block.x}` and `$${` wait until the block is used. */
  replaceAround(tree: Tree): Tree {
    this.#keepsBlocks = true;
    const replaced = this.replace(tree);
    this.#keepsBlocks = false;
    return replaced;
  }

  replace(tree: Tree): Tree {
    if (tree.type === "list") return { ...tree, items: tree.items.map((item) => this.replace(item)) };
    if (tree.type === "map") {
      const entries = [...tree.entries].map(
        ([key, { key: at, value }]) => [key, { key: at, value: this.replace(value) }] as const,
      );
      return { ...tree, entries: new Map(entries) };
    }
    return typeof tree.value === "string" && tree.value.includes("${") ? this.#text(tree, tree.value) : tree;
  }

  /** Params are plain values. */
  refuse(tree: Tree): Tree {
    if (tree.type === "list") tree.items.forEach((item) => void this.refuse(item));
    else if (tree.type === "map") for (const { value } of tree.entries.values()) this.refuse(value);
    else if (typeof tree.value === "string" && /(?<!\$)\$\{/.test(tree.value)) {
      this.#complaints.error("bad-reference", "a param cannot be made from others", {
        at: tree.at,
        received: describe(tree.value),
        expected: "a plain value",
        fix: "Write the value itself.",
      });
    }
    return tree;
  }

  /** A warning: a child may have replaced the layers that used a param. */
  warnOfUnused(): void {
    for (const [name, { key }] of this.#params) {
      // A name that no reference can have is refused as such.
      if (this.#used.has(name) || !references.params.test(`params.${name}`)) continue;
      // Most likely what a misspelled reference meant, which has been told.
      if ([...this.#undefined].some((meant) => didYouMean(meant, [name]) !== undefined)) continue;
      this.#complaints.warn("unused-param", `the param \`${name}\` is used nowhere`, {
        at: key,
        expected: `\`\${${this.#owner}.${name}}\` somewhere in this ${this.#owner === "block" ? "block" : "pipeline"}`,
        // An override of a param that is misspelled leaves the real one as it was.
        fix: didYouMean(name, this.#used) ?? `Use it, or remove it: \`${name}: null\` removes one that is inherited.`,
      });
    }
  }

  #text(tree: ScalarTree, text: string): Tree {
    const before = this.#complaints.errorCount;
    const replaced = this.#replaced(tree, text);
    if (this.#complaints.errorCount > before) this.#complaints.close(tree.at);
    return replaced;
  }

  #replaced(tree: ScalarTree, text: string): Tree {
    const alone = /^\$\{([^}]*)\}$/.exec(text);
    if (alone) {
      if (this.#waits(alone[1] as string)) return tree;
      const value = this.#lookUp(alone[1] as string, tree.at);
      return value === undefined ? tree : { ...value, usedAt: tree.at };
    }
    const replaced = text.replace(expression, (whole, inner?: string) => {
      if (inner === undefined) return this.#keepsBlocks ? whole : "${";
      if (this.#waits(inner)) return whole;
      const value = whole.endsWith("}") ? this.#lookUp(inner, tree.at) : this.#malformed(whole, tree.at);
      return value === undefined ? whole : this.#asText(value, inner, tree.at);
    });
    return { ...tree, value: replaced };
  }

  #waits(inner: string): boolean {
    return this.#keepsBlocks && ofBlock.test(inner);
  }

  #lookUp(inner: string, at: Span): Tree | undefined {
    const name = references[this.#owner].exec(inner.trim())?.[1];
    if (name === undefined) return this.#malformed(`\${${inner}}`, at);
    const entry = this.#params.get(name);
    (entry === undefined ? this.#undefined : this.#used).add(name);
    if (entry !== undefined) return this.#afford(name, entry.value, at) ? entry.value : undefined;
    this.#complaints.error("undefined-param", `there is no param \`${name}\``, {
      at,
      received: `\${${this.#owner}.${name}}`,
      expected:
        this.#params.size > 0
          ? oneOf([...this.#params.keys()])
          : `a ${this.#owner === "block" ? "block" : "pipeline"} with \`params\``,
      fix:
        didYouMean(name, this.#params.keys()) ??
        `Add \`${name}\` to \`params\`${this.#owner === "block" ? " of the block" : ""}.`,
    });
    return undefined;
  }

  /** Large values in many places grow like an alias bomb. */
  #afford(name: string, value: Tree, at: Span): boolean {
    let size = this.#sizes.get(name);
    if (size === undefined) {
      size = sizeOf(value);
      this.#sizes.set(name, size);
    }
    this.#budget.spent += size;
    if (this.#budget.spent <= budget) return true;
    this.#complaints.error("alias-bomb", "the params stand for too many values", {
      at: this.#firstBeyond ?? at,
      fix: "Use fewer or smaller params.",
    });
    this.#firstBeyond ??= at;
    return false;
  }

  #malformed(received: string, at: Span): undefined {
    this.#complaints.error("bad-reference", "this is not a reference to a param", {
      at,
      received,
      expected: this.#owner === "block" || this.#keepsBlocks ? "${params.name} or ${block.name}" : "${params.name}",
      fix: ofBlock.test(received.slice(2))
        ? "`${block.…}` stands in the layers of a block: use `${params.…}` here."
        : "Name a param, or write `$${` for a plain `${`.",
    });
    return undefined;
  }

  #asText(value: Tree, inner: string, at: Span): string {
    if (value.type === "scalar") return String(value.value);
    this.#complaints.error("bad-reference", "only a single value can stand within a text", {
      at,
      received: `${inner.trim()} is ${describe(toJson(value))}`,
      expected: "a number, a text, true or false",
      fix: "Let the expression stand alone.",
    });
    return "";
  }
}

function sizeOf(tree: Tree): number {
  if (tree.type === "list") return tree.items.reduce((total, item) => total + sizeOf(item), 1);
  if (tree.type === "map") return [...tree.entries.values()].reduce((total, { value }) => total + sizeOf(value), 1);
  return 1 + Math.floor(String(tree.value).length / 100);
}
