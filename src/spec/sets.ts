import { didYouMean, oneOf } from "../base/suggest.js";
import type { Complaints } from "./complaints.js";
import { merge } from "./extends.js";
import { parseYaml } from "./parse.js";
import { Source, type Span } from "./source.js";
import { childOf, type MapTree, type Tree } from "./tree.js";

const maxKeys = 32;

/** One `--set key.key=value`, parsed. */
export interface Setting {
  readonly path: readonly string[];
  /** Where each key stands in the argument. */
  readonly keys: readonly Span[];
  readonly value: Tree;
}

/** The arguments of `--set`; each is a source of its own, so that complaints point into it. */
export function parseSettings(args: readonly string[], cwd: string, complaints: Complaints): readonly Setting[] {
  return args.flatMap((arg) => {
    const source = new Source("--set", cwd, arg);
    const equals = arg.indexOf("=");
    const path = arg.slice(0, Math.max(0, equals)).split(".");
    if (equals < 1 || path.length > maxKeys || path.some((key) => key.trim() !== key || key === "")) {
      complaints.error("bad-set", "`--set` takes a path and a value", {
        at: { source, start: 0, end: arg.length },
        expected: "params.name=value or stages.train.batchSize=64",
        fix: "Write the keys with dots between them, then `=` and the value.",
      });
      return [];
    }
    const value = parseYaml(source, complaints, equals + 1);
    return value === null ? [] : [{ path, keys: keySpans(source, path), value }];
  });
}

function keySpans(source: Source, path: readonly string[]): Span[] {
  let start = 0;
  return path.map((key) => {
    const span = { source, start, end: start + key.length };
    start = span.end + 1;
    return span;
  });
}

/** The tree with the settings in it. Only what exists can be set, but for parameters of a stage that were left out. */
export function applySettings(tree: MapTree, settings: readonly Setting[], complaints: Complaints): MapTree {
  let result = tree;
  for (const setting of settings) {
    if (isKnown(result, setting, complaints)) result = setAt(result, setting, 0) as MapTree;
  }
  return result;
}

const settable = ["params", "stages", "seed", "description", "name"];

function isKnown(tree: MapTree, { path, keys }: Setting, complaints: Complaints): boolean {
  const [first = "", second = ""] = path;
  if (!settable.includes(first)) {
    complaints.error("unknown-key", `\`${first}\` cannot be set`, {
      at: keys[0],
      expected: "params.…, stages.…, seed, description or name",
      fix: didYouMean(first, settable) ?? `Write \`stages.<stage>.${first}\` for a parameter of a stage.`,
    });
    return false;
  }
  if (first !== "params" && first !== "stages") return true;
  if (path.length === 1) {
    complaints.error("bad-set", `\`${first}\` cannot be set as a whole`, {
      at: keys[0],
      fix: `Set one of them: \`--set ${first === "params" ? "params.epochs=2" : "stages.train.epochs=2"}\`.`,
    });
    return false;
  }
  const group = childOf(tree, first);
  const known = group?.type === "map" ? [...group.entries.keys()] : [];
  if (known.includes(second)) return hasItems(tree, path, keys, complaints);
  const one = first === "params" ? "param" : "stage";
  complaints.error(`unknown-${one}`, `there is no ${one} \`${second}\` to set`, {
    at: keys[1] ?? keys[0],
    expected: known.length > 0 ? oneOf(known) : `a pipeline with ${one}s`,
    fix: didYouMean(second, known) ?? `Add \`${second}\` to \`${first}\` in the YAML file first.`,
  });
  return false;
}

/** An item of a list is named by its number; one that is not there cannot be set. */
function hasItems(tree: MapTree, path: Setting["path"], keys: Setting["keys"], complaints: Complaints): boolean {
  let inner: Tree | undefined = tree;
  for (const [depth, key] of path.entries()) {
    if (inner?.type === "list" && !(/^\d+$/.test(key) && Number(key) < inner.items.length)) {
      complaints.error("bad-set", `the list \`${path.slice(0, depth).join(".")}\` has no item ${key}`, {
        at: keys[depth],
        expected: inner.items.length === 0 ? "a list with items" : `a number from 0 to ${inner.items.length - 1}`,
      });
      return false;
    }
    inner = inner === undefined ? undefined : childOf(inner, key);
  }
  return true;
}

function setAt(tree: Tree | undefined, setting: Setting, depth: number): Tree {
  const { path, keys, value } = setting;
  const key = path[depth];
  if (key === undefined) return tree?.type === "map" && value.type === "map" ? merge(tree, value) : value;
  const inner = setAt(childOf(tree, key), setting, depth + 1);
  const at = keys[depth] as Span;
  if (tree?.type === "list" && /^\d+$/.test(key) && Number(key) < tree.items.length) {
    return { ...tree, items: tree.items.map((item, i) => (i === Number(key) ? inner : item)) };
  }
  const base: MapTree = tree?.type === "map" ? tree : { type: "map", entries: new Map(), at };
  const entries = new Map(base.entries).set(key, { key: at, value: inner });
  return { type: "map", entries, at: base.at, own: new Set([key]) };
}
