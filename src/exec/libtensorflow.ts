import { spawnSync } from "node:child_process";
import { err, ok, type Result } from "../base/result.js";
import type { TensorflowHome } from "../base/tensorflow-home.js";

const answers = new Map<string, Result<string, string>>();

/**
 * The version of the library that a package is bound to, or why that library does not load. What `pipe engine install`
 * brought was asked then; another one is asked in a process of its own, which may crash.
 */
export function libtensorflowVersion({ binding, manifest }: TensorflowHome): Result<string, string> {
  if (manifest !== null) return ok(manifest.libtensorflow);
  if (binding === null) return err("its native part is missing");
  const known = answers.get(binding);
  if (known !== undefined) return known;
  const answer = askBinding(binding);
  answers.set(binding, answer);
  return answer;
}

const ASK = "process.stdout.write(String(require(process.argv[1]).TF_Version))";

/** @param binding the file `tfjs_binding.node`. */
export function askBinding(binding: string): Result<string, string> {
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: "3", NODE_OPTIONS: "" };
  const { status, stdout, stderr, error } = spawnSync(process.execPath, ["-e", ASK, binding], {
    env,
    encoding: "utf8",
    timeout: 60_000,
  });
  if (status === 0 && /^\d/.test(stdout)) return ok(stdout);
  const said = error?.message ?? /^\w*Error: (.*)$/m.exec(stderr)?.[1] ?? stderr.trim().split("\n").at(-1) ?? "";
  return err(`its library does not load${said === "" ? "" : `: ${said}`}`);
}
