import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PipeOptions } from "./rig.js";

const hook = new URL("list-modules.mjs", import.meta.url).href;
const root = new URL("../..", import.meta.url).href;

/** `pipe` notes every module that it loads in `modules.txt` of a folder; with `workers`, what these load too. */
export function listingModules(folder: string, { workers = false } = {}): PipeOptions {
  const env = { PIPE_MODULES: join(folder, "modules.txt") };
  // NODE_OPTIONS reaches every process that is started.
  return workers ? { env: { ...env, NODE_OPTIONS: `--import=${hook}` } } : { env, node: ["--import", hook] };
}

/**
 * What was noted, as paths in the package. A file of the bundle stands for the modules that it was made from: the bundler
 * writes the name of each above its code, and the file's own name says little of what is in it.
 */
export function modulesListed(folder: string): readonly string[] {
  const urls = readFileSync(join(folder, "modules.txt"), "utf8").trim().split("\n");
  return urls.flatMap((url) => (url.includes("/dist/src/bundle/") ? bundledIn(url) : [url.replace(root, "")]));
}

function bundledIn(url: string): readonly string[] {
  const text = readFileSync(fileURLToPath(url), "utf8");
  return [...text.matchAll(/^\/\/ ((?:dist|node_modules)\/\S+)$/gm)].map(([, name]) => name as string);
}
