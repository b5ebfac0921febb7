import type { Json, JsonPath } from "../base/json.js";
import { didYouMean, oneOf, orList, shorten, suggest } from "../base/suggest.js";
import type { SchemaFacts } from "../gen/tables.js";
import type { SchemaError } from "../gen/validators.js";
import type { Complaints, Details } from "./complaints.js";
import { describe, keySpanAt, spanAt, type Tree, toJson, treeAt } from "./tree.js";

/** What was checked: a value in a tree, by a schema. */
export interface Checked {
  readonly id: string;
  readonly tree: Tree;
  readonly path: JsonPath;
  /** What it is, for messages: `the stage \`train\``. */
  readonly what: string;
}

/** One message a mistake: where a place has several errors, the first tells. */
export function complainOfSchema(
  errors: readonly SchemaError[],
  checked: Checked,
  facts: SchemaFacts,
  complaints: Complaints,
): void {
  const told = new Set<string>();
  const misspelt = misspeltKeys(errors, facts);
  for (const error of errors) {
    // `propertyNames`, which follows, reports what is wrong with a key's name.
    if (error.propertyName !== undefined) continue;
    if (error.keyword === "required" && misspelt.has(keyPlace(error, error.params.missingProperty))) continue;
    const aboutKey = ["additionalProperties", "required", "propertyNames"].includes(error.keyword);
    if (!aboutKey && told.has(error.instancePath)) continue;
    if (!aboutKey) told.add(error.instancePath);
    complainOfOne(error, checked, facts, complaints);
  }
}

/** Required keys that are there under a name that is not quite right: the complaint about that name is enough. */
function misspeltKeys(errors: readonly SchemaError[], { keys }: SchemaFacts): ReadonlySet<string> {
  const unknown = errors.filter(({ keyword }) => keyword === "additionalProperties");
  return new Set(
    unknown.flatMap((error) => {
      const known = factAt(keys, pathOf(error.instancePath)) ?? [];
      return suggest(String(error.params.additionalProperty), known).map((meant) => keyPlace(error, meant));
    }),
  );
}

function keyPlace(error: SchemaError, key: unknown): string {
  return `${error.instancePath}/${key}`;
}

function complainOfOne(error: SchemaError, checked: Checked, facts: SchemaFacts, complaints: Complaints): void {
  const inside = pathOf(error.instancePath);
  if (error.keyword === "additionalProperties") unknownKey(error, inside, facts, checked, complaints);
  else if (error.keyword === "required") missingKey(error, inside, checked, complaints);
  else if (error.keyword === "propertyNames") wrongName(error, inside, facts, checked, complaints);
  else wrongValue(error, inside, facts, checked, complaints);
}

function wrongValue(
  error: SchemaError,
  inside: JsonPath,
  facts: SchemaFacts,
  checked: Checked,
  complaints: Complaints,
) {
  const path = [...checked.path, ...inside];
  const value = treeAt(checked.tree, path);
  const { code, message, expected } = sayWrong(error);
  const name = nameOf(inside, checked);
  const received = value === undefined ? undefined : toJson(value);
  const wanted = factAt(facts.expected, inside) ?? expected;
  complaints.error(code, `${name} ${message}`, {
    ...placeOf(checked.tree, path),
    received: describe(received),
    expected: wanted,
    fix: fixFor(error, received, wanted),
  });
}

/** Where a value stands, and where it is used if it came from a param. */
export function placeOf(tree: Tree, path: JsonPath): Details {
  for (let length = path.length; length > 0; length--) {
    const usedAt = treeAt(tree, path.slice(0, length))?.usedAt;
    if (usedAt) return { at: spanAt(tree, path), related: [{ message: "used here", at: usedAt }] };
  }
  return { at: spanAt(tree, path) };
}

function unknownKey(
  error: SchemaError,
  inside: JsonPath,
  facts: SchemaFacts,
  checked: Checked,
  complaints: Complaints,
) {
  const key = String(error.params.additionalProperty);
  const known = factAt(facts.keys, inside) ?? [];
  const owner = inside.length === 0 ? checked.what : nameOf(inside, checked);
  complaints.error("unknown-key", `${owner} has no key \`${shorten(key)}\``, {
    at: keySpanAt(checked.tree, [...checked.path, ...inside, key]),
    expected: known.length > 0 ? oneOf(known) : "no keys",
    fix: didYouMean(key, known) ?? "Remove it.",
  });
}

/** A key that the user chooses freely, within a rule. */
function wrongName(error: SchemaError, inside: JsonPath, facts: SchemaFacts, checked: Checked, complaints: Complaints) {
  const key = String(error.params.propertyName);
  const rule = factAt(facts.keyNames ?? {}, inside);
  const parts = key.split(/[^A-Za-z0-9_-]+/).filter(Boolean);
  const joined = parts.join("_").replace(/^[^A-Za-z_]+/, "");
  const near = joined === key ? joined.replace(/^_+/, "") : joined;
  complaints.error("bad-key", `\`${shorten(key)}\` cannot be a key of ${nameOf(inside, checked)}`, {
    at: keySpanAt(checked.tree, [...checked.path, ...inside, key]),
    received: describe(key),
    expected: rule,
    fix: near === "" ? "Choose another name." : `Choose another name, such as \`${shorten(near)}\`.`,
  });
}

function missingKey(error: SchemaError, inside: JsonPath, checked: Checked, complaints: Complaints) {
  const key = String(error.params.missingProperty);
  const owner = inside.length === 0 ? checked.what : nameOf(inside, checked);
  const path = [...checked.path, ...inside];
  const value = treeAt(checked.tree, path);
  complaints.error("missing-key", `${owner} needs \`${key}\``, {
    ...placeOf(checked.tree, path),
    received: value === undefined ? undefined : describe(toJson(value)),
    // A bare name such as `dense` has to become a mapping first.
    fix: value?.type === "scalar" ? `Write { ${value.value}: { ${key}: … } }.` : `Add \`${key}: …\`.`,
  });
}

interface Wrong {
  readonly code: string;
  readonly message: string;
  readonly expected: string;
}

const limits: Readonly<Record<string, string>> = {
  minimum: "at least",
  exclusiveMinimum: "more than",
  maximum: "at most",
  exclusiveMaximum: "less than",
};

const lengths: Readonly<Record<string, string>> = {
  minItems: "a list of at least",
  maxItems: "a list of at most",
  minProperties: "a mapping with at least",
  maxProperties: "a mapping with at most",
};

function sayWrong({ keyword, params, message }: SchemaError): Wrong {
  if (keyword === "type") {
    return {
      code: "wrong-type",
      message: "has the wrong type",
      expected: orList([params.type].flat().map(typeInWords)),
    };
  }
  if (keyword === "enum") {
    const allowed = (params.allowedValues as readonly unknown[]).map(String);
    return { code: "wrong-value", message: "has a value that is not known", expected: oneOf(allowed) };
  }
  const limit = limits[keyword];
  if (limit !== undefined)
    return { code: "out-of-range", message: "is out of range", expected: `${limit} ${params.limit}` };
  const length = lengths[keyword];
  if (length !== undefined) {
    const noun = keyword.endsWith("Items") ? "item" : "key";
    const expected = `${length} ${params.limit} ${noun}${params.limit === 1 ? "" : "s"}`;
    return { code: "wrong-length", message: "has the wrong length", expected };
  }
  if (keyword === "const")
    return { code: "wrong-value", message: "has a value that does not fit", expected: String(params.allowedValue) };
  // A schema of a project's own may have any keyword: ajv has words for it, `must match pattern "^a"`.
  const words = message?.replace(/^must /, "something that must ");
  // Of `pattern`, `not` and `minLength` the schema says in `x-expected` what they mean: a test holds it to that.
  return {
    code: "wrong-value",
    message: "has a value that does not fit",
    expected: words ?? "a value as docs/yaml.md describes",
  };
}

function typeInWords(type: unknown): string {
  const words: Readonly<Record<string, string>> = {
    integer: "a whole number",
    number: "a number",
    string: "a text",
    boolean: "true or false",
    array: "a list",
    object: "a mapping",
  };
  return words[String(type)] ?? String(type);
}

function fixFor(error: SchemaError, received: Json | undefined, expected: string): string {
  if (error.keyword === "enum" && typeof received === "string") {
    const allowed = (error.params.allowedValues as readonly unknown[]).map(String);
    const near = suggest(received, allowed);
    if (near.length > 0) return `Did you mean ${orList(near)}?`;
  }
  if (received === null) return `Write ${expected}, or leave the key out.`;
  if (expected === "a text" && ["number", "boolean"].includes(typeof received)) return "Put it in quotes.";
  const wantsNumber = /number/.test(expected);
  if (wantsNumber && typeof received === "string" && received.trim() !== "" && Number.isFinite(Number(received))) {
    return "Remove the quotes.";
  }
  const limit = limits[error.keyword];
  return limit === undefined || !expected.startsWith(limit) ? `Write ${expected}.` : `Write a value of ${expected}.`;
}

/** `\`batchSize\``, or with its owner where that helps: `item 2 of \`splits\``. */
function nameOf(inside: JsonPath, checked: Checked): string {
  if (inside.length === 0) return checked.what;
  const last = inside.at(-1) as string | number;
  if (!/^\d+$/.test(String(last)))
    return `\`${last}\` of ${inside.length === 1 ? checked.what : `\`${inside.at(-2)}\``}`;
  return `item ${Number(last) + 1} of ${inside.length === 1 ? checked.what : `\`${inside.at(-2)}\``}`;
}

function pathOf(pointer: string): JsonPath {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** The fact of the place that `path` is an instance of. */
function factAt<T>(facts: Readonly<Record<string, T>>, path: JsonPath): T | undefined {
  for (const [place, fact] of Object.entries(facts)) {
    const parts = place === "" ? [] : place.split("/");
    if (parts.length === path.length && parts.every((part, i) => part === "*" || part === String(path[i]))) return fact;
  }
  return undefined;
}
