/**
 * What passes before the first step of a training, each time in a new process:
 *
 *     node bench/start.js 0      prints the milliseconds of each phase for one of the models, as JSON
 */
import { argv } from "node:process";

const watch = { last: performance.now(), phases: {} };
function phase(name) {
  const now = performance.now();
  watch.phases[name] = now - watch.last;
  watch.last = now;
}

const { Tensor } = await import("../dist/src/engine/onnx/runtime.js");
const { emitScan } = await import("../dist/src/engine/onnx/emit/scan.js");
const { rewriteGraph } = await import("../dist/src/engine/onnx/rewrites/index.js");
const { openSession } = await import("../dist/src/engine/onnx/session.js");
const { TracedStep } = await import("../dist/src/engine/onnx/trace/step.js");
const { dataFor, cnn, programs, vae } = await import("./models.js");
phase("load the libraries");

const model = [vae(64), cnn][Number(argv[2])];
const program = (await programs(model)).training();
phase("build the model");
const traced = new TracedStep(program);
const graph = traced.trace(model.batch);
phase("trace");
const { bytes } = emitScan(rewriteGraph(graph));
phase("rewrite and write");
const session = await openSession(bytes);
phase("open the session");
const feeds = { learningRate: new Tensor("float32", [0.001], [1]) };
const data = dataFor(program, model.batch, 1);
for (const { name, dtype, shape } of program.inputs(model.batch)) {
  feeds[`input.${name}`] = new Tensor(dtype, data[name], [1, ...shape]);
}
for (const { name, variable, initial } of traced.state) {
  feeds[`state.${name}`] = new Tensor("float32", initial, variable.shape);
}
await session.run(feeds);
phase("first step");
console.log(JSON.stringify({ model: model.name, phases: watch.phases }));
