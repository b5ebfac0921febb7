#!/usr/bin/env node
import { existsSync } from "node:fs";
import module from "node:module";

if (Number(process.versions.node.split(".")[0]) < 20) {
  console.error(`pipe needs Node 20 or newer; this is ${process.version}`);
  process.exit(2);
}
const entry = new URL("../dist/src/cli/main.js", import.meta.url);
if (!existsSync(entry)) {
  console.error("pipe is not built: run `npm run build` first");
  process.exit(2);
}
// Node 22 and newer can keep compiled code between processes.
module.enableCompileCache?.();
const { main } = await import(entry.href);
// Not process.exit(): what is still on its way to a pipe would be lost.
process.exitCode = await main(process.argv.slice(2));
