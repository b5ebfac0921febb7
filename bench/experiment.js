/** The reference experiment as users run it: the whole program, from an empty store to the report, and once more. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inTurns, line, seconds } from "./print.js";

const PIPE = fileURLToPath(new URL("../bin/pipe.js", import.meta.url));
const COMPARISON = fileURLToPath(new URL("../pipelines/compare.yaml", import.meta.url));

const EPOCHS = 100;

export async function benchExperiment(rounds) {
  console.log(`The reference experiment: both variants, ${EPOCHS} epochs, side by side on two cores (s)`);
  const runs = mkdtempSync(join(tmpdir(), "pipe-bench-"));
  try {
    const first = await wall(process.execPath, [PIPE, "run", COMPARISON, "--jobs", "2", "--runs", runs]);
    line("pipe run, from an empty store to the report", first.toFixed(1));
    const [again, node] = await inTurns(rounds, [
      () => wall(process.execPath, [PIPE, "run", COMPARISON, "--runs", runs]),
      () => wall(process.execPath, ["-e", "0"]),
    ]);
    line("pipe run once more, nothing changed", seconds(again));
    line("Node alone", seconds(node));
  } finally {
    rmSync(runs, { recursive: true, force: true });
  }
}

/** Seconds from start to end of a process. */
async function wall(command, args) {
  const start = performance.now();
  await output(command, args);
  return (performance.now() - start) / 1000;
}

function output(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "ignore"] });
    let text = "";
    child.stdout.on("data", (data) => {
      text += data;
    });
    child.once("error", reject);
    child.once("close", (code) => (code === 0 ? resolve(text) : reject(new Error(`${command} ended with ${code}`))));
  });
}
