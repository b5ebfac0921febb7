import { afterEach, describe, expect, it, vi } from "vitest";
import { Feed } from "../../src/engine/feed.js";
import { loadEngine } from "../../src/engine/index.js";
import { dataKinds, trainingProgram } from "../../src/engine/program.js";
import { train } from "../../src/engine/train.js";
import { splitOf } from "../datasets.js";
import { NO_ENGINES } from "../rig/tensorflow.js";
import {
  ADAM,
  blobs,
  CROSSENTROPY,
  engineOf,
  itemsOf,
  layer,
  modelOf,
  objectiveFor,
  sequentialOf,
  training,
  unwrap,
} from "./support.js";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

it("does not know an engine of another name", async () => {
  expect(await loadEngine("gpu")).toMatchObject({
    ok: false,
    error: [{ code: "unknown-engine", expected: "onnx, tensorflow, wasm, cpu" }],
  });
});

it("says how to get the optional engine where its library is missing", async () => {
  vi.stubEnv("PIPE_ENGINES", NO_ENGINES.PIPE_ENGINES);
  expect(await loadEngine("tensorflow")).toMatchObject({
    ok: false,
    error: [{ code: "engine-unavailable", fix: expect.stringContaining("pipe engine install tensorflow") }],
  });
});

it.each(["wasm", "cpu"])("%s starts without a word, and knows its version", async (name) => {
  const said = [vi.spyOn(console, "log"), vi.spyOn(console, "warn"), vi.spyOn(console, "error")];
  const engine = unwrap(await loadEngine(name));
  expect(engine).toMatchObject({ name, version: "4.22.0" });
  for (const spy of said) expect(spy).not.toHaveBeenCalled();
});

describe("an operation that an engine lacks", () => {
  it("is named with its layer and the engines that have it", async () => {
    const build = sequentialOf(
      layer("reshape", { targetShape: [4, 4, 1] }),
      layer("conv2d", { filters: 2, kernelSize: 2 }),
      layer("conv2d", { filters: 2, kernelSize: 2 }),
      layer("flatten"),
      layer("dense", { units: 3, activation: "softmax" }),
    );
    const model = await modelOf(build, [16]);
    const task = {
      model,
      dataset: blobs(20, 16),
      params: training({ loss: CROSSENTROPY, optimizer: ADAM, epochs: 1 }),
      seed: 1,
    };
    expect(await train(await engineOf("wasm"), task)).toEqual({
      ok: false,
      error: [
        {
          code: "engine-missing-operation",
          severity: "error",
          message: "the engine wasm cannot compute Conv2DBackpropFilter, which the layer model/conv2d_1 needs",
          layer: "model/conv2d_1",
          fix: "Use another engine: --engine onnx, or cpu, which is slow.",
        },
      ],
    });
    unwrap(await train(await engineOf("cpu"), task));
  });
});

describe("the state of a training", () => {
  it("comes back as it was, slots included, also before the first step", async () => {
    const model = await modelOf(sequentialOf(layer("dense", { units: 3, activation: "softmax" })), [6]);
    const split = itemsOf(splitOf(blobs(16), "train"));
    const data = dataKinds(split);
    const program = () =>
      trainingProgram({ model, data, objective: objectiveFor(model, CROSSENTROPY) }, { optimizer: ADAM }, 1);
    const engine = await engineOf("wasm");
    const inputs = new Feed(split, data, [], 16).fill(null, 0, 16, { seed: 1, path: [] });
    const rates = Float32Array.of(0.01, 0.01);
    const first = unwrap(await engine.compileTraining(program()));
    unwrap(await first.run(8, 2, inputs, rates));
    const middle = await first.readState();
    unwrap(await first.run(8, 2, inputs, rates));
    const second = unwrap(await engine.compileTraining(program()));
    await second.writeState(middle);
    expect(await second.readState()).toEqual(middle);
    unwrap(await second.run(8, 2, inputs, rates));
    expect(await second.readState()).toEqual(await first.readState());
    expect(Object.keys(middle)).toEqual([
      "model/dense/kernel",
      "model/dense/bias",
      "adam/beta1Power",
      "adam/beta2Power",
      "adam/mean/model/dense/kernel",
      "adam/square/model/dense/kernel",
      "adam/mean/model/dense/bias",
      "adam/square/model/dense/bias",
    ]);
    first.dispose();
    second.dispose();
  });
});
