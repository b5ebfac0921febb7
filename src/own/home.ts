/**
 * Where bundles of a project's own code are kept: in the user's cache and not beside the results, because passing on
 * a folder of results must not pass on code with it.
 */
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder } from "../base/cache-folder.js";
import { digestBytes } from "../base/digest.js";

/** What own code gets when it imports `pipe-experiments`: this very program, without what only the parent process needs. */
export const authorsModule = new URL("../authors.js", import.meta.url).href;

/** The name by which own code imports it. */
export const OURS = "pipe-experiments";

/** Raised when bundles or what is noted of them change their form. */
const FORMAT = 2;

/** One folder an installation: its bundles name its modules. PIPE_CODE names another place for all of them. */
export function codeFolder(): string {
  const { PIPE_CODE } = process.env;
  const home = PIPE_CODE ? resolve(PIPE_CODE) : join(cacheFolder(), "code");
  return join(home, digestBytes(`${FORMAT} ${fileURLToPath(authorsModule)}`).slice(0, 16));
}

export function bundlePath(code: string): string {
  return join(codeFolder(), `${code}.mjs`);
}

/** What is noted of a file: its name is a hash, since a path may be longer than a file's name. */
export function notePath(file: string): string {
  return join(codeFolder(), `${digestBytes(file).slice(0, 32)}.json`);
}
