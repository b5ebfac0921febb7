/** A contender in a process of its own, on one core, which computes only while it is asked to. */
import { spawn, spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { createInterface } from "node:readline";
import { line } from "./print.js";

/** The last core of several: the first ones have more of the system's own work. Null where a process cannot be pinned. */
export const CORE = spawnSync("taskset", ["--version"]).status === 0 ? String(availableParallelism() - 1) : null;

/**
 * Starts a process that says who it is in a line of JSON and answers every line with another.
 * @returns `about`, `ask(command)` and `stop()`; or null, with a line that says why, where it does not start.
 */
export async function openContender(name, command, args, env) {
  const [file, all] = CORE === null ? [command, args] : ["taskset", ["-c", CORE, command, ...args]];
  const child = spawn(file, all, { env, stdio: ["pipe", "pipe", "pipe"] });
  let said = "";
  child.stderr.on("data", (data) => {
    said = `${said}${data}`.slice(-4000);
  });
  child.on("error", (error) => {
    said += error.message;
  });
  // One that has ended is noticed by its missing answer.
  child.stdin.on("error", () => {});
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  async function next() {
    for (;;) {
      const { value, done } = await answers.next();
      if (done) throw new Error(lastWords(said));
      if (value.startsWith("{")) return JSON.parse(value);
    }
  }
  const contender = {
    name,
    async ask(command) {
      child.stdin.write(`${command}\n`);
      return next();
    },
    stop: () => child.kill("SIGKILL"),
  };
  try {
    return { ...contender, about: await next() };
  } catch (error) {
    line(name, `left out: ${error.message}`);
    contender.stop();
    return null;
  }
}

/** Of what a process wrote about its end: the last line that is no part of a stack trace. */
function lastWords(text) {
  const lines = text.split("\n").filter((each) => /^\S/.test(each) && !each.startsWith("Node.js v"));
  return lines.at(-1)?.trim() ?? "it ended without a word";
}
