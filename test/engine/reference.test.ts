import { readFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import type { OutputActivation } from "../../src/engine/classification.js";
import { useBackend } from "../../src/engine/eager/backend.js";
import type { Engine, StepProgram } from "../../src/engine/engine.js";
import { perItemLoss } from "../../src/engine/item-loss.js";
import { makeVariables } from "../../src/engine/layer.js";
import type { Reduction } from "../../src/engine/loss.js";
import { optimizerProgram } from "../../src/engine/optimizer-program.js";
import { namedVariable } from "../../src/engine/variables.js";
import type { Loss } from "../../src/gen/losses.js";
import type { Optimizer } from "../../src/gen/optimizers.js";
import { kindNames } from "../../src/gen/tables.js";
import type { BuiltLayer } from "../../src/layer.js";
import { layerFacts } from "../../src/layers/index.js";
import { ramp } from "../onnx/support/compare.js";
import { complete, sequentialModel, type Written } from "../onnx/support/models.js";
import { tensorflowHere } from "../rig/tensorflow.js";
import { callModel, engineOf, layersIn, outputShape, unwrap } from "./support.js";

/** What other libraries make of small inputs in double precision: reference/make.py writes it. */
function reference<T>(file: string): readonly T[] {
  return JSON.parse(readFileSync(new URL(`reference/${file}`, import.meta.url), "utf8")) as T[];
}

interface LayerCase {
  readonly name: string;
  readonly layers: readonly Written[];
  readonly input: readonly number[];
  readonly training: boolean;
  readonly x: readonly number[];
  readonly weights: readonly {
    readonly value: readonly number[];
    readonly gradient: readonly number[] | null;
    readonly after: readonly number[] | null;
  }[];
  readonly output: readonly number[];
  /** With respect to x; null where x is whole numbers. */
  readonly gradient: readonly number[] | null;
}

interface LossCase {
  readonly loss: Written;
  readonly activation: OutputActivation;
  readonly reduction: Reduction;
  readonly shape: readonly [number, number];
  readonly logits: readonly number[];
  readonly target: readonly number[];
  readonly items: readonly number[];
  readonly gradient: readonly number[];
}

interface OptimizerCase {
  readonly optimizer: Written;
  readonly rates: readonly number[];
  /** The weights after each step. */
  readonly path: readonly (readonly number[])[];
}

const layerCases = reference<LayerCase>("layers.json");
const lossCases = reference<LossCase>("losses.json");
const optimizerCases = reference<OptimizerCase>("optimizers.json");

/** A step that moves nothing but leaves the gradient of each variable in a slot of its own. */
const keepGradients: StepProgram["optimizer"] = {
  apply(gradients, _variables, _rate, makeSlot) {
    for (const [name, gradient] of Object.entries(gradients)) {
      makeSlot(`gradient/${name}`, () => tf.zerosLike(gradient)).assign(gradient);
    }
  },
};

type State = Readonly<Record<string, Float32Array>>;

/** The state after one such step of Σ output · ramp: the output is in `y`. */
async function stepped(
  engine: Engine,
  given: Readonly<Record<string, readonly number[]>>,
  program: StepProgram,
): Promise<State | string> {
  const compiled = unwrap(await engine.compileTraining(program));
  await compiled.writeState(Object.fromEntries(Object.entries(given).map(([k, v]) => [k, Float32Array.from(v)])));
  const [input] = program.inputs(1);
  const data: Record<string, Int32Array> = input === undefined ? {} : { x: Int32Array.from(given.x ?? []) };
  const ran = await compiled.run(1, 1, data, Float32Array.of(1));
  const state = await compiled.readState();
  compiled.dispose();
  return ran.ok ? state : (ran.error[0]?.code as string);
}

function expectClose(actual: Float32Array | undefined, expected: readonly number[], what: string): void {
  const scale = Math.max(0.1, ...expected.map(Math.abs));
  expect(actual?.length, what).toBe(expected.length);
  expected.forEach((value, i) => {
    const distance = Math.abs((actual?.[i] as number) - value) / scale;
    expect(distance, `${what}[${i}]: ${actual?.[i]} instead of ${value}`).toBeLessThan(5e-6);
  });
}

async function layerState(engine: Engine, given: LayerCase) {
  const model = await sequentialModel(given.layers, given.input);
  const whole = given.gradient === null;
  const items = given.x.length / given.input.reduce((a, b) => a * b, 1);
  const shape = [items, ...given.input];
  const layers = () => layersIn(model);
  let built: ReturnType<typeof layers> = [];
  let kept: readonly tf.Variable[] = [];
  const program: StepProgram = {
    inputs: () => (whole ? [{ name: "x", shape, dtype: "int32" }] : []),
    variables() {
      built = layers();
      kept = [
        namedVariable("y", tf.zeros([items, ...outputShape(model)]), false),
        ...(whole ? [] : [namedVariable("x", tf.zeros(shape), true)]),
      ];
      return [
        ...makeVariables(
          built.flatMap((layer) => layer.weights),
          null,
        ),
        ...kept,
      ];
    },
    loss(inputs) {
      const [y, x] = kept as [tf.Variable, tf.Variable | undefined];
      const draw = () => null;
      const output = callModel(model, built, x ?? (inputs.x as tf.Tensor), { training: given.training, draw });
      y.assign(output);
      const sum = tf.sum(tf.mul(output, ramp(output.shape)));
      const loss = tf.addN([sum, ...built.flatMap((layer) => layer.penalties())]) as tf.Scalar;
      return { loss, parts: {} };
    },
    optimizer: keepGradients,
  };
  await useBackend("cpu");
  const weights = layers().flatMap((layer) => layer.weights.filter(({ idle }) => !idle));
  const idle = layers().flatMap((layer) => layer.weights.filter((weight) => weight.idle));
  expect(weights.length).toBe(given.weights.length);
  const values = Object.fromEntries([
    ["x", given.x],
    ...weights.map(({ name }, i) => [name, given.weights[i]?.value]),
    ...idle.map(({ name, shape }) => [name, Array(shape[0]).fill(name.endsWith("gamma") ? 1 : 0)]),
  ]) as Record<string, readonly number[]>;
  return { names: weights.map(({ name }) => name), state: await stepped(engine, values, program) };
}

/** What is predicted, without any gradient. */
async function layerOutput(engine: Engine, given: LayerCase): Promise<Float32Array | undefined> {
  const model = await sequentialModel(given.layers, given.input);
  const items = given.x.length / given.input.reduce((a, b) => a * b, 1);
  let built: readonly BuiltLayer[] = [];
  const dtype = given.gradient === null ? "int32" : "float32";
  const draw = () => null;
  const compiled = unwrap(
    await engine.compileFunction({
      inputs: (batch) => [{ name: "x", shape: [batch, ...given.input], dtype }],
      variables() {
        built = layersIn(model);
        return makeVariables(
          built.flatMap((layer) => layer.weights),
          null,
        );
      },
      outputs: ({ x }) => ({ y: callModel(model, built, x as tf.Tensor, { training: given.training, draw }) }),
    }),
  );
  const names = built.flatMap((layer) => layer.weights.map(({ name }) => name));
  await compiled.writeWeights(
    Object.fromEntries(names.map((name, i) => [name, Float32Array.from(given.weights[i]?.value ?? [])])),
  );
  const x = dtype === "int32" ? Int32Array.from(given.x) : Float32Array.from(given.x);
  const { y } = unwrap(await compiled.run(items, { x }));
  compiled.dispose();
  return y;
}

/** What WebAssembly has no operation for when it trains. */
const NOT_ON_WASM = /^(conv[12]d |depthwise_conv2d|separable_conv2d|conv2d_transpose|embedding)|by conv1d$/;

const ENGINES = ["onnx", "cpu", "wasm", ...(tensorflowHere ? ["tensorflow"] : [])];

describe.each(ENGINES)("%s agrees with Keras and PyTorch", (name) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await engineOf(name);
  });

  it.each(layerCases.map((given) => [given.name, given] as const))("%s", async (title, given) => {
    const { names, state } = await layerState(engine, given);
    if (name === "wasm" && NOT_ON_WASM.test(title)) {
      expect(state).toBe("engine-missing-operation");
      expectClose(await layerOutput(engine, given), given.output, "output");
      return;
    }
    if (typeof state === "string") expect.unreachable(state);
    else {
      expectClose(state.y, given.output, "output");
      if (given.gradient !== null) expectClose(state["gradient/x"], given.gradient, "gradient of x");
      given.weights.forEach(({ gradient, after }, i) => {
        const weight = names[i] as string;
        if (gradient !== null) expectClose(state[`gradient/${weight}`], gradient, `gradient of ${weight}`);
        if (after !== null) expectClose(state[weight], after, `${weight} after the step`);
      });
    }
  });

  const manners = lossCases.flatMap((given) => [true, false].map((exact) => ({ ...given, exact })));
  it.each(manners)("$loss of $activation, $reduction, exact: $exact", async (given) => {
    let variables: readonly tf.Variable[] = [];
    const target = () => tf.tensor2d([...given.target], [...given.shape]);
    const program: StepProgram = {
      inputs: () => [],
      variables() {
        const logits = namedVariable("logits", tf.zeros([...given.shape]), true);
        variables = [logits, namedVariable("y", tf.zeros([given.shape[0]]), false)];
        return variables;
      },
      loss() {
        const [logits, y] = variables as [tf.Variable, tf.Variable];
        const output = { logits: tf.mul(logits, 1) as tf.Tensor2D, activation: given.activation };
        const items = perItemLoss(complete("losses", given.loss) as Loss, output, target(), given);
        y.assign(items);
        return { loss: tf.sum(tf.mul(items, ramp(items.shape))) as tf.Scalar, parts: {} };
      },
      optimizer: keepGradients,
    };
    const state = await stepped(engine, { logits: given.logits }, program);
    if (typeof state === "string") expect.unreachable(state);
    else {
      expectClose(state.y, given.items, "loss of every item");
      expectClose(state["gradient/logits"], given.gradient, "gradient");
    }
  });

  it.each(optimizerCases)("$optimizer", async ({ optimizer, rates, path }) => {
    // Σ k·w²; the last weight has gradients as small as an epsilon.
    const slopes = [1, 2, 3e-8];
    let w: tf.Variable;
    const program: StepProgram = {
      inputs: () => [],
      variables() {
        w = namedVariable("w", tf.tensor1d([0.5, -1.5, 2]), true);
        return [w];
      },
      loss: () => ({ loss: tf.sum(tf.mul(tf.square(w), tf.tensor1d(slopes))) as tf.Scalar, parts: {} }),
      optimizer: optimizerProgram(complete("optimizers", optimizer) as Optimizer),
    };
    const compiled = unwrap(await engine.compileTraining(program));
    for (const [i, rate] of rates.entries()) {
      unwrap(await compiled.run(1, 1, {}, Float32Array.of(rate)));
      const { w } = await compiled.readState();
      expectClose(w, path[i] as readonly number[], `after step ${i + 1}`);
    }
    compiled.dispose();
  });
});

it("covers every kind of layer, loss and optimizer", () => {
  const kinds = (written: Written): string =>
    typeof written === "string" ? written : (Object.keys(written)[0] as string);
  // Their random numbers are checked where they are drawn; what they do with them is one multiplication or addition.
  const drawn = [
    "dropout",
    "gaussian_dropout",
    "gaussian_noise",
    "spatial_dropout1d",
    "spatial_dropout2d",
    "alpha_dropout",
  ];
  const covered = new Set([...layerCases.flatMap(({ layers }) => layers.map(kinds)), ...drawn]);
  // Layers that cannot do with one input are in several-inputs.test.ts.
  const single = (kindNames.layers?.names ?? []).filter((kind) => (layerFacts(kind).inputs?.[0] ?? 1) === 1);
  expect(single.filter((kind) => !covered.has(kind))).toEqual([]);
  const losses = new Set(lossCases.map(({ loss }) => kinds(loss)));
  expect((kindNames.losses?.names ?? []).filter((kind) => !losses.has(kind))).toEqual([]);
  const optimizers = new Set(optimizerCases.map(({ optimizer }) => kinds(optimizer)));
  expect((kindNames.optimizers?.names ?? []).filter((kind) => !optimizers.has(kind))).toEqual([]);
});
