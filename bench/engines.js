/** What `bench/run.js` runs. */

import { Tensor } from "onnxruntime-node";
import { createEagerEngine } from "../dist/src/engine/eager/index.js";
import { emitPlain } from "../dist/src/engine/onnx/emit/plain.js";
import { Graph } from "../dist/src/engine/onnx/ir.js";
import { onnxEngine } from "../dist/src/engine/onnx/onnx-engine.js";
import { ALL_REWRITES } from "../dist/src/engine/onnx/rewrites/index.js";
import { openSession } from "../dist/src/engine/onnx/session.js";
import { cnn, dataFor, IMAGES_PER_EPOCH, programs, vae } from "./models.js";

/** From a model to the first step done, in a process that has loaded its libraries. */
export async function benchStart() {
  console.log("Time from a model to its first step, onnx (ms)");
  for (const model of [vae(64), cnn]) {
    const { training } = await programs(model);
    const program = training();
    const data = dataFor(program, model.batch, 1);
    const start = performance.now();
    const compiled = value(await onnxEngine().compileTraining(program));
    value(await compiled.run(model.batch, 1, data, Float32Array.of(0.001)));
    line(model.name, (performance.now() - start).toFixed(0));
    compiled.dispose();
  }
}

export async function benchVae(rounds) {
  const model = vae(64);
  console.log(`${model.name}: seconds for ${IMAGES_PER_EPOCH} images, one thread`);
  const wasm = value(await createEagerEngine("wasm"));
  const [onnx, eager, limit] = await inTurns(rounds, [
    await trainer(onnxEngine(), model, 200),
    await trainer(wasm, model, 10),
    await productsAlone(model, 64, 200),
  ]);
  line("onnx", seconds(onnx));
  line("wasm", seconds(eager));
  line("the matrix products alone, in ONNX Runtime", seconds(limit));
  line("wasm / onnx", (eager.median / onnx.median).toFixed(1));
}

export async function benchCnn(rounds) {
  console.log(`${cnn.name}: seconds for ${IMAGES_PER_EPOCH} images, one thread`);
  const plain = ALL_REWRITES.filter((rewrite) => !["conv-products", "pool-early"].includes(rewrite.name));
  const [onnx, convolutions] = await inTurns(rounds, [
    await trainer(onnxEngine(), cnn, 10),
    await trainer(onnxEngine({ rewrites: plain }), cnn, 10),
  ]);
  line("onnx", seconds(onnx));
  line("onnx with ONNX Runtime's convolutions", seconds(convolutions));
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
    const [all, ...others] = await inTurns(rounds, trainers);
    columns.push(others.map((other) => (other.median / all.median).toFixed(2)));
  }
  [...ALL_REWRITES.map((rewrite) => rewrite.name), "all of them"].forEach((name, i) => {
    line(name, columns.map((column) => column[i]).join("  "));
  });
}

/** The process's memory over epochs: it must not grow. */
export async function benchMemory() {
  console.log("Memory of the process after epochs 1, 3, 6, 10 of the VAE (MiB)");
  const model = vae(64);
  const train = await trainer(onnxEngine(), model, 128);
  const calls = Math.ceil(IMAGES_PER_EPOCH / model.batch / 128);
  for (let epoch = 1; epoch <= 10; epoch++) {
    for (let call = 0; call < calls; call++) await train();
    if ([1, 3, 6, 10].includes(epoch)) line(`epoch ${epoch}`, (process.memoryUsage().rss / 2 ** 20).toFixed(0));
  }
}

/** A function that trains some steps and gives the seconds that an epoch would take at this pace. */
async function trainer(engine, model, steps) {
  const { training } = await programs(model);
  const program = training();
  const compiled = value(await engine.compileTraining(program));
  const data = dataFor(program, model.batch, steps);
  const rates = new Float32Array(steps).fill(0.001);
  return async () => {
    const start = performance.now();
    value(await compiled.run(model.batch, steps, data, rates));
    return secondsPerEpoch(performance.now() - start, steps, model.batch);
  };
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
  return async () => {
    const start = performance.now();
    for (let i = 0; i < steps; i++) await session.run(feeds);
    return secondsPerEpoch(performance.now() - start, steps, model.batch);
  };
}

/** Every function once to warm up, then round by round; the least and the median of each one's seconds. */
async function inTurns(rounds, functions) {
  const times = functions.map(() => []);
  for (const run of functions) await run();
  for (let round = 0; round < rounds; round++) {
    for (const [i, run] of functions.entries()) times[i].push(await run());
  }
  return times.map((list) => {
    const sorted = list.sort((a, b) => a - b);
    return { least: sorted[0], median: sorted[Math.floor(sorted.length / 2)] };
  });
}

function secondsPerEpoch(milliseconds, steps, batch) {
  return (milliseconds / 1000 / steps) * Math.ceil(IMAGES_PER_EPOCH / batch);
}

function seconds({ least, median }) {
  return `${median.toFixed(2)} (least ${least.toFixed(2)})`;
}

function line(what, figure) {
  console.log(`  ${what.padEnd(56)} ${figure}`);
}

function value(result) {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}
