/** TypeScript types of resolved parameters: defaults are filled in, so what has one is always there. */
import { compile } from "json-schema-to-typescript";
import { banner, folders, walk } from "./schemas.js";

const dataOnly = new Set(["stages", "families"]);

export async function typeFiles({ kinds, shared }) {
  const files = new Map();
  files.set("src/gen/shared.ts", `${banner}\n${await sharedTypes(shared)}`);
  for (const folder of Object.keys(folders)) {
    if (folder === "stages") files.set("src/gen/stages.ts", await stageFile(kinds));
    else files.set(`src/gen/${folder}.ts`, await kindFile(folder, kinds[folder]));
  }
  return files;
}

async function sharedTypes({ activation, regularizer }) {
  return [await typeOf("Activation", activation), await typeOf("Regularizer", regularizer)].join("\n");
}

async function kindFile(folder, schemas) {
  const { one } = folders[folder];
  // All of them are a project's own.
  if (Object.keys(schemas).length === 0) return `${banner}\nexport type ${one} = Readonly<Record<string, unknown>>;\n`;
  const body = await paramTypes(folder, schemas);
  return [
    banner,
    ...importsFor(folder, body),
    body,
    paramsByKind(one, schemas),
    `export type ${one}Kind = keyof ${one}Params;\n`,
    dataOnly.has(folder) ? "" : kindedType(one),
    ...(Object.values(schemas).some((schema) => schema["x-pipe"]) ? [factsTable(one, schemas)] : []),
  ].join("\n");
}

async function stageFile(kinds) {
  const schemas = kinds.stages;
  const body = await paramTypes("stages", schemas);
  return [
    banner,
    `import type { GraphSpec } from "../artifact/graph.js";`,
    `import type { ArtifactTypes } from "../artifact/types.js";`,
    `import type { StageFacts } from "../base/ports.js";`,
    ...importsFor("stages", body),
    body,
    paramsByKind("Stage", schemas),
    "export type StageKind = keyof StageParams;\n",
    "/** The artifacts that a stage is given, by port; optional ones where the pipeline makes them. */",
    artifactsByPort("StageInputs", schemas, ({ inputs }) =>
      Object.entries(inputs).map(([port, { type, optional }]) => [port, type, optional ? "?" : ""]),
    ),
    "/** The artifacts that a stage makes, by port. */",
    artifactsByPort("StageOutputs", schemas, ({ outputs }) =>
      Object.entries(outputs).map(([port, type]) => [port, type, ""]),
    ),
    `export const stageTable: Readonly<Record<StageKind, StageFacts>> = ${json(tableOf(schemas))};\n`,
  ].join("\n");
}

function artifactsByPort(name, schemas, list) {
  const lines = Object.entries(schemas).map(([kind, schema]) => {
    const fields = list(schema["x-pipe"]).map(
      ([port, type, mark]) => `readonly ${property(port)}${mark}: ArtifactTypes["${type}"]`,
    );
    return `  readonly ${property(kind)}: { ${fields.join("; ")} };`.replace("{  }", "Record<string, never>");
  });
  return `export interface ${name} {\n${lines.join("\n")}\n}\n`;
}

async function paramTypes(folder, schemas) {
  const texts = [];
  for (const [kind, schema] of Object.entries(schemas))
    texts.push(await typeOf(typeName(kind, folders[folder].one), schema));
  return texts.join("\n");
}

function paramsByKind(one, schemas) {
  const lines = Object.keys(schemas).map((kind) => `  readonly ${property(kind)}: ${typeName(kind, one)};`);
  return `/** Kind → its resolved parameters. */\nexport interface ${one}Params {\n${lines.join("\n")}\n}\n`;
}

/** `{ dense: DenseLayer } | { flatten: FlattenLayer } | …`: one kind in resolved parameters. */
function kindedType(one) {
  return `/** One ${one.toLowerCase()} in resolved parameters: a mapping with its kind as the only key. */
export type ${one} = { [K in ${one}Kind]: { readonly [P in K]: ${one}Params[K] } }[${one}Kind];
`;
}

async function typeOf(name, schema) {
  const { $schema, $id, title, ...rest } = walk(schema, resolved);
  // Spec writes out what the user chose from.
  if (schema["x-select"]) return `/** ${rest.description} */\nexport type ${name} = ${schema.tsType};\n`;
  // A closed object without properties is an empty mapping.
  if (
    rest.type === "object" &&
    rest.additionalProperties === false &&
    Object.keys(rest.properties ?? {}).length === 0
  ) {
    return `/** ${rest.description} */\nexport type ${name} = Readonly<Record<string, never>>;\n`;
  }
  const text = await compile(rest, name, {
    bannerComment: "",
    additionalProperties: false,
    style: { printWidth: 120 },
  });
  // Type aliases, unlike interfaces, can be passed where any JSON object is expected.
  return text.replace(/export interface (\w+) \{/g, "export type $1 = {").replace(/^\n+/, "");
}

/** The schema of the data after defaults are filled in and kinds are written out. */
function resolved(node) {
  let out = node;
  if (out["x-kind"]) {
    const one = folders[out["x-kind"]].one;
    const other = out["x-unless"] ? ` | { readonly [output: string]: ${one} | number }` : "";
    const { description, default: given, "x-follows": follows } = out;
    out = { description, default: given, "x-follows": follows, tsType: one + other };
  } else if (out["x-shared"] === "activation") {
    out = { description: out.description, default: out.default, tsType: "Activation" };
  } else if (out["x-shared"] === "regularizer") {
    out = { description: out.description, tsType: "Regularizer" };
  }
  if (out.type?.includes("array") && out.minItems !== out.maxItems) {
    const { minItems, maxItems, ...anyLength } = out;
    out = anyLength;
  }
  if (out.properties) {
    // What follows from other things is filled in as well, by spec.
    const given = Object.entries(out.properties).filter(
      ([, value]) => value.default !== undefined || value["x-follows"],
    );
    out = { ...out, required: [...new Set([...(out.required ?? []), ...given.map(([key]) => key)])] };
  }
  return out;
}

function importsFor(folder, text) {
  const lines = [];
  for (const [other, { one }] of Object.entries(folders)) {
    const names = [one, `${one}Params`].filter((name) => other !== folder && mentions(text, name));
    if (names.length > 0) lines.push(`import type { ${names.join(", ")} } from "./${other}.js";`);
  }
  const shared = ["Activation", "Regularizer"].filter((name) => mentions(text, name));
  if (shared.length > 0) lines.push(`import type { ${shared.join(", ")} } from "./shared.js";`);
  return [...lines, ""];
}

/** Whether the code, comments aside, uses this name as a type of its own. */
function mentions(text, name) {
  return new RegExp(`(: |= |\\| |\\()${name}\\b`).test(text.replace(/\/\*[\s\S]*?\*\//g, ""));
}

function factsTable(one, schemas) {
  return `/** Facts of each kind that the program reads (\`x-pipe\` of its schema). */
export const ${one.toLowerCase()}Table = ${json(tableOf(schemas))} as const;
`;
}

function tableOf(schemas) {
  return Object.fromEntries(Object.entries(schemas).map(([kind, schema]) => [kind, schema["x-pipe"] ?? {}]));
}

function typeName(kind, one) {
  const name = kind.replace(/(?:^|[-_]|(?<=\d))([a-z0-9])/g, (_, letter) => letter.toUpperCase());
  return name + one;
}

function property(kind) {
  return /^[a-z_]\w*$/i.test(kind) ? kind : JSON.stringify(kind);
}

function json(value) {
  return JSON.stringify(value, null, 2);
}
