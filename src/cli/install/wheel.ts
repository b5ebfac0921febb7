import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ok } from "../../base/result.js";
import { packageIn } from "../../base/tensorflow-home.js";
import { compileBinding } from "./compile.js";
import { type Done, type Job, stepFailed, toolMissing } from "./job.js";
import { WHEEL } from "./sources.js";
import { findTool, runTool } from "./tool.js";

const WHY = "it fetches libtensorflow from PyPI";

/** Why this machine cannot use the wheel; undefined where it can. */
export function whyNoWheel(hasGlibc: boolean, platform: string, arch: string): string | undefined {
  if (platform === "linux" && arch === "x64" && hasGlibc) return undefined;
  const libc = platform === "linux" && !hasGlibc ? " without glibc" : "";
  return `the wheel is for linux on x64 with glibc, this is ${platform} on ${arch}${libc}`;
}

/** libtensorflow out of the wheel on PyPI, and the native part compiled against it. */
export async function buildFromWheel(job: Job): Promise<Done> {
  const compiler = findTool(...(process.env.CXX ? [process.env.CXX] : []), "g++", "c++", "clang++");
  // Checked first, before 207 MB are downloaded.
  if (compiler === null) {
    return toolMissing(
      "g++",
      "it compiles the engine's native part",
      "Install it: apt-get install g++, or your system's.",
    );
  }
  const python = await findPython(job);
  if (!python.ok) return python;
  const wheel = await download(job, python.value);
  if (!wheel.ok) return wheel;
  const deps = join(packageIn(job.home), "deps");
  const unpacked = await unpack(job, python.value, wheel.value, deps);
  if (!unpacked.ok) return unpacked;
  const folder = join(deps, "tensorflow");
  const include = join(folder, "include");
  const libraries = readdirSync(folder).filter((name) => name.startsWith("libtensorflow"));
  const made = await compileBinding(job, compiler, { include, folder, libraries });
  rmSync(include, { recursive: true, force: true });
  return made;
}

/** A Python that has pip. */
async function findPython(job: Job): Promise<Done<string>> {
  const found = ["python3", "python"].flatMap((name) => findTool(name) ?? []);
  if (found.length === 0) {
    return toolMissing("Python", WHY, "Install it with pip: apt-get install python3-pip, or your system's.");
  }
  for (const python of found) {
    const { code } = await runTool(python, ["-m", "pip", "--version"], { cwd: job.scratch, signal: job.signal });
    if (code === 0) return ok(python);
  }
  return toolMissing("pip", WHY, "Install it: apt-get install python3-pip, or python3 -m ensurepip.");
}

/** The wheel's path. pip checks its digest, also of one that an earlier try left. */
async function download(job: Job, python: string): Promise<Done<string>> {
  job.say(`downloading ${WHEEL.name} ${WHEEL.version} with pip, ${Math.round(WHEEL.bytes / 1e6)} MB`);
  mkdirSync(job.downloads, { recursive: true });
  const wanted = join(job.scratch, "requirements.txt");
  writeFileSync(wanted, `${WHEEL.name}==${WHEEL.version} --hash=sha256:${WHEEL.sha256}\n`);
  const what = ["--require-hashes", "-r", wanted, "--no-deps", "--only-binary", ":all:", "-d", job.downloads];
  const target = ["--python-version", WHEEL.python, "--implementation", "cp", "--platform", WHEEL.platform];
  const flags = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off", "--quiet"];
  const parts = join(job.scratch, "pip");
  mkdirSync(parts);
  const end = await runTool(python, ["-m", "pip", "download", ...what, ...target, ...flags], {
    cwd: job.scratch,
    env: { TMPDIR: parts, PIP_REQUIRE_VIRTUALENV: "0" },
    signal: job.signal,
    watch: () => {
      const bytes = sizeOf(parts);
      if (bytes > 0) job.progress(Math.min(bytes, WHEEL.bytes), WHEEL.bytes);
      return undefined;
    },
  });
  // One of another version may lie there from an earlier try.
  const start = `${WHEEL.name.replaceAll("-", "_")}-${WHEEL.version}-`;
  const name = readdirSync(job.downloads).find((file) => file.startsWith(start));
  if (end.code === 0 && name !== undefined) return ok(join(job.downloads, name));
  return stepFailed(`pip could not fetch ${WHEEL.name} ${WHEEL.version}`, end, "Check pip's index and the network.");
}

/** Bytes below a folder, while others write there. */
export function sizeOf(folder: string): number {
  let bytes = 0;
  for (const name of readdirSync(folder, { recursive: true }) as string[]) {
    bytes += statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}

/** The members that are needed, a third of the whole. zipfile checks each against its sum, and keeps paths below the target. */
const UNPACK = `
import sys, zipfile
wheel, target, *members = sys.argv[1:]
with zipfile.ZipFile(wheel) as file:
    names = [name for name in file.namelist() if name.startswith(tuple(members))]
    file.extractall(target, names)
`;

async function unpack(job: Job, python: string, wheel: string, target: string): Promise<Done> {
  job.say("unpacking libtensorflow");
  const args = ["-c", UNPACK, wheel, target, ...WHEEL.members];
  const end = await runTool(python, args, { cwd: job.scratch, signal: job.signal });
  if (end.code === 0) return ok(undefined);
  return stepFailed("libtensorflow could not be unpacked", end, "Check that the disk has 900 MB to spare.");
}
