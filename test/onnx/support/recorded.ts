import { createHash } from "node:crypto";
import type { Engine, StepProgram } from "../../../src/engine/engine.js";
import { emitPlain } from "../../../src/engine/onnx/emit/plain.js";
import { emitScan } from "../../../src/engine/onnx/emit/scan.js";
import { rewriteGraph } from "../../../src/engine/onnx/rewrites/index.js";
import { TracedStep } from "../../../src/engine/onnx/trace/step.js";
import { hostData } from "./compare.js";

const BATCH = 5;
const STEPS = 3;

/**
 * Digests of the program that ONNX Runtime is given for a training step, and of the same step without rewrites, in which image
 * operators have their general form; with the number of nodes of each.
 */
export function compiledStep(program: StepProgram): string {
  const step = new TracedStep(program);
  try {
    const traced = step.trace(BATCH);
    const [graph, plain] = [rewriteGraph(traced), rewriteGraph(traced, [])];
    const rewritten = `${graph.nodes.length} nodes ${digest(emitScan(graph).bytes)}`;
    return `${rewritten}, of ${plain.nodes.length} ${digest(emitPlain(plain))}`;
  } finally {
    step.dispose();
  }
}

/** A digest of what an engine reports of some steps and of the state after them, or the code of what it says instead. */
export async function trainedState(engine: Engine, program: StepProgram): Promise<string> {
  const training = await engine.compileTraining(program);
  if (!training.ok) return training.error.map(({ code }) => code).join();
  const data = program.inputs(BATCH).map((spec) => [spec.name, hostData(spec, STEPS, 1)]);
  const ran = await training.value.run(BATCH, STEPS, Object.fromEntries(data), new Float32Array(STEPS).fill(0.05));
  const state = await training.value.readState();
  training.value.dispose();
  if (!ran.ok) return ran.error.map(({ code }) => code).join();
  const arrays = [...Object.values(ran.value), ...Object.values(state)];
  const bytes = arrays.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength));
  return digest(Buffer.concat(bytes));
}

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex").slice(0, 16);
}
