import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { type OutputChunk, type Plugin, type RolldownLog, rolldown } from "rolldown";
import { digestBytes } from "../base/digest.js";
import { authorsModule, codeFolder, OURS } from "./home.js";
import { type Module, type Package, versionIn } from "./note.js";

export interface Bundle {
  readonly text: string;
  readonly modules: readonly Module[];
  readonly packages: readonly Package[];
}

/**
 * One file of JavaScript made of `entry` and all that it imports from the project. Packages stay outside: they are imported
 * from where they are, and count by name and version. Throws what the bundler says.
 */
export async function bundled(entry: string): Promise<Bundle> {
  const modules = new Map<string, Module>();
  const packages = new Map<string, Package>();
  const missing: RolldownLog[] = [];
  const build = await rolldown({
    input: entry,
    platform: "node",
    tsconfig: false,
    // Left to Node it would be looked for from the bundle, and its place would be lost.
    onLog: (_level, log) => void (log.code === "UNRESOLVED_IMPORT" && missing.push(log)),
    plugins: [packagesOutside(packages), digested(modules, dirname(entry))],
  });
  try {
    const file = join(codeFolder(), "bundle.mjs");
    const { output } = await build.generate({
      file,
      format: "esm",
      codeSplitting: false,
      sourcemap: "inline",
      sourcemapPathTransform: (source, map) => resolve(dirname(map), source),
    });
    if (missing.length > 0) throw Object.assign(new Error("imports are missing"), { errors: missing });
    const [{ code }] = output as [OutputChunk];
    return { text: code, modules: sortedBy([...modules.values()]), packages: sortedBy([...packages.values()]) };
  } finally {
    await build.close();
  }
}

function sortedBy<T extends { readonly name: string }>(list: readonly T[]): readonly T[] {
  return list.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** Reads the project's files, and digests what it reads. */
function digested(found: Map<string, Module>, from: string): Plugin {
  return {
    name: "digested",
    load(path) {
      if (!isAbsolute(path)) return null;
      const bytes = readFileSync(path);
      const near = relative(from, path).split(sep).join("/");
      found.set(path, { path, name: near.startsWith(".") ? near : `./${near}`, digest: digestBytes(bytes) });
      return bytes.toString("utf8");
    },
  };
}

/**
 * Leaves packages in `node_modules` to Node, by their address, and gives this program for its own name. Files of the package
 * that imports them are part of the code, also where that one is installed: Node reads no TypeScript in `node_modules`.
 */
function packagesOutside(found: Map<string, Package>): Plugin {
  return {
    name: "packages-outside",
    async resolveId(source, importer, { kind }) {
      // As it is: a resolver takes a `?` for the begin of a query.
      if (importer === undefined) return isAbsolute(source) ? source : null;
      if (isBuiltin(source)) return null;
      if (source === OURS) return { id: authorsModule, external: true };
      const target = await this.resolve(source, importer, { skipSelf: true });
      // What is asked for while the code runs may be missing, if the code can do without.
      if (target === null && kind !== "import-statement") return { id: source, external: true };
      if (target === null || target.external) return target;
      const folder = packageFolder(target.id);
      if (folder === null || folder === packageFolder(importer)) return target;
      const manifest = join(folder, "package.json");
      const known = { name: nameOf(folder), version: versionIn(manifest), manifest };
      found.set(known.name, known);
      // `require` takes paths alone, `import` on Windows addresses alone.
      return { id: kind === "require-call" ? target.id : pathToFileURL(target.id).href, external: true };
    },
  };
}

/** The folder of the package in `node_modules` that a file belongs to; null for one of the project. */
function packageFolder(file: string): string | null {
  return /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+(?=[\\/])/.exec(file)?.[0] ?? null;
}

function nameOf(folder: string): string {
  return folder
    .replace(/^.*[\\/]node_modules[\\/]/, "")
    .split(sep)
    .join("/");
}
