/**
 * One of our engines as a contender, with the same questions and answers as the peers (bench/peers/common.py):
 *
 *     node bench/ours.js PROBLEM ENGINE
 *
 * An epoch is one of `train`, as `pipe run` trains: shuffling, gathering, noise and progress included.
 */
import { readFileSync, readSync, writeSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { tensorOf } from "../dist/src/artifact/tensor.js";
import { parseIdx } from "../dist/src/data/idx.js";
import { buildGraph, datasetOfArrays, loadEngine, train } from "../dist/src/engine/index.js";
import { objectiveOf } from "../dist/src/engine/objective.js";
import { trainingProgram } from "../dist/src/engine/program.js";
import { graphOf } from "./graph.js";
import { PROBLEMS } from "./problem.js";

const [, , path, engineName] = process.argv;
const problem = JSON.parse(readFileSync(path, "utf8"));
const { model: spec } = PROBLEMS[problem.model];
const model = value(await buildGraph(graphOf(spec.build), () => spec.inputShape));
const engine = value(await loadEngine(engineName));
const images = idx(problem.images, problem.items * 784);
const labels = idx(problem.labels, problem.items);

function idx(file, length) {
  return value(parseIdx(readFileSync(file))).data.subarray(0, length);
}

function value(result) {
  if (result.ok) return result.value;
  writeSync(2, `${result.error.map(({ message }) => message ?? "unreadable").join("; ")}\n`);
  process.exit(1);
}

/** Who multiplies matrices. */
const MATH = { onnx: "MLAS", tensorflow: "oneDNN", wasm: "XNNPACK" };

/** Commands come one a line, and nothing else is done while there is none. */
function* commands() {
  const buffer = Buffer.alloc(64);
  for (let text = ""; ; ) {
    const lines = text.split("\n");
    text = lines.pop();
    yield* lines;
    const count = readSync(0, buffer);
    if (count === 0) return;
    text += buffer.toString("latin1", 0, count);
  }
}

function answer(what) {
  writeSync(1, `${JSON.stringify(what)}\n`);
}

/** The first steps, from the weights of the seed, which the peers are given. */
async function check() {
  const { batch, checkSteps } = problem;
  const setup = { model, data: spec.data, objective: value(objectiveOf(model, undefined, { loss: spec.loss })) };
  const compiled = value(
    await engine.compileTraining(trainingProgram(setup, { optimizer: { adam: problem.adam } }, 1)),
  );
  const noise = readFileSync(join(dirname(path), "noise.bin"));
  const data = {
    x: images.subarray(0, checkSteps * batch * 784),
    ...(problem.model === "vae"
      ? { "draw.noise": new Float32Array(noise.buffer, noise.byteOffset, noise.byteLength / 4) }
      : { y: Int32Array.from(labels.subarray(0, checkSteps * batch)) }),
  };
  const rates = new Float32Array(checkSteps).fill(problem.adam.learningRate);
  const { loss } = value(await compiled.run(batch, checkSteps, data, rates));
  compiled.dispose();
  return { losses: [...loss] };
}

/** Trains as long as there are commands; each epoch waits for the next one. */
async function epochs(next) {
  const shape = [problem.items, ...spec.inputShape];
  const split = {
    x: tensorOf("uint8", shape, images, { scale: spec.data.x.scale }),
    y: problem.model === "vae" ? null : tensorOf("uint8", [problem.items], labels),
  };
  const dataset = datasetOfArrays({ name: "mnist", classes: null, splits: { train: split } });
  const params = {
    optimizer: { adam: problem.adam },
    loss: spec.loss,
    schedule: { constant: {} },
    batchSize: problem.batch,
    epochs: 1e6,
    validation: false,
  };
  let start = process.cpuUsage();
  await train(
    engine,
    { model, dataset, params, seed: 1 },
    {
      epoch({ seconds: wall, metrics }) {
        const { user, system } = process.cpuUsage(start);
        answer({ seconds: (user + system) / 1e6, wall, loss: metrics.train.loss });
        if (next().done) process.exit();
        start = process.cpuUsage();
      },
    },
  );
}

answer({
  cores: availableParallelism(),
  version: `${engine.name} (${engine.version})`,
  math: MATH[engine.name] ?? "JavaScript",
});
const lines = commands();
for (let line = lines.next(); !line.done; line = lines.next()) {
  if (line.value === "check") answer(await check());
  else await epochs(() => lines.next());
}
