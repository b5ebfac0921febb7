/** The schema of a project's own kind: checked and compiled when it is used, unlike those of the program. */
import type { Ajv as AjvClass } from "ajv";
import { isObject, type Json, type JsonObject } from "../base/json.js";
import { err, ok, type Result } from "../base/result.js";
import type { SchemaFacts } from "../gen/tables.js";
import type { Validator } from "../gen/validators.js";
import type { Schema } from "./types.js";

const NO_PARAMS: JsonObject = { type: "object" };

/** @returns a validator of parameters, or a description of what is wrong with the schema. */
export async function compileSchema(schema: JsonObject = NO_PARAMS): Promise<Result<Schema, string>> {
  const { Ajv } = (await import("ajv")) as unknown as { readonly Ajv: typeof AjvClass };
  // As scripts/generate/validators.js does it for the program's own schemas, but with messages: here any keyword may stand.
  const ajv = new Ajv({ allErrors: true, useDefaults: true, allowUnionTypes: true, strictTuples: false });
  if (schema.type !== "object") return err('it must begin with `type: "object"`: parameters are a mapping');
  try {
    const validate = ajv.compile(closed(bare(schema) as JsonObject)) as unknown as Validator;
    const wrong = wrongDefault(validate);
    return wrong === null ? ok({ facts: factsOf(schema), validate }) : err(wrong);
  } catch (error) {
    return err((error as Error).message);
  }
}

/** What stands in no file can be wrong in the schema alone. */
function wrongDefault(validate: Validator): string | null {
  validate({});
  const found = validate.errors?.find(({ instancePath }) => instancePath !== "");
  return found ? `the default of ${found.instancePath.slice(1).replaceAll("/", ".")} ${found.message}` : null;
}

/** Unknown keys are errors unless the schema says otherwise. */
function closed(schema: JsonObject): JsonObject {
  return { additionalProperties: false, ...schema };
}

/** Without the words that are ours, and those that only name the schema. */
function bare(node: Json): Json {
  if (Array.isArray(node)) return node.map(bare);
  if (!isObject(node)) return node;
  const kept = Object.entries(node).filter(([key]) => !key.startsWith("x-") && key !== "$schema" && key !== "$id");
  return Object.fromEntries(
    kept.map(([key, value]) => [key, key === "properties" && isObject(value) ? mapped(value) : bare(value)]),
  );
}

/** The keys of `properties` are names of the author's, whatever they begin with. */
function mapped(properties: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, bare(schema)]));
}

function factsOf(schema: JsonObject): SchemaFacts {
  const keys: Record<string, readonly string[]> = {};
  const expected: Record<string, string> = {};
  const files: { place: string; holds: string }[] = [];
  visit(schema, [], (node, path) => {
    const place = path.join("/");
    const { properties } = node;
    if (isObject(properties)) keys[place] = Object.keys(properties);
    if (typeof node["x-expected"] === "string") expected[place] = node["x-expected"];
    if (typeof node["x-file"] === "string") files.push({ place, holds: node["x-file"] });
  });
  return { keys: { "": [], ...keys }, expected, kinds: [], files, names: [] };
}

function visit(node: JsonObject, path: readonly string[], see: (node: JsonObject, path: readonly string[]) => void) {
  see(node, path);
  const { properties, items, additionalProperties } = node;
  if (isObject(properties)) {
    for (const [key, value] of Object.entries(properties)) if (isObject(value)) visit(value, [...path, key], see);
  }
  for (const inner of [items, additionalProperties]) if (isObject(inner)) visit(inner, [...path, "*"], see);
}
