import { SETTING } from "../base/diagnostic.js";
import { didYouMean, oneOf, suggest } from "../base/suggest.js";
import type { Complaints } from "./complaints.js";
import { isRemoval, merge } from "./extends.js";
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
  const settings = args.flatMap((arg) => parseSetting(new Source(SETTING, cwd, arg), complaints) ?? []);
  complainOfTwins(settings, complaints);
  return settings;
}

function parseSetting(source: Source, complaints: Complaints): Setting | null {
  const { text } = source;
  const equals = text.indexOf("=");
  const path = text.slice(0, Math.max(0, equals)).split(".");
  if (equals < 1 || path.length > maxKeys || path.some((key) => key.trim() !== key || key === "")) {
    complaints.error("bad-set", "`--set` takes a path and a value", {
      at: { source, start: 0, end: text.length },
      expected: "params.name=value or stages.train.batchSize=64",
      fix: "Write the keys with dots between them, then `=` and the value.",
    });
    return null;
  }
  const keys = keySpans(source, path);
  const value = parseYaml(source, complaints, equals + 1);
  if (value === null || value.at.end > value.at.start) return value && { path, keys, value };
  complaints.error("bad-set", "`--set` was given no value", {
    at: { source, start: equals, end: text.length },
    expected: "a value behind `=`",
    fix: `Write \`${path.join(".")}=null\` to remove the key, or \`=""\` for an empty text.`,
  });
  return null;
}

function keySpans(source: Source, path: readonly string[]): Span[] {
  let start = 0;
  return path.map((key) => {
    const span = { source, start, end: start + key.length };
    start = span.end + 1;
    return span;
  });
}

/** All that a setting decides: paths down to values that are no mappings. Below an empty mapping others may add keys. */
function leavesOf(path: readonly string[], value: Tree): readonly (readonly string[])[] {
  if (value.type !== "map") return [path];
  if (value.entries.size === 0) return [[...path, ""]];
  return [...value.entries].flatMap(([key, entry]) => leavesOf([...path, key], entry.value));
}

/** Which of two values was meant is nothing to guess at. */
function complainOfTwins(settings: readonly Setting[], complaints: Complaints): void {
  const told: { readonly leaf: readonly string[]; readonly setting: Setting }[] = [];
  for (const setting of settings) {
    const leaves = leavesOf(setting.path, setting.value);
    const twin = told.find(({ leaf }) => leaves.some((other) => isWithin(leaf, other) || isWithin(other, leaf)));
    told.push(...leaves.map((leaf) => ({ leaf, setting })));
    if (twin === undefined) continue;
    complaints.error("duplicate-key", `\`${twin.leaf.filter(Boolean).join(".")}\` is set twice`, {
      at: wholePath(setting),
      fix: "Remove one of the two.",
      related: [{ message: "the first one", at: wholePath(twin.setting) }],
    });
  }
}

function isWithin(path: readonly string[], outer: readonly string[]): boolean {
  return outer.every((key, i) => path[i] === key);
}

function wholePath({ keys }: Setting): Span {
  const first = keys[0] as Span;
  return { ...first, end: (keys.at(-1) as Span).end };
}

/**
 * The tree with the settings in it. Params and stages are changed, not made; below them a key may be new, and whether
 * it is known is the schema's to say.
 */
export function applySettings(tree: MapTree, settings: readonly Setting[], complaints: Complaints): MapTree {
  let result = tree;
  for (const setting of settings) {
    if (isKnown(result, setting, complaints) && leadsThere(result, setting, complaints)) {
      result = setAt(result, setting, 0, complaints) as MapTree;
    }
  }
  return result;
}

const settable = ["params", "stages", "blocks", "seed", "description", "name"];

/** Groups of which one at a time is set, each with what one is called and how it is done. */
const groups: Readonly<Record<string, { readonly one: string; readonly example: string }>> = {
  params: { one: "param", example: "params.epochs=2" },
  stages: { one: "stage", example: "stages.train.epochs=2" },
  blocks: { one: "block", example: "blocks.residual.params.filters=8" },
};

function isKnown(tree: MapTree, { path, keys }: Setting, complaints: Complaints): boolean {
  const [first = "", second = ""] = path;
  if (!settable.includes(first)) {
    complaints.error("unknown-key", `\`${first}\` cannot be set`, {
      at: keys[0],
      expected: "params.…, stages.…, blocks.…, seed, description or name",
      fix: fixForTop(tree, path),
    });
    return false;
  }
  const group = Object.hasOwn(groups, first) ? groups[first] : undefined;
  if (group === undefined) return true;
  if (path.length === 1) {
    complaints.error("bad-set", `\`${first}\` cannot be set as a whole`, {
      at: keys[0],
      expected: `one of the ${first}`,
      fix: `Set one of them: \`--set ${group.example}\`.`,
    });
    return false;
  }
  const known = keysOf(childOf(tree, first));
  if (known.includes(second)) return true;
  const { one } = group;
  complaints.error(`unknown-${one}`, `there is no ${one} \`${second}\` to set`, {
    at: keys[1] ?? keys[0],
    expected: known.length > 0 ? oneOf(known) : `a pipeline with ${one}s`,
    fix: didYouMean(second, known) ?? `Add \`${second}\` to \`${first}\` in the YAML file first.`,
  });
  return false;
}

/** The beginning of the path may have been left out: `epochs=3`, `train.epochs=3`. */
function fixForTop(tree: MapTree, path: readonly string[]): string {
  const [first = ""] = path;
  if (first === "extends") return "Name another file on the command line instead.";
  if (["variants", "question", "baseline"].includes(first)) return "Write it in the comparison's file.";
  const whole = path.join(".");
  if (keysOf(childOf(tree, "params")).includes(first)) return `Did you mean params.${whole}?`;
  const stages = keysOf(childOf(tree, "stages"));
  if (stages.includes(first)) return `Did you mean stages.${whole}?`;
  const owners = stages.filter((stage) => keysOf(childOf(childOf(tree, "stages"), stage)).includes(first));
  if (owners.length > 0) return `Did you mean ${owners.map((stage) => `stages.${stage}.${whole}`).join(" or ")}?`;
  if (suggest(first, settable).length > 0) return didYouMean(first, settable) as string;
  return `Write \`stages.<stage>.${first}\` for a parameter of a stage.`;
}

function keysOf(tree: Tree | undefined): readonly string[] {
  return tree?.type === "map" ? [...tree.entries.keys()] : [];
}

/** An item of a list is named by its number and must be there; nothing lies below a `${…}` before it has its value. */
function leadsThere(tree: MapTree, { path, keys }: Setting, complaints: Complaints): boolean {
  let inner: Tree | undefined = tree;
  for (const [depth, key] of path.entries()) {
    const here = path.slice(0, depth).join(".");
    if (inner?.type === "list" && !(/^\d+$/.test(key) && Number(key) < inner.items.length)) {
      complaints.error("bad-set", `the list \`${here}\` has no item ${key}`, {
        at: keys[depth],
        expected: inner.items.length === 0 ? "a list with items" : `a number from 0 to ${inner.items.length - 1}`,
        fix: `Name an item by its number, or set the whole list: \`${here}=[…]\`.`,
      });
      return false;
    }
    const param = inner?.type === "scalar" ? paramIn(inner.value) : undefined;
    if (param !== undefined) {
      complaints.error("bad-set", `\`${here}\` is the value of a param`, {
        at: keys[depth],
        received: `\${params.${param}}`,
        expected: "a mapping or a list that is written there",
        fix: `Set the param: \`params.${[param, ...path.slice(depth)].join(".")}\`.`,
      });
      return false;
    }
    inner = inner === undefined ? undefined : childOf(inner, key);
  }
  return true;
}

function paramIn(value: unknown): string | undefined {
  return typeof value === "string" ? /^\$\{ *params\.([^}\s]+) *\}$/.exec(value)?.[1] : undefined;
}

/** `value` at the end of the path, merged as `extends` does. */
function setAt(tree: Tree | undefined, setting: Setting, depth: number, complaints: Complaints): Tree {
  const { path, keys, value } = setting;
  const key = path[depth];
  if (key === undefined)
    return tree?.type === "map" && value.type === "map" ? merge(tree, value, complaints, path) : value;
  const at = keys[depth] as Span;
  if (tree?.type === "list" && /^\d+$/.test(key) && Number(key) < tree.items.length) {
    const inner = setAt(childOf(tree, key), setting, depth + 1, complaints);
    return { ...tree, items: tree.items.map((item, i) => (i === Number(key) ? inner : item)) };
  }
  const base: MapTree = tree?.type === "map" ? tree : { type: "map", entries: new Map(), at };
  if (depth === path.length - 1 && isRemoval(value)) {
    const removal: MapTree = { type: "map", entries: new Map([[key, { key: at, value }]]), at };
    return merge(base, removal, complaints, path.slice(0, depth));
  }
  const inner = setAt(childOf(tree, key), setting, depth + 1, complaints);
  const entries = new Map(base.entries).set(key, { key: at, value: inner });
  return { type: "map", entries, at: base.at, own: new Set([key]) };
}
