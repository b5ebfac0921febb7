import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { isObject, type Json, type JsonObject, type JsonPath } from "../../base/json.js";

/**
 * The first thing in a specification that Vega-Lite's own JSON schema does not allow, such as a key that it would pass over in
 * silence. Compiling that schema costs seconds, looking a specification up in it some milliseconds; and of many
 * alternatives the one is taken that the writer is likely to have meant.
 */
export function shapeMistake(spec: JsonObject): ShapeMistake | null {
  schema ??= JSON.parse(readFileSync(resolve("vega-lite/vega-lite-schema.json"), "utf8")) as Schema;
  return wrong(schema, spec, [])?.mistake ?? null;
}

export interface ShapeMistake {
  /** Of the value, or of the mapping that has or lacks the key. */
  readonly path: JsonPath;
  /** A key that means nothing there, … */
  readonly unknown?: string;
  /** … or that one of `words` is missing as a key; without either the value itself is wrong. */
  readonly missing?: true;
  /** Keys, or texts, that may stand there. */
  readonly words: readonly string[];
  /** Kinds of values that may. */
  readonly types: readonly string[];
}

/** The keywords that Vega-Lite's schema uses; a test knows of no others. `format` is for colours and addresses. */
export interface Schema {
  readonly $ref?: string;
  readonly definitions?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
  readonly type?: string | readonly string[];
  readonly enum?: readonly Json[];
  readonly const?: Json;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly required?: readonly string[];
  readonly items?: Schema | readonly Schema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
}

const { resolve } = createRequire(import.meta.url);
let schema: Schema | undefined;

interface Wrong {
  /** How much speaks against this alternative having been meant: keys of its own that are wrong or not there. */
  readonly against: number;
  readonly mistake: ShapeMistake;
}

/** Another kind of value was meant for sure. */
const OTHER_KIND = 1000;

function wrong(rule: Schema, value: Json, path: JsonPath): Wrong | null {
  if (rule.$ref !== undefined) return wrong(definition(rule.$ref), value, path);
  if (rule.anyOf !== undefined) return wrongInAll(rule.anyOf, value, path);
  const plain = wrongValue(rule, value);
  if (plain !== null) return { against: OTHER_KIND, mistake: { path, words: [], types: [], ...plain } };
  if (Array.isArray(value)) return wrongItem(rule, value as readonly Json[], path);
  return isObject(value) ? wrongMapping(rule, value, path) : null;
}

function definition(ref: string): Schema {
  return schema?.definitions?.[decodeURIComponent(ref.slice("#/definitions/".length))] as Schema;
}

/** A value that fits none of several rules is reported by the one that it comes nearest to. */
function wrongInAll(rules: readonly Schema[], value: Json, path: JsonPath): Wrong | null {
  const all: Wrong[] = [];
  for (const rule of rules) {
    const found = wrong(rule, value, path);
    if (found === null) return null;
    all.push(found);
  }
  const least = Math.min(...all.map(({ against }) => against));
  const nearest = all.filter(({ against }) => against === least);
  const deepest = Math.max(...nearest.map(({ mistake }) => mistake.path.length));
  const told = nearest.map(({ mistake }) => mistake).filter((mistake) => mistake.path.length === deepest);
  const [first] = told as [ShapeMistake];
  const same = told.filter(({ unknown, missing }) => unknown === first.unknown && missing === first.missing);
  const together = (key: "words" | "types") => [...new Set(same.flatMap((mistake) => mistake[key]))];
  return { against: least, mistake: { ...first, words: together("words"), types: together("types") } };
}

function wrongValue(rule: Schema, value: Json): Partial<ShapeMistake> | null {
  const texts = (list: readonly Json[]) => list.map((each) => (typeof each === "string" ? each : JSON.stringify(each)));
  if (rule.const !== undefined) return rule.const === value ? null : { words: texts([rule.const]) };
  if (rule.enum !== undefined) return rule.enum.includes(value) ? null : { words: texts(rule.enum) };
  const types = rule.type === undefined ? [] : [rule.type].flat();
  if (types.length > 0 && !types.some((type) => isOf(type, value)))
    return { types: types.map((type) => KINDS[type] ?? type) };
  const size = typeof value === "string" || Array.isArray(value) ? value.length : null;
  const { minItems = 0, minLength = 0, minProperties = 0 } = rule;
  const { maxItems = Number.POSITIVE_INFINITY, maxLength = Number.POSITIVE_INFINITY } = rule;
  const [least, most] = typeof value === "string" ? [minLength, maxLength] : [minItems, maxItems];
  if (size !== null && size < least) return { types: [`${least} or more of them`] };
  if (size !== null && size > most) return { types: [`at most ${most} of them`] };
  if (isObject(value) && Object.keys(value).length < minProperties) return { types: ["a mapping with keys"] };
  if (typeof value !== "number") return null;
  if (rule.minimum !== undefined && value < rule.minimum) return { types: [`at least ${rule.minimum}`] };
  return rule.maximum !== undefined && value > rule.maximum ? { types: [`at most ${rule.maximum}`] } : null;
}

const KINDS: Readonly<Record<string, string>> = {
  array: "a list",
  boolean: "true or false",
  integer: "a whole number",
  number: "a number",
  object: "a mapping",
  string: "a text",
};

function isOf(type: string, value: Json): boolean {
  if (type === "array") return Array.isArray(value);
  if (type === "object") return isObject(value);
  if (type === "null") return value === null;
  return type === "integer" ? Number.isInteger(value) : typeof value === type;
}

function wrongItem({ items }: Schema, list: readonly Json[], path: JsonPath): Wrong | null {
  if (items === undefined) return null;
  const rules = Array.isArray(items) ? (items as readonly Schema[]) : null;
  for (const [i, item] of list.entries()) {
    const rule = rules === null ? (items as Schema) : rules[i];
    const found = rule === undefined ? null : wrong(rule, item, [...path, i]);
    if (found !== null) return { ...found, against: Math.min(found.against, 1) };
  }
  return null;
}

function wrongMapping(rule: Schema, mapping: JsonObject, path: JsonPath): Wrong | null {
  const { properties = {}, additionalProperties = true, required = [] } = rule;
  const known = Object.keys(properties);
  const mistakes: Wrong[] = [];
  for (const [key, value] of Object.entries(mapping)) {
    const inside = Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
    if (inside === false) mistakes.push({ against: 1, mistake: { path, unknown: key, words: known, types: [] } });
    if (typeof inside !== "object") continue;
    const found = wrong(inside, value, [...path, key]);
    // A word that tells one kind of mapping from another, such as `type: point`, counts as a key of another kind.
    if (found !== null) mistakes.push({ ...found, against: inside.const === undefined ? 0 : 1 });
  }
  for (const key of required) {
    if (!Object.hasOwn(mapping, key))
      mistakes.push({ against: 1, mistake: { path, missing: true, words: [key], types: [] } });
  }
  const [first] = mistakes;
  if (first === undefined) return null;
  const unknown = mistakes.find(({ mistake }) => mistake.unknown !== undefined && mistake.path === path);
  const against = mistakes.reduce((sum, each) => sum + each.against, 0);
  return { against, mistake: (unknown ?? first).mistake };
}
