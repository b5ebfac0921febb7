import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import type { NamedTensors, OptimizerProgram, StepProgram } from "../../src/engine/engine.js";
import { callLayers } from "../../src/engine/layer.js";
import { createOnnxEngine } from "../../src/engine/onnx/index.js";
import { onnxEngine } from "../../src/engine/onnx/onnx-engine.js";
import { evaluationProgram } from "../../src/engine/program.js";
import type { BuiltLayer } from "../../src/layer.js";
import { inputShape, objectiveFor } from "../engine/support.js";
import { compareTraining, cpuEngine, hostData, relativeError, train, unwrap, variable } from "./support/compare.js";
import { complete, sequentialProgram, vaeModel, vaeProgram } from "./support/models.js";

/** w ← w − rate · gradient. */
const descent: OptimizerProgram = {
  apply(gradients, variables, learningRate) {
    for (const [name, gradient] of Object.entries(gradients)) {
      const target = variables[name] as tf.Variable;
      target.assign(tf.sub(target, tf.mul(learningRate, gradient)));
    }
  },
};

/** A program around any loss of `x` [batch, 3] and one weight [3, 2]. */
function program(loss: (x: tf.Tensor2D, w: tf.Tensor2D) => tf.Tensor, optimizer = descent): StepProgram {
  let w: tf.Variable;
  return {
    inputs: (batch) => [{ name: "x", shape: [batch, 3], dtype: "float32" }],
    variables: () => {
      w = variable("w", [3, 2]);
      return [w];
    },
    loss: ({ x }: NamedTensors) => ({
      loss: loss(x as tf.Tensor2D, w as unknown as tf.Tensor2D) as tf.Scalar,
      parts: {},
    }),
    optimizer,
  };
}

const squares = program((x, w) => tf.mean(tf.square(tf.matMul(x, w))));
const x = hostData({ name: "x", shape: [4, 3], dtype: "float32" }, 1, 1);

async function complaint(broken: StepProgram) {
  const training = unwrap(await onnxEngine().compileTraining(broken));
  const result = await training.run(4, 1, { x }, Float32Array.of(0.1));
  training.dispose();
  if (result.ok) throw new Error("it was expected to fail");
  return result.error[0];
}

describe("the engine", () => {
  it("has a name and a version that names the library it computes with", async () => {
    const engine = unwrap(await createOnnxEngine());
    expect(engine.name).toBe("onnx");
    expect(engine.version).toMatch(/^onnxruntime-node \d+\.\d+\.\d+$/);
  });

  it("gives identical bits when a training is repeated, however its steps are divided into calls", async () => {
    const make = await vaeProgram({ optimizer: "adam" });
    const specs = make().inputs(8);
    const data = Object.fromEntries(specs.map((spec) => [spec.name, hostData(spec, 6, 4)]));
    const rates = Float32Array.from({ length: 6 }, (_, i) => 0.01 / (i + 1));
    const outcomes = [];
    for (const calls of [[6], [6], [1, 2, 3]]) {
      const training = unwrap(await onnxEngine().compileTraining(make()));
      const losses: number[] = [];
      let from = 0;
      for (const steps of calls) {
        const part = Object.fromEntries(
          specs.map((spec) => {
            const size = spec.shape.reduce((a, b) => a * b, 1);
            return [spec.name, (data[spec.name] as Float32Array).slice(from * size, (from + steps) * size)];
          }),
        );
        losses.push(...(unwrap(await training.run(8, steps, part, rates.slice(from, from + steps))).loss ?? []));
        from += steps;
      }
      outcomes.push({ losses, state: await training.readState() });
      training.dispose();
    }
    expect(outcomes[1]).toEqual(outcomes[0]);
    expect(outcomes[2]).toEqual(outcomes[0]);
  });

  it("trains the smaller last batch on the same state", async () => {
    const make = await vaeProgram();
    const outcomes = [];
    for (const engine of [onnxEngine(), await cpuEngine()]) {
      const training = unwrap(await engine.compileTraining(make()));
      for (const [batch, steps] of [
        [5, 2],
        [3, 1],
        [5, 1],
      ] as const) {
        const data = Object.fromEntries(
          make()
            .inputs(batch)
            .map((spec) => [spec.name, hostData(spec, steps, batch)]),
        );
        unwrap(await training.run(batch, steps, data, new Float32Array(steps).fill(0.001)));
      }
      outcomes.push(await training.readState());
      training.dispose();
    }
    expect(relativeError(outcomes[0] ?? {}, outcomes[1] ?? {})).toBeLessThan(1e-5);
  });

  it("goes on from a state that was read, also before it knows the optimizer's slots", async () => {
    const make = await sequentialProgram([{ dense: { units: 2 } }], [3], { optimizer: "adam" });
    const specs = make().inputs(4);
    const data = (seed: number) => Object.fromEntries(specs.map((spec) => [spec.name, hostData(spec, 1, seed)]));
    const rate = Float32Array.of(0.1);
    const whole = unwrap(await onnxEngine().compileTraining(make()));
    unwrap(await whole.run(4, 1, data(1), rate));
    const middle = await whole.readState();
    unwrap(await whole.run(4, 1, data(2), rate));

    const resumed = unwrap(await onnxEngine().compileTraining(make()));
    await resumed.writeState(middle);
    expect(await resumed.readState()).toEqual(middle);
    unwrap(await resumed.run(4, 1, data(2), rate));
    expect(await resumed.readState()).toEqual(await whole.readState());
    whole.dispose();
    resumed.dispose();
  });

  it("evaluates with weights that are written later", async () => {
    const model = await vaeModel();
    const setup = {
      model,
      data: { x: { dtype: "uint8", shape: inputShape(model), scale: 1 / 255, offset: 0 } },
      objective: objectiveFor(model, { reconstruction: complete("losses", "binary-crossentropy"), kl: 1 }),
    } as Parameters<typeof evaluationProgram>[0];
    const { state } = await train(onnxEngine(), (await vaeProgram())(), { batch: 4, steps: 2, rate: 0.001 });
    const results = [];
    for (const engine of [onnxEngine(), await cpuEngine()]) {
      const compiled = unwrap(await engine.compileFunction(evaluationProgram(setup)));
      const data = Object.fromEntries(
        evaluationProgram(setup)
          .inputs(6)
          .map((spec) => [spec.name, hostData(spec, 1, 3)]),
      );
      const before = unwrap(await compiled.run(6, data));
      await compiled.writeWeights({ ...state, stranger: new Float32Array(2) });
      results.push(unwrap(await compiled.run(6, data)));
      expect(results.at(-1)?.loss).not.toEqual(before.loss);
      compiled.dispose();
    }
    expect(relativeError(results[0] ?? {}, results[1] ?? {})).toBeLessThan(1e-5);
  });

  it("keeps variables that no step changes, and those that are not trained but assigned", async () => {
    const make = () => {
      const state: Record<string, tf.Variable> = {};
      return {
        inputs: (batch: number) => [{ name: "x", shape: [batch, 3], dtype: "float32" as const }],
        variables: () => {
          state.w = variable("w", [3, 2]);
          state.fixed = variable("fixed", [2], false);
          state.mean = variable("mean", [3], false);
          return Object.values(state);
        },
        loss: ({ x }: NamedTensors) => {
          state.mean?.assign(tf.add(tf.mul(state.mean, 0.9), tf.mul(tf.mean(x as tf.Tensor, 0), 0.1)));
          const product = tf.matMul(x as tf.Tensor2D, state.w as unknown as tf.Tensor2D);
          const loss = tf.mean(tf.square(tf.add(product, state.fixed as tf.Tensor))) as tf.Scalar;
          return { loss, parts: { size: tf.mean(tf.abs(product)) as tf.Scalar } };
        },
        optimizer: descent,
      };
    };
    const error = await compareTraining(make, { batch: 4, steps: 5, rate: 0.1 });
    expect(Math.max(error.scalars, error.state)).toBeLessThan(1e-5);
    const { state, scalars } = await train(onnxEngine(), make(), { batch: 4, steps: 5, rate: 0.1 });
    expect(Object.keys(state)).toEqual(["w", "fixed", "mean"]);
    expect(Object.keys(scalars)).toEqual(["loss", "size"]);
    expect(scalars.size).toHaveLength(5);
  });
});

describe("tracing leaves TensorFlow.js as it was", () => {
  it("keeps the backend, and holds no tensors back however often it traces", async () => {
    await cpuEngine();
    expect(tf.getBackend()).toBe("cpu");
    const make = await vaeProgram({ optimizer: "adam" });
    await train(onnxEngine(), make(), { batch: 4 });
    const before = tf.memory();
    for (let i = 0; i < 3; i++) await train(onnxEngine(), make(), { batch: 4 + i });
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
    expect(tf.getBackend()).toBe("cpu");
  });

  it("also after a trace that failed, and the next one works", async () => {
    await train(onnxEngine(), squares, { batch: 4 });
    const before = tf.memory().numTensors;
    const failing = program((x, w) => {
      const product = tf.matMul(x, w);
      product.dataSync();
      return tf.mean(product);
    });
    expect((await complaint(failing))?.code).toBe("engine-host-read");
    expect(tf.memory().numTensors).toBe(before);
    expect(tf.getBackend()).toBe("cpu");
    const error = await compareTraining(() => squares, { batch: 4 });
    expect(error.state).toBeLessThan(1e-6);
  });

  it("also after an exception in the program, which is passed on", async () => {
    const training = unwrap(
      await onnxEngine().compileTraining(
        program(() => {
          throw new Error("a bug in the model");
        }),
      ),
    );
    await expect(training.run(4, 1, { x }, Float32Array.of(0.1))).rejects.toThrow("a bug in the model");
    expect(tf.getBackend()).toBe("cpu");
    training.dispose();
  });
});

describe("what cannot be compiled is refused with a reason", () => {
  it("reading numbers", async () => {
    const diagnostic = await complaint(
      program((x, w) => tf.mul(tf.mean(x), (tf.matMul(x, w).arraySync() as number[][]).length)),
    );
    expect(diagnostic).toMatchObject({ code: "engine-host-read", severity: "error" });
    expect(diagnostic?.message).toContain("reads the numbers of a tensor");
  });

  it("drawing random numbers", async () => {
    const diagnostic = await complaint(program((x, w) => tf.mean(tf.matMul(tf.add(x, tf.randomNormal([4, 3])), w))));
    expect(diagnostic?.code).toBe("engine-random-draw");
    expect(diagnostic?.message).toContain("(randomNormal)");
    const dropout = await complaint(program((x, w) => tf.mean(tf.dropout(tf.matMul(x, w), 0.5))));
    expect(dropout?.code).toBe("engine-random-draw");
  });

  it("an operation without a form in ONNX, naming the operation and what helps", async () => {
    const diagnostic = await complaint(program((x, w) => tf.mean(tf.topk(tf.matMul(x, w), 1).values)));
    expect(diagnostic).toMatchObject({
      code: "engine-missing-operation",
      message: "the engine onnx has no form of the operation TopK",
      fix: "Use another engine: --engine wasm, or cpu, which is slow.",
    });
  });

  it("an operation in a layer, naming the layer, also when it is met on the way back", async () => {
    const layer = (name: string, call: (x: tf.Tensor) => tf.Tensor) =>
      ({ spec: { name }, call: ([x]: [tf.Tensor]) => call(x) }) as unknown as BuiltLayer;
    const cubed = tf.customGrad((x) => {
      const value = tf.mul(tf.mul(x as tf.Tensor, x as tf.Tensor), x as tf.Tensor);
      return { value, gradFunc: (dy: tf.Tensor) => tf.topk(dy, 2).values };
    });
    const layers = [layer("model/first", (x) => tf.mul(x, 2)), layer("model/second", (x) => cubed(x))];
    const pass = { training: true, draw: () => tf.scalar(0) };
    const diagnostic = await complaint(
      program((x, w) => tf.mean(tf.square(callLayers(layers, tf.matMul(x, w), pass)))),
    );
    expect(diagnostic?.message).toBe("layer model/second: the engine onnx has no form of the operation TopK");
  });

  it("a form of an operation that is not covered", async () => {
    const diagnostic = await complaint(
      program((x, w) =>
        tf.mean(
          tf.mirrorPad(
            tf.matMul(x, w),
            [
              [1, 1],
              [0, 0],
            ],
            "symmetric",
          ),
        ),
      ),
    );
    expect(diagnostic?.code).toBe("engine-unsupported-operation");
    expect(diagnostic?.message).toContain("only the mode reflect is mapped");
    expect(diagnostic?.fix).toMatch(/^Use another engine: --engine .*cpu, which is slow\.$/);
  });
});
