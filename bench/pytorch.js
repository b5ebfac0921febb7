/** PyTorch beside the engines, where there is a Python that has it: `PYTHON`, or `python3`, or the system's. */
import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("pytorch/turns.py", import.meta.url));

/** The command of a Python that has PyTorch, or null. */
export function findPytorch() {
  const candidates = [process.env.PYTHON, "python3", "/usr/bin/python3"];
  return candidates.find((python) => python && spawnSync(python, ["-c", "import torch"]).status === 0) ?? null;
}

/**
 * Starts a model in a process of its own.
 * @returns its version, `train(steps)` that resolves to seconds, and `stop()`; or null where there is no PyTorch.
 */
export async function openPytorch(model, batch) {
  const python = findPytorch();
  if (python === null) return null;
  const child = spawn(python, [SCRIPT, model, String(batch)], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const answer = async () => (await lines.next()).value;
  return {
    version: await answer(),
    async train(steps) {
      child.stdin.write(`${steps}\n`);
      return Number(await answer());
    },
    stop: () => child.kill(),
  };
}
