import { readFileSync } from "node:fs";

/** Folder of the package, where schemas/ and package.json are. This file runs as dist/src/cli/versions.js. */
export const packageRoot = new URL("../../../", import.meta.url);

export function pipeVersion(): string {
  const text = readFileSync(new URL("package.json", packageRoot), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
