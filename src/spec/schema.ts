import type { Json, JsonPath } from "../base/json.js";
import { didYouMean, oneOf, shorten, withArticle } from "../base/suggest.js";
import type { Catalog, Family } from "../catalog/types.js";
import type { Select } from "../gen/tables.js";
import type { Complaints } from "./complaints.js";
import { checkName } from "./names.js";
import { isOwnKind, ownKindName, pathHint } from "./own-kinds.js";
import { type Checked, complainOfSchema, placeOf } from "./schema-errors.js";
import { describe, keySpanAt, spanAt, type Tree, toJson, treeAt } from "./tree.js";

/** JSON under construction: defaults and kinds are written into it. */
type Draft = null | boolean | number | string | Draft[] | { [key: string]: Draft };

/**
 * Complains of a mapping that does not fit its schema, and returns it with defaults filled in and kinds written out.
 *
 * @param value what to check in place of what stands there: a kind's bare name stands for no parameters.
 */
export function checkSchema(
  checked: Checked,
  catalog: Catalog,
  complaints: Complaints,
  value: Json = toJson(treeAt(checked.tree, checked.path) as Tree),
): Json {
  return new SchemaCheck(checked.tree, catalog, complaints).whole(checked, value as Draft);
}

interface Unknown {
  /** What kinds of this folder are called. */
  readonly one: string;
  readonly names: readonly string[];
  readonly kind: Json;
  readonly tree: Tree;
  readonly path: JsonPath;
  /** The kind's name is the key at the end of the path, not the value there. */
  readonly isKey: boolean;
}

/** Complains of a kind that is not there. */
export function complainOfUnknown({ one, names, kind, tree, path, isKey }: Unknown, complaints: Complaints): void {
  const place = isKey ? { at: keySpanAt(tree, path) } : placeOf(tree, path);
  const text = typeof kind === "string" ? kind : "";
  complaints.error(`unknown-${one}`, text === "" ? `this is no ${one}` : `there is no ${one} \`${shorten(text)}\``, {
    ...place,
    received: describe(kind),
    expected: names.length > 12 ? `one of the ${names.length} ${one}s in docs/yaml.md` : oneOf(names),
    fix: pathHint(text) ?? didYouMean(text, names) ?? `Write the name of ${withArticle(one)}.`,
  });
}

/**
 * Checks in two steps, by kind: a mapping by its own schema, which leaves open what stands where a kind is named; then
 * each kind by the schema that its name selects. So there is no union in any schema, and one mistake gives one message.
 */
class SchemaCheck {
  readonly #tree: Tree;
  readonly #catalog: Catalog;
  readonly #complaints: Complaints;

  constructor(tree: Tree, catalog: Catalog, complaints: Complaints) {
    this.#tree = tree;
    this.#catalog = catalog;
    this.#complaints = complaints;
  }

  whole(checked: Checked, value: Draft): Draft {
    const { select } = this.#catalog.schema(checked.id).facts;
    return select === undefined ? this.#own(checked, value) : this.#selected(checked, value, select);
  }

  #own(checked: Checked, value: Draft): Draft {
    const { facts, validate } = this.#catalog.schema(checked.id);
    if (!validate(value)) complainOfSchema(validate.errors ?? [], checked, facts, this.#complaints);
    for (const place of facts.names) {
      for (const { path, value: name } of instances(value, place)) {
        const full = [...checked.path, ...path];
        const { at } = placeOf(this.#tree, full);
        if (typeof name === "string") checkName(name, `\`${path.at(-1)}\` of ${checked.what}`, at, this.#complaints);
      }
    }
    for (const { place, folder, unless } of facts.kinds) {
      for (const { path, value: inner, replace } of instances(value, place)) {
        if (place === "*" && facts.keys[""]?.includes(String(path[0]))) continue;
        replace(this.#kind(folder, unless, [...checked.path, ...path], inner));
      }
    }
    return value;
  }

  /** The key's value names the schema of the whole mapping. */
  #selected(checked: Checked, value: Draft, select: Select): Draft {
    const { one, names } = this.#family(select.folder);
    const path = [...checked.path, select.key];
    const kind = isMapping(value) ? (value[select.key] ?? kindWithout(value, select)) : undefined;
    if (kind === undefined) {
      this.#complaints.error("missing-key", `${checked.what} needs \`${select.key}\``, {
        at: spanAt(this.#tree, checked.path),
        expected: `${select.key}: ${names.join(" | ")}`,
        fix: `Add \`${select.key}: …\`.`,
      });
      return value;
    }
    if (typeof kind !== "string" || !names.includes(kind)) {
      this.#unknown(one, names, kind, path, false);
      return value;
    }
    return this.#own({ ...checked, id: `${select.folder}/${kind}` }, value);
  }

  /** `flatten` or `{ dense: { … } }` → always the mapping, its parameters complete. */
  #kind(folder: string, unless: string | undefined, path: JsonPath, value: Draft): Draft {
    if (unless !== undefined && this.#isOther(folder, unless, path, value)) {
      return this.#own({ id: unless, tree: this.#tree, path, what: `\`${path.at(-1)}\`` }, value);
    }
    const { one, names } = this.#family(folder);
    if (typeof value === "string") return this.#named(folder, one, names, value, {}, path, path);
    if (!isMapping(value)) {
      this.#complaints.error("wrong-type", `this is no ${one}`, {
        ...placeOf(this.#tree, path),
        received: describe(value as Json),
        expected: `${withArticle(one)}'s name, or a mapping such as { ${names[0]}: { … } }`,
        fix: `Write the name of ${withArticle(one)}.`,
      });
      return value;
    }
    const key = this.#onlyKey(value, path);
    if (key === undefined) {
      const known = Object.keys(value).find((name) => names.includes(name)) ?? names[0];
      this.#complaints.error("one-kind", `${withArticle(one)} is a mapping with one key, its name`, {
        ...placeOf(this.#tree, path),
        received: describe(value as Json),
        expected: `{ ${known}: { … } }`,
        fix: "Put the parameters in a mapping under the name, and each one in its own entry.",
      });
      return value;
    }
    return this.#named(folder, one, names, key, value[key] as Draft, path, [...path, key]);
  }

  #named(
    folder: string,
    one: string,
    names: readonly string[],
    kind: string,
    params: Draft,
    path: JsonPath,
    paramsPath: JsonPath,
  ): Draft {
    const name = this.#nameOf(folder, names, kind, paramsPath, paramsPath !== path);
    if (name === null) return {};
    const what = `the ${one} \`${kind}\``;
    const checked = { id: `${folder}/${name}`, tree: this.#tree, path: paramsPath, what };
    return { [name]: this.whole(checked, params) };
  }

  /** The full name of a kind, or null after a complaint. */
  #nameOf(folder: string, names: readonly string[], kind: string, path: JsonPath, isKey: boolean): string | null {
    if (names.includes(kind)) return kind;
    if (isOwnKind(folder, kind)) {
      const at = isKey ? keySpanAt(this.#tree, path) : spanAt(this.#tree, path);
      return ownKindName(folder, kind, at, this.#catalog, this.#complaints);
    }
    this.#unknown(this.#catalog.one(folder as Family), names, kind, path, isKey);
    return null;
  }

  #unknown(one: string, names: readonly string[], kind: Draft, path: JsonPath, isKey: boolean): void {
    complainOfUnknown({ one, names, kind, tree: this.#tree, path, isKey }, this.#complaints);
  }

  /**
   * The kind of a mapping. After `extends`, `optimizer: { sgd: … }` over `optimizer: { adam: … }` has both keys; the
   * one that was written last is meant.
   */
  #onlyKey(value: Record<string, Draft>, path: JsonPath): string | undefined {
    const keys = Object.keys(value);
    if (keys.length === 1) return keys[0];
    const own = this.#ownKeys(path);
    return own.length === 1 ? own[0] : undefined;
  }

  #family(folder: string): { readonly one: string; readonly names: readonly string[] } {
    const family = folder as Family;
    return { one: this.#catalog.one(family), names: this.#catalog.names(family) };
  }

  /** Reports, in a mapping by the user's names (such as outputs), the values that are no kind. */
  #isOther(folder: string, unless: string, path: JsonPath, value: Draft): boolean {
    if (!isMapping(value)) return false;
    const { facts } = this.#catalog.schema(unless);
    const { names } = this.#family(folder);
    const isOpen = facts.kinds.some(({ place }) => place === "*");
    const keys = facts.keys[""] ?? [];
    const others = Object.keys(value).filter((key) => keys.includes(key) || (isOpen && !names.includes(key)));
    return others.length > 0 && this.#overridingKind(names, path) === undefined;
  }

  #overridingKind(names: readonly string[], path: JsonPath): string | undefined {
    const own = this.#ownKeys(path);
    return own.length === 1 && names.includes(own[0] as string) ? own[0] : undefined;
  }

  #ownKeys(path: JsonPath): readonly string[] {
    const node = treeAt(this.#tree, path);
    return node?.type === "map" && node.own ? [...node.own] : [];
  }
}

function kindWithout(value: Record<string, Draft>, { key, without = {} }: Select): string | undefined {
  const there = Object.entries(without).find(([other]) => Object.hasOwn(value, other));
  return Object.hasOwn(value, key) ? undefined : there?.[1];
}

function isMapping(value: Draft | undefined): value is Record<string, Draft> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

interface Instance {
  readonly path: JsonPath;
  readonly value: Draft;
  readonly replace: (value: Draft) => void;
}

/** Every value that stands at a place, with its path. */
function instances(root: Draft, place: string): readonly Instance[] {
  let found: Instance[] = [{ path: [], value: root, replace: () => {} }];
  for (const part of place === "" ? [] : place.split("/")) {
    found = found.flatMap(({ path, value }) =>
      childrenOf(value, part).map((child) => ({ ...child, path: [...path, ...child.path] })),
    );
  }
  return found;
}

function childrenOf(value: Draft, part: string): readonly Instance[] {
  if (Array.isArray(value)) {
    if (part !== "*") return [];
    return value.map((item, i) => ({
      path: [i],
      value: item,
      replace: (next) => {
        value[i] = next;
      },
    }));
  }
  if (!isMapping(value)) return [];
  const keys = part === "*" ? Object.keys(value) : Object.hasOwn(value, part) ? [part] : [];
  return keys.map((key) => ({
    path: [key],
    value: value[key] as Draft,
    replace: (next) => {
      value[key] = next;
    },
  }));
}
