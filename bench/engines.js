/** What `bench/run.js` runs. */

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createEagerEngine } from "../dist/src/engine/eager/index.js";
import { emitPlain } from "../dist/src/engine/onnx/emit/plain.js";
import { Graph } from "../dist/src/engine/onnx/ir.js";
import { onnxEngine } from "../dist/src/engine/onnx/onnx-engine.js";
import { ALL_REWRITES } from "../dist/src/engine/onnx/rewrites/index.js";
import { Tensor } from "../dist/src/engine/onnx/runtime.js";
import { openSession } from "../dist/src/engine/onnx/session.js";
import { cnn, dataFor, IMAGES_PER_EPOCH, programs, vae } from "./models.js";
import { inTurns, line, median, seconds } from "./print.js";

const START = fileURLToPath(new URL("start.js", import.meta.url));

/** What passes before the first step, each time in a process that has loaded nothing yet: medians. */
export async function benchStart(rounds) {
  console.log("Before the first step of a training, onnx, in a new process (ms)");
  for (const which of ["0", "1"]) {
    const starts = Array.from({ length: rounds }, () => JSON.parse(execFileSync(process.execPath, [START, which])));
    line(starts[0].model, median(starts.map(({ phases }) => sum(Object.values(phases)))).toFixed(0));
    for (const phase of Object.keys(starts[0].phases)) {
      line(`  ${phase}`, median(starts.map(({ phases }) => phases[phase])).toFixed(0));
    }
  }
}

function sum(list) {
  return list.reduce((a, b) => a + b, 0);
}

export async function benchVae(rounds) {
  const model = vae(64);
  const wasm = value(await createEagerEngine("wasm"));
  await compare(rounds, model, {
    onnx: await trainer(onnxEngine(), model, 200),
    ...(await tensorflowRow(model, 20)),
    wasm: await trainer(wasm, model, 10),
    "the matrix products alone, in ONNX Runtime": await productsAlone(model, 64, 200),
  });
}

export async function benchCnn(rounds) {
  const plain = ALL_REWRITES.filter((rewrite) => !["conv-products", "pool-early"].includes(rewrite.name));
  await compare(rounds, cnn, {
    onnx: await trainer(onnxEngine(), cnn, 10),
    ...(await tensorflowRow(cnn, 10)),
    "onnx with ONNX Runtime's convolutions": await trainer(onnxEngine({ rewrites: plain }), cnn, 10),
  });
}

/** Prints the seconds of every contender, and how many times as long as the first one each takes. */
async function compare(rounds, model, contenders) {
  console.log(`${model.name}: seconds for ${IMAGES_PER_EPOCH} images, one thread; ratio to onnx`);
  const present = Object.entries(contenders);
  const times = await inTurns(
    rounds,
    present.map(([, contender]) => contender.train),
  );
  for (const [i, [name]] of present.entries()) {
    const ratio = (times[i].median / times[0].median).toFixed(2);
    line(name, `${seconds(times[i])}  ${ratio}`);
  }
}

export async function benchRewrites(rounds) {
  console.log("Time without one rewrite, as a share of the time with all (VAE hidden 64, CNN)");
  const columns = [];
  for (const [model, steps] of [
    [vae(64), 100],
    [cnn, 6],
  ]) {
    const trainers = [await trainer(onnxEngine(), model, steps)];
    for (const rewrite of [...ALL_REWRITES, null]) {
      const rewrites = rewrite === null ? [] : ALL_REWRITES.filter((other) => other !== rewrite);
      trainers.push(await trainer(onnxEngine({ rewrites }), model, steps));
    }
    const [all, ...others] = await inTurns(
      rounds,
      trainers.map(({ train }) => train),
    );
    columns.push(others.map((other) => (other.median / all.median).toFixed(2)));
  }
  [...ALL_REWRITES.map((rewrite) => rewrite.name), "all of them"].forEach((name, i) => {
    line(name, columns.map((column) => column[i]).join("  "));
  });
}

/** The optional engine, where it is installed. */
async function tensorflowRow(model, steps) {
  const engine = await createEagerEngine("tensorflow");
  return engine.ok ? { tensorflow: await trainer(engine.value, model, steps) } : {};
}

/** The process's memory over epochs: it must not grow. */
export async function benchMemory() {
  console.log("Memory of the process after epochs 1, 3, 6, 10 of the VAE (MiB)");
  const model = vae(64);
  const { train } = await trainer(onnxEngine(), model, 128);
  const calls = Math.ceil(IMAGES_PER_EPOCH / model.batch / 128);
  for (let epoch = 1; epoch <= 10; epoch++) {
    for (let call = 0; call < calls; call++) await train();
    if ([1, 3, 6, 10].includes(epoch)) line(`epoch ${epoch}`, (process.memoryUsage().rss / 2 ** 20).toFixed(0));
  }
}

/** `train()` does some steps and gives the seconds that an epoch would take at this pace. */
async function trainer(engine, model, steps) {
  const { training } = await programs(model);
  const program = training();
  const compiled = value(await engine.compileTraining(program));
  const data = dataFor(program, model.batch, steps);
  const rates = new Float32Array(steps).fill(0.001);
  const train = async () => {
    const start = performance.now();
    value(await compiled.run(model.batch, steps, data, rates));
    return secondsPerEpoch(performance.now() - start, steps, model.batch);
  };
  return { train };
}

/** The five large products of a step of the VAE and nothing else: what no engine on this library can go below. */
async function productsAlone(model, hidden, steps) {
  const graph = new Graph();
  const input = (name, shape) => graph.input(name, "float32", shape);
  const [x, h] = [input("x", [model.batch, 784]), input("h", [model.batch, hidden])];
  const [into, out] = [input("into", [784, hidden]), input("out", [hidden, 784])];
  const products = [
    graph.add("Gemm", [x, into]),
    graph.add("Gemm", [h, out]),
    graph.add("Gemm", [x, out], { transB: 1 }),
    graph.add("Gemm", [h, x], { transA: 1 }),
    graph.add("Gemm", [x, h], { transA: 1 }),
  ];
  products.forEach((product, i) => {
    graph.output(`product${i}`, graph.add("ReduceMax", [product], { keepdims: 0 }));
  });
  const session = await openSession(emitPlain(graph));
  const feeds = Object.fromEntries(
    graph.inputs.map(({ name, value: { shape } }) => [
      name,
      new Tensor("float32", new Float32Array(shape[0] * shape[1]).fill(0.5), shape),
    ]),
  );
  const train = async () => {
    const start = performance.now();
    for (let i = 0; i < steps; i++) await session.run(feeds);
    return secondsPerEpoch(performance.now() - start, steps, model.batch);
  };
  return { train };
}

function secondsPerEpoch(milliseconds, steps, batch) {
  return (milliseconds / 1000 / steps) * Math.ceil(IMAGES_PER_EPOCH / batch);
}

function value(result) {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}
