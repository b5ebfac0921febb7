import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Diagnostic } from "../../base/diagnostic.js";
import { err, ok } from "../../base/result.js";
import { didYouMean, orList } from "../../base/suggest.js";
import {
  enginesFolder,
  findTensorflow,
  installedTensorflow,
  TENSORFLOW_PACKAGE,
  type TensorflowHome,
} from "../../base/tensorflow-home.js";
import { libtensorflowVersion } from "../../exec/libtensorflow.js";
import { PACKAGES } from "../install/sources.js";
import {
  type InstallHooks,
  installTensorflow,
  removeTensorflow,
  type Source,
  tensorflowFolder,
  tryEngine,
} from "../install/tensorflow.js";
import { usageError } from "../usage.js";
import type { Diagnosed } from "./store.js";

/** Engines that can be brought; the others come with the program. */
export const INSTALLABLE = ["tensorflow"] as const;
export const SOURCES = ["official", "wheel"] as const satisfies readonly Source[];

export interface InstalledEngine {
  readonly engine: string;
  /** `present`: one that works was there already. */
  readonly status: "installed" | "present";
  readonly folder: string;
  readonly versions: Readonly<Record<string, string>>;
  /** Where its library came from; null of a package of the project's own. */
  readonly from: Source | null;
}

export interface RemovedEngine {
  readonly engine: string;
  readonly status: "removed" | "absent";
  readonly folder: string;
}

export interface InstallRequest extends Partial<InstallHooks> {
  /** Default: the publisher's installer, and the wheel on PyPI where that does not get through. */
  readonly from?: Source;
}

/** Brings an engine into the user's folder of engines, for all projects. One that is there and works is left alone. */
export async function installEngine(name: string, request: InstallRequest = {}): Promise<Diagnosed<InstalledEngine>> {
  if (name !== "tensorflow") return err([notInstallable(name)]);
  const { from, signal = new AbortController().signal } = request;
  const present = await workingEngine(from);
  if (present !== null) return ok(describe(present, "present"));
  const hooks: InstallHooks = {
    signal,
    say: request.say ?? (() => {}),
    progress: request.progress ?? (() => {}),
    warn: request.warn ?? (() => {}),
  };
  const made = await guarded(() => installTensorflow(from, hooks));
  if (signal.aborted) return err([interrupted()]);
  if (!made.ok) return made;
  const home = installedTensorflow(tensorflowFolder()) as TensorflowHome;
  const used = findTensorflow();
  if (used !== null && used.folder !== home.folder) hooks.warn(overshadowed(used));
  return ok(describe(home, "installed"));
}

/** Deletes what `installEngine` brought, and what a download that was cut off left. */
export async function removeEngine(name: string): Promise<Diagnosed<RemovedEngine>> {
  if (name !== "tensorflow") return err([notInstallable(name)]);
  const folder = tensorflowFolder();
  return guarded(() => ok({ engine: name, status: removeTensorflow() ? "removed" : "absent", folder }));
}

/** The engine that a run would use, if it works and is the one wanted. */
async function workingEngine(from: Source | undefined): Promise<TensorflowHome | null> {
  const home = findTensorflow();
  if (home === null || home.binding === null) return null;
  const { manifest } = home;
  const outdated = manifest !== null && manifest.package !== PACKAGES["@tensorflow/tfjs-node"].version;
  if (outdated || (from !== undefined && manifest?.from !== from)) return null;
  return (await tryEngine()) === undefined ? home : null;
}

function describe(home: TensorflowHome, status: InstalledEngine["status"]): InstalledEngine {
  const { folder, manifest } = home;
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { readonly version: string };
  const library = libtensorflowVersion(home);
  return {
    engine: "tensorflow",
    status,
    folder: manifest === null ? folder : tensorflowFolder(),
    versions: { [TENSORFLOW_PACKAGE]: version, ...(library.ok ? { libtensorflow: library.value } : {}) },
    from: manifest?.from ?? null,
  };
}

/** What the disk does is no bug. */
async function guarded<T>(action: () => Diagnosed<T> | Promise<Diagnosed<T>>): Promise<Diagnosed<T>> {
  try {
    return await action();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return err([
      {
        code: "engine-install-failed",
        severity: "error",
        message: `the folder of engines, ${enginesFolder()}, cannot be changed: ${message}`,
        fix: "Check the disk and who may write there, or name another folder in the environment variable PIPE_ENGINES.",
      },
    ]);
  }
}

function interrupted(): Diagnostic {
  return { code: "interrupted", severity: "error", message: "stopped; nothing was installed", fix: "Run it again." };
}

function overshadowed({ folder }: TensorflowHome): Diagnostic {
  return {
    code: "engine-overshadowed",
    severity: "warning",
    message: `the project has a ${TENSORFLOW_PACKAGE} of its own in ${folder}, which comes first and does not work`,
    fix: `Remove it: npm uninstall ${TENSORFLOW_PACKAGE}.`,
  };
}

function notInstallable(name: string): Diagnostic {
  const fix = didYouMean(name, INSTALLABLE) ?? `What can be installed is ${orList(INSTALLABLE)}.`;
  return usageError(`there is no engine \`${name}\` to install or remove`, fix);
}
