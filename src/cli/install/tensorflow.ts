import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Diagnostic } from "../../base/diagnostic.js";
import { ok } from "../../base/result.js";
import {
  bindingOf,
  type EngineManifest,
  enginesFolder,
  installedTensorflow,
  MANIFEST,
  packageIn,
} from "../../base/tensorflow-home.js";
import { askBinding } from "../../exec/libtensorflow.js";
import { whyNot } from "../../exec/messages.js";
import { WorkerPool } from "../../exec/pool.js";
import { type Done, type Job, stepFailed } from "./job.js";
import { runOfficialInstaller } from "./official.js";
import { fetchPackages } from "./package.js";
import { PACKAGES } from "./sources.js";
import { buildFromWheel, whyNoWheel } from "./wheel.js";

/** Where libtensorflow comes from. */
export type Source = EngineManifest["from"];

export interface InstallHooks extends Pick<Job, "say" | "progress" | "signal"> {
  /** Something went another way than it should, and the installation goes on. */
  warn(diagnostic: Diagnostic): void;
}

const NAME = "tensorflow";
/** Names in the folder of engines that only an installation uses. */
const STAGING = ".staging-";
const DOWNLOADS = ".downloads";

/** The engine's folder among those that `pipe engine install` brings. */
export function tensorflowFolder(): string {
  return join(enginesFolder(), NAME);
}

/**
 * Makes the engine in a folder beside its own, tries it, and moves it to its place when it works. Whatever ends the
 * installation before that leaves what was there, and at most a download that the next one goes on with.
 */
export async function installTensorflow(from: Source | undefined, hooks: InstallHooks): Promise<Done<EngineManifest>> {
  const engines = enginesFolder();
  mkdirSync(engines, { recursive: true });
  const others = removeLeftovers(engines);
  if (others[0] !== undefined) return underWay(join(engines, others[0]));
  const staging = mkdtempSync(join(engines, `${STAGING}${process.pid}-`));
  const remove = (): void => rmSync(staging, { recursive: true, force: true });
  process.once("exit", remove);
  try {
    const job: Job = {
      ...hooks,
      home: join(staging, NAME),
      scratch: join(staging, "scratch"),
      downloads: join(engines, DOWNLOADS),
    };
    for (const folder of [job.home, job.scratch]) mkdirSync(folder);
    const made = await make(job, from, hooks);
    if (!made.ok) return made;
    hooks.say("training for one step with it");
    const tried = await tryEngine(staging);
    if (tried !== undefined)
      return stepFailed("what was built does not work", { code: null, lastWords: tried }, REPORT);
    if (hooks.signal.aborted) return stepFailed("stopped", { code: null, lastWords: "" }, REPORT);
    publish(job.home, staging);
    rmSync(job.downloads, { recursive: true, force: true });
    return made;
  } finally {
    process.removeListener("exit", remove);
    remove();
  }
}

const REPORT = "Run `pipe doctor` for what this machine is, and report it with this message.";

async function make(job: Job, from: Source | undefined, hooks: InstallHooks): Promise<Done<EngineManifest>> {
  const fetched = await fetchPackages(job);
  if (!fetched.ok) return fetched;
  const built = await makeNativePart(job, from, hooks);
  if (!built.ok) return built;
  const binding = bindingOf(packageIn(job.home));
  const library = binding === null ? { ok: false as const, error: "it is missing" } : askBinding(binding);
  if (!library.ok) return stepFailed("the native part does not load", { code: null, lastWords: library.error }, REPORT);
  const manifest: EngineManifest = {
    format: 1,
    engine: NAME,
    package: PACKAGES["@tensorflow/tfjs-node"].version,
    libtensorflow: library.value,
    from: built.value,
  };
  writeFileSync(join(job.home, MANIFEST), JSON.stringify(manifest, null, 2));
  return ok(manifest);
}

/** The publisher's own way first, since it serves systems that the wheel does not. */
async function makeNativePart(job: Job, from: Source | undefined, hooks: InstallHooks): Promise<Done<Source>> {
  const unfit = whyNoWheel(existsSync("/lib64/ld-linux-x86-64.so.2"), process.platform, process.arch);
  if (from === "wheel" && unfit !== undefined) {
    return stepFailed(unfit, { code: null, lastWords: "" }, "Leave out --from, or say --from official.");
  }
  if (from !== "wheel") {
    const official = await runOfficialInstaller(job);
    if (official.ok) return ok("official");
    if (from === "official" || unfit !== undefined || job.signal.aborted) return official;
    for (const diagnostic of official.error) hooks.warn(insteadOf(diagnostic));
  }
  const wheel = await buildFromWheel(job);
  return wheel.ok ? ok("wheel") : wheel;
}

function insteadOf({ message, received }: Diagnostic): Diagnostic {
  const lines = received?.split("\n") ?? [];
  const why = lines.find((line) => /^Error: /.test(line)) ?? lines[0];
  return {
    code: "engine-install-detour",
    severity: "warning",
    message: `${message}${why === undefined ? "" : ` (${why.trim()})`}; libtensorflow is taken from PyPI instead`,
    fix: "Nothing is to be done.",
  };
}

/**
 * Why the engine does not work; undefined where it does.
 * @param engines the folder that it is in; default: wherever a run would find it.
 */
export async function tryEngine(engines?: string): Promise<string | undefined> {
  const env = engines === undefined ? {} : { PIPE_ENGINES: engines };
  const pool = new WorkerPool({ slots: 1, log: () => {}, env });
  try {
    const task = { type: "probe", node: "probe", attempt: 1, engine: NAME, train: true, storePath: "" } as const;
    const outcome = await pool.run(task, () => {});
    return outcome.status === "done" ? undefined : whyNot(outcome);
  } finally {
    await pool.close();
  }
}

/** An older one goes into the staging folder, which is removed. */
function publish(home: string, staging: string): void {
  const place = tensorflowFolder();
  if (existsSync(place)) renameSync(place, join(staging, "replaced"));
  renameSync(home, place);
}

/** False where there was none. */
export function removeTensorflow(): boolean {
  const engines = enginesFolder();
  if (!existsSync(engines)) return false;
  const others = removeLeftovers(engines);
  const place = tensorflowFolder();
  const there = installedTensorflow(place) !== null;
  // Renamed at once: no process may find half of it while the rest is being deleted.
  if (existsSync(place)) {
    const doomed = mkdtempSync(join(engines, `${STAGING}${process.pid}-`));
    renameSync(place, join(doomed, NAME));
    rmSync(doomed, { recursive: true, force: true });
  }
  if (others.length === 0) rmSync(join(engines, DOWNLOADS), { recursive: true, force: true });
  return there;
}

/** Removes the staging folders of installations that were killed; gives those of others, which go on. */
function removeLeftovers(engines: string): readonly string[] {
  const staging = readdirSync(engines).filter((name) => name.startsWith(STAGING));
  const alive = (name: string): boolean => isRunning(Number.parseInt(name.slice(STAGING.length), 10));
  for (const name of staging.filter((each) => !alive(each))) {
    rmSync(join(engines, name), { recursive: true, force: true });
  }
  return staging.filter(alive);
}

/** Two at a time would take the download from each other. */
function underWay(folder: string): Done<never> {
  const fix = `Wait for it, or delete ${folder} if there is none.`;
  return stepFailed("another installation is under way", { code: null, lastWords: "" }, fix);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
