import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { type OutputChunk, type Plugin, rolldown } from "rolldown";
import { digestBytes } from "../base/digest.js";
import { authorsModule, codeFolder } from "./home.js";
import { type Module, type Package, versionIn } from "./note.js";

export interface Bundle {
  readonly text: string;
  readonly modules: readonly Module[];
  readonly packages: readonly Package[];
}

const OURS = "pipe-experiments";

/**
 * One file of JavaScript made of `entry` and all that it imports from the project. Packages stay outside: they are imported
 * from where they are, and count by name and version. Throws what the bundler says.
 */
export async function bundled(entry: string): Promise<Bundle> {
  const modules = new Map<string, Module>();
  const packages = new Map<string, Package>();
  const build = await rolldown({
    input: entry,
    platform: "node",
    tsconfig: false,
    logLevel: "silent",
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

/** Leaves what lies in `node_modules` to Node, by its address, and gives this program for its own name. */
function packagesOutside(found: Map<string, Package>): Plugin {
  return {
    name: "packages-outside",
    async resolveId(source, importer) {
      if (importer === undefined || isBuiltin(source)) return null;
      if (source === OURS) return { id: authorsModule, external: true };
      const target = await this.resolve(source, importer, { skipSelf: true });
      if (target === null || target.external || !target.id.includes(`${sep}node_modules${sep}`)) return target;
      const known = packageOf(target.id);
      found.set(known.name, known);
      return { id: pathToFileURL(target.id).href, external: true };
    },
  };
}

/** The package that a file in `node_modules` belongs to. */
function packageOf(file: string): Package {
  const [above = "", ...below] = file.split(/[\\/]node_modules[\\/](?!.*[\\/]node_modules[\\/])/);
  const [first = "", second = ""] = below.join("").split(/[\\/]/);
  const name = first.startsWith("@") ? `${first}/${second}` : first;
  const manifest = join(above, "node_modules", ...name.split("/"), "package.json");
  return { name, version: versionIn(manifest), manifest };
}
