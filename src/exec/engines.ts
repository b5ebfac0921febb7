import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Diagnostic } from "../base/diagnostic.js";
import { ENGINE_NAMES, type EngineName, unknownEngine } from "../base/engines.js";
import { err, ok, type Result } from "../base/result.js";
import { findTensorflow, TENSORFLOW_PACKAGE, type TensorflowHome } from "../base/tensorflow-home.js";
import type { EngineChoice } from "../plan/types.js";
import { libtensorflowVersion } from "./libtensorflow.js";

/** What is looked up on the machine; nothing here loads an engine, so that planning stays light. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
  /** Folder of an installed package, or null. */
  packageFolder(name: string): string | null;
  /** The optional engine, wherever it is; null where it is not. */
  tensorflow(): TensorflowHome | null;
}

/** One engine as `doctor` shows it. */
export interface EngineInfo {
  readonly name: EngineName;
  /** Of its libraries: goes into the fingerprints of what it computes. Null where it is not installed. */
  readonly version: string | null;
  /** Why it cannot be used; absent where it can, as far as is known without loading it. */
  readonly why?: string;
  /** The folder of an engine that may be in one of several. */
  readonly folder?: string;
}

/** Fastest first. `tensorflow` is taken only when it is named: its bits differ between its builds. */
const AUTOMATIC: readonly EngineName[] = ["onnx", "wasm", "cpu"];

/** What every engine computes with: operations, gradients, layers. */
const TFJS = ["@tensorflow/tfjs-core", "@tensorflow/tfjs-layers"] as const;

/** The package that computes; the optional engine's is found otherwise. */
const LIBRARY: Readonly<Record<Exclude<EngineName, "tensorflow">, string>> = {
  onnx: "onnxruntime-node",
  wasm: "@tensorflow/tfjs-backend-wasm",
  cpu: "@tensorflow/tfjs-backend-cpu",
};

/** Later versions report their use to their makers; the post-install would fetch GPU libraries, which nothing here uses. */
const INSTALL: Readonly<Record<string, string>> = { "onnxruntime-node": "onnxruntime-node@1.27 --ignore-scripts" };

export function inspectEngine(name: EngineName, machine: Machine = thisMachine): EngineInfo {
  if (name === "tensorflow") return inspectTensorflow(machine);
  const libraries = [LIBRARY[name], ...TFJS];
  const folders = libraries.map((library) => machine.packageFolder(library));
  const missing = libraries.find((_, i) => folders[i] === null);
  if (missing !== undefined) {
    return {
      name,
      version: null,
      why: `${missing} is not installed (npm install ${INSTALL[missing] ?? missing})`,
    };
  }
  const version = `${packageVersion(folders[0] as string)} with tfjs ${tfjsVersion(machine)}`;
  const why = name === "onnx" ? whyNoBinary(folders[0] as string, machine) : undefined;
  return { name, version, ...(why === undefined ? {} : { why }) };
}

const BRING = "pipe engine install tensorflow";

/** Its package may lie in several places, and be there without the library that computes. */
function inspectTensorflow(machine: Machine): EngineInfo {
  const name = "tensorflow";
  const home = machine.tensorflow();
  if (home === null) return { name, version: null, why: `${TENSORFLOW_PACKAGE} is not installed (${BRING})` };
  const { folder } = home;
  const library = libtensorflowVersion(home);
  if (!library.ok) {
    const why = `${TENSORFLOW_PACKAGE} in ${folder} cannot be used, ${library.error} (${BRING})`;
    return { name, version: null, why, folder };
  }
  const version = `${packageVersion(folder)} on libtensorflow ${library.value} with tfjs ${tfjsVersion(machine)}`;
  return { name, version, folder };
}

/**
 * The engine that was asked for, or the fastest that this machine has. `failed` names engines that turned out not to
 * load, with the reason; the choice's note then says so.
 */
export function chooseEngine(
  requested: EngineName | undefined,
  failed: ReadonlyMap<EngineName, string> = new Map(),
  machine: Machine = thisMachine,
): Result<EngineChoice, Diagnostic[]> {
  if (requested !== undefined && !ENGINE_NAMES.includes(requested)) return err([unknownEngine(requested)]);
  const notes: string[] = [];
  for (const name of requested === undefined ? AUTOMATIC : [requested]) {
    const info = inspectEngine(name, machine);
    const why = failed.get(name) ?? info.why;
    if (why === undefined && info.version !== null) {
      return ok({ name, version: info.version, ...(notes.length === 0 ? {} : { note: notes.join("; ") }) });
    }
    notes.push(`${name} cannot be used: ${why}`);
  }
  return err([
    {
      code: "engine-unavailable",
      severity: "error",
      message: notes.join("; "),
      fix: "Run `pipe doctor` to see which engines work here, and choose one with --engine.",
    },
  ]);
}

/** onnxruntime-node carries binaries for some systems only: `bin/napi-v*\/<platform>/<arch>`. */
function whyNoBinary(folder: string, machine: Machine): string | undefined {
  const bin = join(folder, "bin");
  const builds = existsSync(bin) ? readdirSync(bin) : [];
  const found = builds.some((build) =>
    existsSync(join(bin, build, machine.platform, machine.arch, "onnxruntime_binding.node")),
  );
  return found ? undefined : `onnxruntime-node has no binary for ${machine.platform} on ${machine.arch}`;
}

/** Library → version, of an installed engine: for the report, which says how its numbers were computed. */
export function engineLibraries(name: EngineName, machine: Machine = thisMachine): Readonly<Record<string, string>> {
  const versions: Record<string, string> = {};
  const home = name === "tensorflow" ? machine.tensorflow() : null;
  if (home !== null) {
    const library = libtensorflowVersion(home);
    versions[TENSORFLOW_PACKAGE] = packageVersion(home.folder);
    if (library.ok) versions.libtensorflow = library.value;
  }
  for (const library of name === "tensorflow" ? TFJS : [LIBRARY[name], ...TFJS]) {
    const folder = machine.packageFolder(library);
    if (folder !== null) versions[library] = packageVersion(folder);
  }
  return versions;
}

/** Its packages are released together; where they are not installed so, it says both. */
function tfjsVersion(machine: Machine): string {
  const versions = TFJS.map((name) => {
    const folder = machine.packageFolder(name);
    return folder === null ? "unknown" : packageVersion(folder);
  });
  return [...new Set(versions)].join(" and ");
}

export function packageVersion(folder: string): string {
  return (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string }).version;
}

const require = createRequire(import.meta.url);

/** Looks into the folders where Node would, whatever the package's `exports` let be resolved. */
export const thisMachine: Machine = {
  platform: process.platform,
  arch: process.arch,
  packageFolder(name) {
    const folders = (require.resolve.paths(name) ?? []).map((folder) => join(folder, name));
    return folders.find((folder) => existsSync(join(folder, "package.json"))) ?? null;
  },
  tensorflow: findTensorflow,
};
