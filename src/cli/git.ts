import { spawn } from "node:child_process";

export type GitState = { readonly commit: string; readonly dirty: boolean } | null;

/** A question to git may take this long; then the report does without. */
const PATIENCE_MS = 5000;

/**
 * The commit of the working directory, and whether these files differ from it: an experiment can be found again in its
 * repository when they do not. Other files do not matter, so an edit elsewhere renders no report anew; and git looks at
 * a few paths only, which takes a few milliseconds in any repository, beside other work. Null outside a checkout.
 */
export function gitState(cwd: string, files: readonly string[]): Promise<GitState> {
  const args = ["--no-optional-locks", "status", "--porcelain=v2", "--branch", "--no-ahead-behind"];
  args.push("--untracked-files=all", "--", ...files);
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

/** Lines that start with `#` speak of the branch, all others of files that differ. */
function parse(text: string): GitState {
  const lines = text.split("\n").filter((line) => line !== "");
  const commit = /^# branch\.oid ([0-9a-f]{40,64})$/m.exec(text)?.[1];
  return commit === undefined ? null : { commit, dirty: lines.some((line) => !line.startsWith("#")) };
}
