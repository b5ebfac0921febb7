#!/usr/bin/env node
/**
 * Makes everything that follows from schemas/ and from the listing of the code directories: src/gen/, the schemas that
 * YAML editors read, and docs/yaml.md. `--check` writes nothing and fails by name for every file that is not what it
 * would write, which is how the tests notice a forgotten run.
 *
 *     schemas/<folder>/<kind>.schema.json ──▶ types      src/gen/<folder>.ts
 *                                         ──▶ validators src/gen/validators.ts   (ajv, compiled here: not loaded at run time)
 *                                         ──▶ tables     src/gen/tables.ts       (what spec needs besides)
 *                                         ──▶ bundles    schemas/{pipeline,comparison}.schema.json
 *                                         ──▶ reference  docs/yaml.md
 *     code directories                    ──▶ registries src/gen/registry.ts (stages), src/gen/registry-<folder>.ts
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { docsFiles } from "./generate/docs.js";
import { editorFiles } from "./generate/editor.js";
import { registryFiles } from "./generate/registries.js";
import { readSchemas } from "./generate/schemas.js";
import { tableFiles } from "./generate/tables.js";
import { typeFiles } from "./generate/types.js";
import { validatorFiles } from "./generate/validators.js";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Every generated file: path relative to the root → content. */
export async function generate() {
  const schemas = readSchemas(root);
  return new Map([
    ...(await typeFiles(schemas)),
    ...tableFiles(schemas),
    ...validatorFiles(schemas),
    ...registryFiles(root, schemas),
    ...editorFiles(schemas),
    ...docsFiles(schemas),
  ]);
}

/** What differs between the tree and what would be generated, one line a file. */
export async function drift() {
  const files = await generate();
  const wrong = [];
  for (const [path, content] of files) {
    if (!existsSync(join(root, path))) wrong.push(`${path} is missing`);
    else if (readFileSync(join(root, path), "utf8") !== content) wrong.push(`${path} is out of date`);
  }
  for (const path of leftovers(files)) wrong.push(`${path} is generated no longer`);
  return wrong;
}

function leftovers(files) {
  const folder = join(root, "src/gen");
  const present = existsSync(folder) ? readdirSync(folder).map((name) => `src/gen/${name}`) : [];
  return present.filter((path) => !files.has(path));
}

async function main() {
  if (process.argv.includes("--check")) {
    const wrong = await drift();
    for (const line of wrong) console.error(`${line}: run npm run generate`);
    process.exitCode = wrong.length > 0 ? 1 : 0;
    return;
  }
  const files = await generate();
  for (const path of leftovers(files)) rmSync(join(root, path));
  for (const [path, content] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
