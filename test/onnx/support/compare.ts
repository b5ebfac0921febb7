import * as tf from "@tensorflow/tfjs-core";
import type { Diagnostic } from "../../../src/base/diagnostic.js";
import { RandomStream } from "../../../src/base/random.js";
import type { Result } from "../../../src/base/result.js";
import { createEagerEngine } from "../../../src/engine/eager/index.js";
import type { Engine, FunctionProgram, HostArray, InputSpec, StepProgram } from "../../../src/engine/engine.js";
import { onnxEngine } from "../../../src/engine/onnx/onnx-engine.js";
import { type Rewrite, rewriteGraph } from "../../../src/engine/onnx/rewrites/index.js";
import { TracedStep } from "../../../src/engine/onnx/trace/step.js";
import { namedVariable } from "../../../src/engine/variables.js";
import { engineUnderTest } from "../../rig/tensorflow.js";
import { checkGraph } from "./check-graph.js";

export type Arrays = Readonly<Record<string, Float32Array>>;

export function unwrap<T>(result: Result<T, Diagnostic[]>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

/** What is compared with `cpu`: the compiled engine, or the one that the tests are repeated with. */
export async function comparedEngine(): Promise<Engine> {
  const name = engineUnderTest("onnx");
  return name === "onnx" ? onnxEngine() : unwrap(await createEagerEngine(name));
}

export async function cpuEngine(): Promise<Engine> {
  return unwrap(await createEagerEngine("cpu"));
}

/** Values for an input, the same for every engine: bytes 0-255, small whole numbers, or numbers in [−1, 1). */
export function hostData(spec: InputSpec, steps: number, seed: number, classes = 3): HostArray {
  const size = steps * spec.shape.reduce((a, b) => a * b, 1);
  const uniform = new RandomStream(seed, ["data", spec.name.replace(/^draw\./, "")]).uniforms(new Float32Array(size));
  if (spec.dtype === "uint8") {
    // What scales to more than 1 a byte is a mask of zeros and ones.
    const levels = (spec.scale ?? 1) >= 1 ? 2 : 256;
    return Uint8Array.from(uniform, (u) => Math.floor(u * levels));
  }
  if (spec.dtype === "int32") return Int32Array.from(uniform, (u) => Math.floor(u * classes));
  return uniform.map((u) => 2 * u - 1);
}

/** The largest difference of any two elements, relative to the largest element of each array. */
export function relativeError(actual: Arrays, expected: Arrays): number {
  let worst = 0;
  for (const [name, reference] of Object.entries(expected)) {
    const values = actual[name];
    if (values?.length !== reference.length) return Number.POSITIVE_INFINITY;
    let scale = 1e-6;
    let difference = 0;
    reference.forEach((value, i) => {
      scale = Math.max(scale, Math.abs(value));
      const distance = Math.abs(value - (values[i] as number));
      difference = Math.max(difference, Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance);
    });
    worst = Math.max(worst, difference / scale);
  }
  return worst;
}

export interface TrainingOutcome {
  readonly scalars: Arrays;
  readonly state: Arrays;
}

export async function train(
  engine: Engine,
  program: StepProgram,
  {
    batch = 4,
    steps = 1,
    seed = 1,
    rate = 0.01,
    classes = 3,
    data = undefined as Record<string, HostArray> | undefined,
  },
): Promise<TrainingOutcome> {
  const training = unwrap(await engine.compileTraining(program));
  const feeds =
    data ?? Object.fromEntries(program.inputs(batch).map((spec) => [spec.name, hostData(spec, steps, seed, classes)]));
  const scalars = unwrap(await training.run(batch, steps, feeds, new Float32Array(steps).fill(rate)));
  const state = await training.readState();
  training.dispose();
  return { scalars, state };
}

/** Throws unless the graph of a step is legal as it was traced and after every rewrite. */
export function checkRewrites(program: StepProgram, batch: number, rewrites?: readonly Rewrite[]): void {
  const step = new TracedStep(program);
  try {
    const graph = step.trace(batch);
    checkGraph(graph);
    rewriteGraph(graph, rewrites, (_, rewritten) => checkGraph(rewritten));
  } finally {
    step.dispose();
  }
}

/**
 * Trains on `cpu` and on the compared engine from equal starts and gives the relative errors. The graph is checked
 * after every rewrite.
 */
export async function compareTraining(
  makeProgram: () => StepProgram,
  options: Parameters<typeof train>[2] = {},
  rewrites?: readonly Rewrite[],
): Promise<{ scalars: number; state: number }> {
  checkRewrites(makeProgram(), options.batch ?? 4, rewrites);
  const expected = await train(await cpuEngine(), makeProgram(), options);
  const engine = rewrites === undefined ? await comparedEngine() : onnxEngine({ rewrites });
  const actual = await train(engine, makeProgram(), options);
  return {
    scalars: relativeError(actual.scalars, expected.scalars),
    state: relativeError(actual.state, expected.state),
  };
}

/** A function of float32 inputs, with its gradient: outputs `value` and `gradient.<i>` of Σ value · weights. */
export function gradientProgram(
  f: (...x: tf.Tensor[]) => tf.Tensor,
  shapes: readonly (readonly number[])[],
): FunctionProgram {
  return {
    inputs: () => shapes.map((shape, i) => ({ name: `x${i}`, shape, dtype: "float32" })),
    variables: () => [],
    outputs(inputs) {
      const x = shapes.map((_, i) => inputs[`x${i}`] as tf.Tensor);
      const value = f(...x);
      const weighted = (...args: tf.Tensor[]) => tf.sum(tf.mul(f(...args), ramp(value.shape))) as tf.Scalar;
      const gradients = tf.grads(weighted)(x);
      return { value, ...Object.fromEntries(gradients.map((gradient, i) => [`gradient${i}`, gradient])) };
    },
  };
}

/** Different weights for all elements, so that no gradient is a constant. */
export function ramp(shape: readonly number[]): tf.Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => Math.sin(1 + 1.7 * i)),
    [...shape],
  );
}

export async function runFunction(
  engine: Engine,
  program: FunctionProgram,
  data?: Record<string, HostArray>,
  batch = 4,
): Promise<Arrays> {
  const compiled = unwrap(await engine.compileFunction(program));
  const feeds = data ?? Object.fromEntries(program.inputs(batch).map((spec) => [spec.name, hostData(spec, 1, 1)]));
  const outputs = unwrap(await compiled.run(batch, feeds));
  compiled.dispose();
  return outputs;
}

/** A variable with reproducible values in [−1, 1). */
export function variable(name: string, shape: readonly number[], trainable = true, scale = 1): tf.Variable {
  const size = shape.reduce((a, b) => a * b, 1);
  const values = new RandomStream(5, [name]).uniforms(new Float32Array(size)).map((u) => scale * (2 * u - 1));
  return namedVariable(name, tf.tensor(values, [...shape]), trainable);
}
