import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { err, ok } from "../../base/result.js";
import { type Done, type Job, stepFailed, toolMissing } from "./job.js";
import { PACKAGES, STAND_INS } from "./sources.js";
import { findTool, runTool } from "./tool.js";

/** Brings the packages from npm, as npm is set up on this machine, and checks that they are what they were. */
export async function fetchPackages(job: Job): Promise<Done> {
  const npm = findTool("npm");
  if (npm === null) return toolMissing("npm", "it fetches the engine's package", "Install npm, which comes with Node.");
  job.say(`fetching @tensorflow/tfjs-node ${PACKAGES["@tensorflow/tfjs-node"].version}`);
  writeProject(job.home);
  const flags = ["--ignore-scripts", "--install-links", "--package-lock", "--global=false", "--dry-run=false"];
  const quiet = ["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];
  const end = await runTool(npm, ["install", ...flags, ...quiet], { cwd: job.home, signal: job.signal });
  if (end.code !== 0) {
    return stepFailed("npm could not install @tensorflow/tfjs-node", end, "Check npm's registry and the network.");
  }
  return checkIntegrity(job.home);
}

/** The stand-ins are local packages that take the place of the real ones wherever these are asked for. */
function writeProject(home: string): void {
  const local: Record<string, string> = {};
  for (const name of STAND_INS) {
    const folder = join("stand-ins", name);
    mkdirSync(join(home, folder), { recursive: true });
    const about = { name, version: PACKAGES["@tensorflow/tfjs-node"].version, main: "index.js" };
    writeFileSync(join(home, folder, "package.json"), JSON.stringify(about));
    writeFileSync(join(home, folder, "index.js"), "");
    local[name] = `file:./stand-ins/${name}`;
  }
  const versions = Object.entries(PACKAGES).map(([name, { version }]) => [name, version]);
  const project = { private: true, dependencies: { ...Object.fromEntries(versions), ...local }, overrides: local };
  writeFileSync(join(home, "package.json"), JSON.stringify(project, null, 2));
}

function checkIntegrity(home: string): Done {
  const lock = JSON.parse(readFileSync(join(home, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, { readonly integrity?: string }>>;
  };
  for (const [name, { version, integrity }] of Object.entries(PACKAGES)) {
    const received = lock.packages[`node_modules/${name}`]?.integrity;
    if (received === integrity) continue;
    return err([
      {
        code: "engine-install-failed",
        severity: "error",
        message: `npm brought another ${name} ${version} than the one that was published`,
        received: received ?? "no digest",
        expected: integrity,
        fix: "Check which registry npm asks.",
      },
    ]);
  }
  return ok(undefined);
}
