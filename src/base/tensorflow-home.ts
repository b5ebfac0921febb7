/**
 * Where the optional engine `tensorflow` is on this machine. Nothing here loads it: the parent process asks before it
 * plans, a worker before it loads.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { cacheFolder } from "./cache-folder.js";

/** The package that is the engine; an optional peer dependency, so a name that the compiler does not look up. */
export const TENSORFLOW_PACKAGE: string = "@tensorflow/tfjs-node";

/** What `pipe engine install` leaves beside an engine, written last: without it a folder is no installed engine. */
export interface EngineManifest {
  readonly format: 1;
  readonly engine: "tensorflow";
  /** Of `@tensorflow/tfjs-node`. */
  readonly package: string;
  /** As the library itself says it. */
  readonly libtensorflow: string;
  readonly from: "official" | "wheel";
}

export interface TensorflowHome {
  /** Of the package `@tensorflow/tfjs-node`. */
  readonly folder: string;
  /** Its native part; null where its installer did not get that far. */
  readonly binding: string | null;
  /** Of an engine that `pipe engine install` brought; null for a package of the project's own. */
  readonly manifest: EngineManifest | null;
}

/**
 * The folder of engines that `pipe engine install` brings: the user's, so that one download serves all projects and
 * outlives every `npm ci`. PIPE_ENGINES names another one; then no other place counts, also none of the project's.
 */
export function enginesFolder(): string {
  const { PIPE_ENGINES } = process.env;
  if (PIPE_ENGINES !== undefined && PIPE_ENGINES !== "") return resolve(PIPE_ENGINES);
  return join(cacheFolder(), "engines");
}

/** A complete one before one without its native part; of two complete ones the project's own, since it was chosen for the project. */
export function findTensorflow(): TensorflowHome | null {
  const installed = installedTensorflow(join(enginesFolder(), "tensorflow"));
  const own = (process.env.PIPE_ENGINES ?? "") === "" ? ownTensorflow() : null;
  if (own?.binding != null) return own;
  return installed ?? own;
}

/** The engine in a folder that `pipe engine install` made; null where there is none, or only half of one. */
export function installedTensorflow(home: string): TensorflowHome | null {
  const manifest = readManifest(join(home, MANIFEST));
  const folder = packageIn(home);
  const binding = bindingOf(folder);
  return manifest === null || binding === null ? null : { folder, binding, manifest };
}

export const MANIFEST = "engine.json";

/** Where an engine's folder has the package. */
export function packageIn(home: string): string {
  return join(home, "node_modules", TENSORFLOW_PACKAGE);
}

function readManifest(file: string): EngineManifest | null {
  try {
    const manifest = JSON.parse(readFileSync(file, "utf8")) as EngineManifest;
    return manifest.format === 1 && typeof manifest.libtensorflow === "string" ? manifest : null;
  } catch {
    return null;
  }
}

const require = createRequire(import.meta.url);

/** The package as Node would find it from here. */
function ownTensorflow(): TensorflowHome | null {
  const folders = (require.resolve.paths(TENSORFLOW_PACKAGE) ?? []).map((folder) => join(folder, TENSORFLOW_PACKAGE));
  const folder = folders.find((candidate) => existsSync(join(candidate, "package.json")));
  return folder === undefined ? null : { folder, binding: bindingOf(folder), manifest: null };
}

/** The native part for the newest interface that this Node has: `lib/napi-v8/tfjs_binding.node`. */
export function bindingOf(folder: string): string | null {
  const lib = join(folder, "lib");
  const versions = existsSync(lib) ? readdirSync(lib).flatMap((name) => /^napi-v(\d+)$/.exec(name)?.[1] ?? []) : [];
  const usable = versions.map(Number).filter((version) => version <= Number(process.versions.napi));
  const files = usable.sort((a, b) => b - a).map((version) => join(lib, `napi-v${version}`, "tfjs_binding.node"));
  return files.find((file) => existsSync(file)) ?? null;
}
