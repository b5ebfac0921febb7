/**
 * Imports of the code of every kind that has both halves, schema and code; each module's default export is the kind.
 * Stages are imported on demand, so that a worker loads only what it runs.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { banner, folders } from "./schemas.js";

export function registryFiles(root, { kinds }) {
  const files = new Map();
  for (const [folder, { one, code }] of Object.entries(folders)) {
    if (code === null) continue;
    const both = codeKinds(root, code).filter((kind) => kinds[folder][kind]);
    const path = folder === "stages" ? "../../stages" : `../${code.slice("src/".length)}`;
    const text = folder === "stages" ? dynamicRegistry(path, both) : staticRegistry(one, path, both);
    files.set(folder === "stages" ? "src/gen/registry.ts" : `src/gen/registry-${folder}.ts`, banner + text);
  }
  return files;
}

/** The kinds for which one half is missing, as sentences. */
export function missingHalves(root, { kinds }) {
  const wrong = [];
  for (const [folder, { code }] of Object.entries(folders)) {
    if (code === null) continue;
    const inCode = new Set(codeKinds(root, code));
    for (const kind of Object.keys(kinds[folder])) {
      if (!inCode.has(kind)) wrong.push(`schemas/${folder}/${kind}.schema.json has no ${code}/${kind}.ts`);
    }
    for (const kind of inCode) {
      if (!kinds[folder][kind]) wrong.push(`${code}/${kind}.ts has no schemas/${folder}/${kind}.schema.json`);
    }
  }
  return wrong;
}

function codeKinds(root, code) {
  const path = join(root, code);
  const names = existsSync(path) ? readdirSync(path).sort() : [];
  return names
    .filter((name) => name.endsWith(".ts") && name !== "index.ts")
    .map((name) => name.slice(0, -".ts".length));
}

function dynamicRegistry(path, kinds) {
  const lines = kinds.map((kind) => `  ${JSON.stringify(kind)}: () => import("${path}/${kind}.js"),`);
  return `
/** Stage kind → its module, loaded at its first use. Only a worker may load one: the parent process never runs a stage. */
export const stageModules = {
${lines.join("\n")}
};
`;
}

function staticRegistry(one, path, kinds) {
  const name = (kind) => `_${kind.replace(/\W/g, "_")}`;
  const imports = kinds.map((kind) => `import ${name(kind)} from "${path}/${kind}.js";`);
  const lines = kinds.map((kind) => `  ${JSON.stringify(kind)}: ${name(kind)},`);
  return `${imports.join("\n")}

/** Kind → the default export of its module. */
export const ${one.toLowerCase()}Modules = {
${lines.join("\n")}
};
`;
}
