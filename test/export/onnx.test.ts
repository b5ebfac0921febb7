import { describe, expect, it } from "vitest";
import { decoderOf } from "../../src/artifact/graph.js";
import { floatValues, type Tensor, tensorOf } from "../../src/artifact/tensor.js";
import type { ExportedFile } from "../../src/base/exported.js";
import { exportModel } from "../../src/engine/export/index.js";
import { type ModelRunner, openModel } from "../../src/engine/index.js";
import * as ort from "../../src/engine/onnx/runtime.js";
import type { Layer } from "../../src/gen/layers.js";
import { datasetOfArrays } from "../datasets.js";
import { engineOf, layer, sequentialOf, unwrap } from "../engine/support.js";
import { distance, inputs, layerExamples, modelExamples, notInTfjs, type Trained, trained } from "./support.js";

const cpu = await engineOf("cpu");
/** One item, a few, more than a graph was made with. */
const BATCHES = [1, 3, 32];

async function exported({ model, weights }: Trained): Promise<readonly ExportedFile[]> {
  return unwrap(await exportModel({ model, weights }, "onnx"));
}

async function session(files: readonly ExportedFile[], name: string): Promise<ort.InferenceSession> {
  const content = files.find((file) => file.name === name)?.content as Uint8Array;
  return ort.InferenceSession.create(content, { logSeverityLevel: 3 });
}

async function answers(
  model: ort.InferenceSession,
  input: string,
  { shape }: Pick<Tensor, "shape">,
  values: Float32Array,
): Promise<Readonly<Record<string, Float32Array>>> {
  const results = await model.run({ [input]: new ort.Tensor("float32", values, shape) });
  return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]));
}

async function runnerOf({ model, weights }: Trained): Promise<ModelRunner> {
  return unwrap(await openModel(cpu, model, weights));
}

describe("ONNX", () => {
  for (const [kind, examples] of Object.entries(layerExamples)) {
    it.each(examples.map((example, i) => [i, example] as const))(
      `${kind}, example %i`,
      async (_, [shape, ...layers]) => {
        await compareLayers(shape, layers);
      },
    );
  }

  it.each(Object.entries(notInTfjs))("%s", async (_, [shape, ...layers]) => compareLayers(shape, layers));

  async function compareLayers(shape: readonly number[], layers: readonly Layer[]): Promise<void> {
    const made = await trained(sequentialOf(...layers), shape);
    const model = await session(await exported(made), "model.onnx");
    const runner = await runnerOf(made);
    for (const items of BATCHES) {
      const x = inputs(made.model, items);
      const { output } = await answers(model, "x", x, floatValues(x));
      expect(distance(output ?? [], floatValues(unwrap(await runner.predict(x))))).toBeLessThan(1e-5);
    }
  }

  it.each(Object.entries(modelExamples))("%s", async (_, [build, shape]) => {
    const made = await trained(build, shape);
    const files = await exported(made);
    const sequential = decoderOf(made.model) === null;
    const wanted = sequential ? ["model.onnx"] : ["encoder.onnx", "decoder.onnx", "model.onnx"];
    expect(files.map(({ name }) => name)).toEqual([...wanted, "about.json"]);
    const runner = await runnerOf(made);
    const model = await session(files, "model.onnx");
    for (const items of BATCHES) {
      const x = inputs(made.model, items);
      const outputs = await answers(model, "x", x, floatValues(x));
      expect(Object.keys(outputs)).toEqual([sequential ? "output" : "reconstruction"]);
      const [output] = Object.values(outputs);
      expect(distance(output ?? [], floatValues(unwrap(await runner.predict(x))))).toBeLessThan(1e-5);
      if (!sequential) await compareParts(files, runner, x);
    }
  });

  async function compareParts(files: readonly ExportedFile[], runner: ModelRunner, x: Tensor): Promise<void> {
    const { mean, scale } = unwrap(await runner.encode(x));
    const code = await answers(await session(files, "encoder.onnx"), "x", x, floatValues(x));
    expect(Object.keys(code)).toEqual(scale === undefined ? ["mean"] : ["mean", "scale"]);
    expect(distance(code.mean ?? [], floatValues(mean))).toBeLessThan(1e-5);
    if (scale !== undefined) expect(distance(code.scale ?? [], floatValues(scale))).toBeLessThan(1e-5);
    const decoded = await answers(await session(files, "decoder.onnx"), "z", mean, floatValues(mean));
    const items = x.shape[0] as number;
    expect(distance(decoded.output ?? [], unwrap(await runner.decode(floatValues(mean), items)))).toBeLessThan(1e-5);
  }

  it("says a layer that TensorFlow.js cannot", async () => {
    const made = await trained(sequentialOf(layer("elu", { alpha: 0.7 })), [4]);
    const x = inputs(made.model, 5);
    const { output } = await answers(await session(await exported(made), "model.onnx"), "x", x, floatValues(x));
    const expected = unwrap(await (await runnerOf(made)).predict(x));
    expect(distance(output ?? [], floatValues(expected))).toBeLessThan(1e-5);
  });

  it("leaves the size of the batch open, and names its ends", async () => {
    const made = await trained(...(modelExamples["a recurrent classifier"] as (typeof modelExamples)[string]));
    const model = await session(await exported(made), "model.onnx");
    expect(model.inputMetadata).toEqual([{ name: "x", isTensor: true, type: "float32", shape: ["batch", 5, 3] }]);
    expect(model.outputMetadata).toEqual([{ name: "output", isTensor: true, type: "float32", shape: ["batch", 3] }]);
  });

  it("keeps no weights that it does not use", async () => {
    const made = await trained(
      ...(modelExamples["a variational autoencoder with σ = exp s"] as (typeof modelExamples)[string]),
    );
    const whole = (await exported(made)).find(({ name }) => name === "model.onnx");
    const text = Buffer.from(whole?.content ?? []).toString("latin1");
    expect(text).toContain("latent/mean/kernel");
    expect(text).not.toContain("latent/scale");
  });

  it("writes the same bytes twice", async () => {
    const made = await trained(...(modelExamples["a convolutional classifier"] as (typeof modelExamples)[string]));
    expect(await exported(made)).toEqual(await exported(made));
  });
});

describe("about.json", () => {
  it("says what goes in and comes out", async () => {
    const build = modelExamples["a variational autoencoder with σ = exp s"] as (typeof modelExamples)[string];
    const { model, weights } = await trained(...build);
    const x = tensorOf("uint8", [2, 6], new Uint8Array(12), { scale: 0.5, offset: -1 });
    const train = { x, y: tensorOf("uint8", [2], new Uint8Array(2)) };
    const dataset = datasetOfArrays({ name: "dots", classes: ["a", "b"], splits: { train } });
    const files = unwrap(await exportModel({ model, weights, dataset }, "onnx"));
    const about = JSON.parse(new TextDecoder().decode(files.at(-1)?.content));
    const batch = (name: string, size: number) => ({ name, dtype: "float32", shape: ["batch", size] });
    expect(about).toEqual({
      format: "onnx",
      parameters: model.parameters,
      epoch: 1,
      files: [
        { file: "encoder.onnx", input: batch("x", 6), outputs: [batch("mean", 2), batch("scale", 2)] },
        { file: "decoder.onnx", input: batch("z", 2), outputs: [batch("output", 6)] },
        { file: "model.onnx", input: batch("x", 6), outputs: [batch("reconstruction", 6)] },
      ],
      data: { name: "dots", stored: "uint8", scale: 0.5, offset: -1 },
      classes: ["a", "b"],
      latent: { units: 2, noise: 0.1, scale: "exp" },
    });
  });
});
