#!/usr/bin/env node
import { statSync } from "node:fs";
import module from "node:module";

if (Number(process.versions.node.split(".")[0]) < 20) {
  console.error(`pipe needs Node 20 or newer; this is ${process.version}`);
  process.exit(2);
}
const built = (path) => {
  const url = new URL(path, import.meta.url);
  return { href: url.href, time: statSync(url, { throwIfNoEntry: false })?.mtimeMs };
};
const modules = built("../dist/src/cli/main.js");
if (modules.time === undefined) {
  console.error("pipe is not built: run `npm run build` first");
  process.exit(2);
}
// The bundle starts faster; after a compilation without bundling it is out of date.
const bundle = built("../dist/src/bundle/main.js");
const entry = (bundle.time ?? 0) >= modules.time ? bundle : modules;
// So are the digests of the code, by which stored results are found; an installed package has no scripts, and is not compiled.
const script = built("../scripts/revisions.js");
if (script.time !== undefined && (built("../dist/revisions.json").time ?? 0) < modules.time) {
  try {
    await (await import(script.href)).writeRevisions();
  } catch (error) {
    console.error(`pipe is not built whole: run \`npm run build\` (${error.message.split("\n")[0]})`);
    process.exit(2);
  }
}
// Node 22 and newer can keep compiled code between processes.
module.enableCompileCache?.();
const { main } = await import(entry.href);
// Not process.exit(): what is still on its way to a pipe would be lost.
process.exitCode = await main(process.argv.slice(2));
