#!/usr/bin/env node
/**
 * Puts what the parent process loads into a few files: Node 20 spends more time on opening two hundred small modules than
 * on the work of a run that finds everything stored. Workers load the modules themselves: they are started rarely,
 * and import what is heavy anyway.
 *
 * The files lie as deep as the modules that they are made from, so that addresses relative to a module stay right.
 * bin/pipe.js takes them only while they are newer than what they were made from.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = fileURLToPath(new URL("../", import.meta.url));
const folder = join(root, "dist/src/bundle");

rmSync(folder, { recursive: true, force: true });
const bundle = await rolldown({
  input: join(root, "dist/src/cli/main.js"),
  platform: "node",
  // What is loaded only when there is something to draw or to open.
  external: ["listr2", "open"],
  // Another command that imports something at its top is no reason to speak: both ways lead to one chunk.
  checks: { ineffectiveDynamicImport: false },
});
const { output } = await bundle.write({
  dir: folder,
  format: "esm",
  entryFileNames: "main.js",
  chunkFileNames: "[name].js",
});
await bundle.close();
writeFileSync(join(folder, "LICENSES.txt"), licences(output.flatMap((chunk) => chunk.moduleIds ?? [])));

/** Of the packages whose code is in the bundle: their terms go where they go. */
function licences(modules) {
  const packages = modules.flatMap((id) => /^.*[\\/]node_modules[\\/](@[^\\/]+[\\/])?[^\\/]+/.exec(id)?.[0] ?? []);
  return [...new Set(packages)]
    .sort()
    .map((path) => {
      const file = readdirSync(path).find((name) => /^licen[cs]e/i.test(name));
      if (file === undefined) throw new Error(`${path} has no licence file`);
      const { name, version } = JSON.parse(readFileSync(join(path, "package.json"), "utf8"));
      return `${name} ${version}\n\n${readFileSync(join(path, file), "utf8").trim()}\n`;
    })
    .join(`\n${"-".repeat(80)}\n\n`);
}
