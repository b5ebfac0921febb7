/** Validators compiled by ajv into plain functions. The value at an `x-kind` is left open: spec checks it separately. */
import Ajv from "ajv";
import standalone from "ajv/dist/standalone/index.js";
import { banner, visitPlaces, walk } from "./schemas.js";

const notForAjv = ["$schema", "$id", "title", "description", "tsType"];

export function validatorFiles(schemas) {
  const ajv = new Ajv.default({
    allErrors: true,
    useDefaults: true,
    messages: false,
    allowUnionTypes: true,
    strictTuples: false,
    inlineRefs: false,
    code: { source: true, esm: true, lines: true },
  });
  const exported = {};
  for (const [name, schema] of Object.entries(schemas.shared)) ajv.addSchema(walk(schema, bare), `shared_${name}`);
  for (const [id, schema] of allSchemas(schemas)) {
    const name = id.replace(/\W/g, "_");
    ajv.addSchema(walk(schema, bare), name);
    exported[id] = name;
  }
  const code = standalone(ajv, Object.fromEntries(Object.values(exported).map((name) => [name, name])));
  const needed = /require\([^)]*\)/.exec(code);
  // ajv writes CommonJS requires even into modules; the schemas keep to words that need none.
  if (needed) throw new Error(`a validator needs ${needed[0]}: say it in the schema with other keywords`);
  const entries = Object.entries(exported).map(([id, name]) => `  ${JSON.stringify(id)}: ${name},`);
  const file = `${banner}// @ts-nocheck

/** A validator: it fills in defaults, and leaves its errors on itself. */
export type Validator = ((data: unknown) => boolean) & { errors?: readonly SchemaError[] | null };

export interface SchemaError {
  /** JSON pointer to the value. */
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** In ajv's words; only of schemas that are compiled when they are used. */
  readonly message?: string;
  /** The key that is wrong, where the error is about its name. */
  readonly propertyName?: string;
}

${shorten(code.replace('"use strict";', ""))}
/** \`folder/kind\` → its validator, which also fills in defaults. */
export const validators: Readonly<Record<string, Validator>> = {
${entries.join("\n")}
};
`;
  return new Map([["src/gen/validators.ts", file]]);
}

/**
 * The same code in a third of the text, which every start of the program has to load: how ajv notes an error is
 * written shorter, and the schemas that it keeps for verbose errors, which nothing uses, go.
 */
function shorten(code) {
  const noted =
    /if\(vErrors === null\)\{\s*vErrors = \[(err\d+)\];\s*\}\s*else \{\s*vErrors\.push\(\1\);\s*\}\s*errors\+\+;/g;
  const short = code
    .replace(noted, "(vErrors ??= []).push($1);errors++;")
    .replace(
      /const (err\d+) = (\{instancePath.*\});\s*\(vErrors \?\?= \[\]\)\.push\(\1\)/g,
      "(vErrors ??= []).push($2)",
    )
    .replace(/,schemaPath:"[^"]*"/g, "");
  return short.replace(/^const (schema\d+) = .*;\n/gm, (line, name) =>
    new RegExp(`\\b${name}\\b`).test(short.replace(line, "")) ? line : "",
  );
}

/** Every schema that is checked by itself: `[id, schema]`. An `x-unless` is one more, named by its place. */
export function allSchemas({ kinds, skeleton }) {
  const list = Object.entries(skeleton).map(([kind, schema]) => [`skeleton/${kind}`, schema]);
  for (const [folder, schemas] of Object.entries(kinds)) {
    for (const [kind, schema] of Object.entries(schemas)) list.push([`${folder}/${kind}`, schema]);
  }
  return list.flatMap(([id, schema]) => {
    const found = [[id, schema]];
    visitPlaces(schema, (node, place) => {
      if (node["x-unless"]) found.push([unlessId(id, place), node["x-unless"]]);
    });
    return found;
  });
}

export function unlessId(id, place) {
  return `${id}#${place.join("/")}`;
}

function bare(node) {
  if (node["x-kind"]) return node.default === undefined ? {} : { default: node.default };
  // Names have one check of their own, which knows more than a pattern can say.
  if (node["x-shared"] === "name") return { type: "string" };
  // One function for all places keeps the generated code, which is loaded at every start, at half its size.
  if (node["x-shared"]) {
    const reference = { $ref: `shared_${node["x-shared"]}` };
    return node.default === undefined ? reference : { ...reference, default: node.default };
  }
  const entries = Object.entries(node).filter(([key]) => !key.startsWith("x-") && !notForAjv.includes(key));
  const { minLength, maxLength, ...rest } = Object.fromEntries(entries);
  if (minLength === undefined && maxLength === undefined) return rest;
  if (rest.pattern !== undefined)
    throw new Error("a schema has both a pattern and a length: say it all in the pattern");
  // ajv counts characters by a module of its own; a pattern needs none.
  return { ...rest, pattern: `^[\\s\\S]{${minLength ?? 0},${maxLength ?? ""}}$` };
}
