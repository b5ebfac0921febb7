import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { pathBelow } from "../base/paths.js";

export type GitState = { readonly commit: string; readonly dirty: boolean } | null;

/** A question to git may take this long; then the report does without. */
const PATIENCE_MS = 5000;

/**
 * The commit of the working directory, and whether these files differ from it: an experiment can be found again in its
 * repository when they do not. Other files do not matter, so an edit elsewhere renders no report anew; and git looks at
 * a few paths only, which takes a few milliseconds in any repository, beside other work. Null outside a checkout.
 * @param files absolute paths; those outside of the checkout are not git's to judge.
 */
export async function gitState(cwd: string, files: readonly string[]): Promise<GitState> {
  const checkout = checkoutOf(cwd);
  if (checkout === null) return null;
  const within = files.filter((file) => pathBelow(checkout, file) !== null).map((file) => relative(cwd, file));
  const args = [
    "--no-optional-locks",
    "--literal-pathspecs",
    "status",
    "--porcelain=v2",
    "--branch",
    "--no-ahead-behind",
  ];
  // Without any path git would look at all; `.git` is never among the files that it lists.
  args.push("--untracked-files=all", "--", ".git", ...within);
  return new Promise((resolve) => {
    const git = spawn("git", args, {
      cwd,
      stdio: ["ignore", "pipe", "ignore"],
      timeout: PATIENCE_MS,
      windowsHide: true,
    });
    let text = "";
    git.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    git.on("error", () => resolve(null));
    git.on("close", (code) => resolve(code === 0 ? parse(text) : null));
  });
}

/** The nearest folder upwards that has a `.git`: a folder, or a file in worktrees and submodules. */
function checkoutOf(folder: string): string | null {
  if (existsSync(join(folder, ".git"))) return folder;
  const parent = dirname(folder);
  return parent === folder ? null : checkoutOf(parent);
}

/** Lines that start with `#` describe the branch, all others are files that differ. */
function parse(text: string): GitState {
  const lines = text.split("\n").filter((line) => line !== "");
  const commit = /^# branch\.oid ([0-9a-f]{40,64})$/m.exec(text)?.[1];
  return commit === undefined ? null : { commit, dirty: lines.some((line) => !line.startsWith("#")) };
}
