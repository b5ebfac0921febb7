import { mkdirSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { ok } from "../../base/result.js";
import { packageIn } from "../../base/tensorflow-home.js";
import { type Done, type Job, stepFailed } from "./job.js";
import { runTool } from "./tool.js";

export interface Libraries {
  readonly include: string;
  /** Where the libraries lie, and their file names there. */
  readonly folder: string;
  readonly libraries: readonly string[];
}

/** The interface to Node that the package is written for; every later Node has it. */
const NAPI = 8;

/** Compiles the package's own sources. The result finds its libraries by their place beside it, wherever both are moved. */
export async function compileBinding(job: Job, compiler: string, found: Libraries): Promise<Done> {
  job.say("compiling the native part");
  const folder = packageIn(job.home);
  const binding = join(folder, "lib", `napi-v${NAPI}`, "tfjs_binding.node");
  mkdirSync(dirname(binding), { recursive: true });
  const sources = readdirSync(join(folder, "binding")).filter((name) => name.endsWith(".cc"));
  const args = [
    ...["-O2", "-std=c++17", "-fPIC", "-shared", "-w", `-DNAPI_VERSION=${NAPI}`],
    ...[`-I${join(job.home, "node_modules/node-api-headers/include")}`, `-I${found.include}`],
    ...sources.map((name) => join(folder, "binding", name)),
    ...["-o", binding, `-L${found.folder}`, ...found.libraries.map((name) => `-l:${name}`)],
    `-Wl,-rpath,$ORIGIN/${relative(dirname(binding), found.folder)}`,
  ];
  const end = await runTool(compiler, args, { cwd: job.scratch, signal: job.signal });
  if (end.code === 0) return ok(undefined);
  return stepFailed("the native part could not be compiled", end, "Check that g++ knows C++17: version 8 or later.");
}
