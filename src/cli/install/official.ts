import { existsSync, rmSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { ok } from "../../base/result.js";
import { bindingOf, packageIn } from "../../base/tensorflow-home.js";
import { askBinding } from "../../exec/libtensorflow.js";
import { type Done, type Job, stepFailed } from "./job.js";
import { runTool } from "./tool.js";
import { sizeOf } from "./wheel.js";

/** A host that is not there answers nothing at all on some networks. */
const FIRST_BYTE_MS = 15_000;
/** Long enough for a compiler that says nothing. */
const STALLED_MS = 120_000;

/**
 * The package's own installer: it downloads libtensorflow and the native part, from where its publisher keeps them or
 * from where the user's environment says. What it leaves on failure is removed.
 */
export async function runOfficialInstaller(job: Job): Promise<Done> {
  job.say("trying the package's own installer");
  const folder = packageIn(job.home);
  const path = [join(job.home, "node_modules/.bin"), dirname(process.execPath), process.env.PATH ?? ""];
  const end = await runTool(process.execPath, ["scripts/install.js"], {
    cwd: folder,
    env: { PATH: path.join(delimiter) },
    signal: job.signal,
    watch: downloadWatch(folder),
  });
  const binding = bindingOf(folder);
  // Made elsewhere, for other systems than this one may be.
  const library = end.code === 0 && binding !== null ? askBinding(binding) : null;
  if (library?.ok) return ok(undefined);
  for (const part of ["deps", "lib"]) rmSync(join(folder, part), { recursive: true, force: true });
  if (library !== null) {
    const lastWords = `Error: ${library.error}`;
    return stepFailed("the publisher's library is of no use here", { code: null, lastWords }, "Say --from wheel.");
  }
  return stepFailed("the package's own installer did not get through", end, "Check the network.");
}

/** Ends an installer that gets nothing at first, or nothing more for long. */
function downloadWatch(folder: string, clock: () => number = () => performance.now()): () => string | undefined {
  let size = 0;
  let since = clock();
  return () => {
    const deps = join(folder, "deps");
    const now = existsSync(deps) ? sizeOf(deps) : 0;
    if (now !== size) {
      size = now;
      since = clock();
    }
    const limit = size === 0 ? FIRST_BYTE_MS : STALLED_MS;
    return clock() - since > limit ? `nothing came for ${limit / 1000} s` : undefined;
  };
}
