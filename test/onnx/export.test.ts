import { describe, expect, it } from "vitest";
import type { FunctionProgram, HostArray } from "../../src/engine/engine.js";
import { exportOnnx } from "../../src/engine/onnx/index.js";
import { onnxEngine } from "../../src/engine/onnx/onnx-engine.js";
import * as ort from "../../src/engine/onnx/runtime.js";
import { decodingProgram, encodingProgram, predictionProgram } from "../../src/engine/program.js";
import { type Arrays, hostData, relativeError, unwrap } from "./support/compare.js";
import { sequentialModel, vaeModel, type Written } from "./support/models.js";

const FLOATS = { dtype: "float32", scale: 1, offset: 0 } as const;

/** Weights for all variables of a program, different from each other. */
function weightsFor(program: FunctionProgram): Record<string, Float32Array> {
  const variables = program.variables();
  return Object.fromEntries(
    variables.map((variable) => {
      const values = hostData({ name: variable.name, shape: variable.shape, dtype: "float32" }, 1, 9) as Float32Array;
      // Variances must not be negative.
      return [variable.name, variable.name.includes("variance") ? values.map(Math.abs) : values];
    }),
  );
}

/** Runs the exported file at several batch sizes, and the engine on the same program. */
async function compareExport(make: () => FunctionProgram): Promise<void> {
  const weights = weightsFor(make());
  const session = await ort.InferenceSession.create(exportOnnx(make(), weights), { logSeverityLevel: 4 });
  const compiled = unwrap(await onnxEngine().compileFunction(make()));
  await compiled.writeWeights(weights);
  for (const batch of [1, 3, 8]) {
    const specs = make().inputs(batch);
    const data: Record<string, HostArray> = Object.fromEntries(specs.map((spec) => [spec.name, hostData(spec, 1, 2)]));
    const feeds = Object.fromEntries(
      specs.map((spec) => [spec.name, new ort.Tensor(spec.dtype, data[spec.name] as HostArray, spec.shape)]),
    );
    const results = await session.run(feeds);
    const actual: Arrays = Object.fromEntries(
      Object.entries(results).map(([name, tensor]) => [name, tensor.data as Float32Array]),
    );
    const expected = unwrap(await compiled.run(batch, data));
    expect(Object.keys(actual)).toEqual(Object.keys(expected));
    expect(relativeError(actual, expected)).toBeLessThan(1e-5);
  }
  compiled.dispose();
  await session.release();
}

describe("an exported model predicts what the engine predicts, for any batch size", () => {
  const models: readonly [name: string, layers: readonly Written[], input: readonly number[]][] = [
    ["dense", [{ dense: { units: 5, activation: "relu" } }, { dense: { units: 3, activation: "softmax" } }], [7]],
    [
      "convolutions",
      [
        { conv2d: { filters: 4, kernelSize: 3, activation: "relu", padding: "same" } },
        "batch_normalization",
        "max_pooling2d",
        { conv2d_transpose: { filters: 2, kernelSize: 3, strides: 2 } },
        { depthwise_conv2d: { kernelSize: 2 } },
        "average_pooling2d",
        "up_sampling2d",
        "flatten",
        { dense: { units: 3 } },
      ],
      [8, 6, 2],
    ],
    ["recurrent", [{ bidirectional: { layer: { lstm: { units: 3 } } } }, { dense: { units: 2 } }], [5, 4]],
    ["gru", [{ gru: { units: 3, returnSequences: true } }, "layer_normalization", "global_max_pooling1d"], [5, 4]],
  ];
  it.each(models)("%s", async (_name, layers, input) => {
    const model = await sequentialModel(layers, input);
    await compareExport(() => predictionProgram(model, { x: { ...FLOATS, shape: input } }));
  });

  // The zeros that these begin with have 44 to 85 elements at the batch sizes that are traced: some short, some long.
  it.each([4, 5])("recurrent layers of %i units, in a stack and in both directions", async (units) => {
    const lstm = { lstm: { units, returnSequences: true } };
    for (const layers of [
      [lstm, { gru: { units } }],
      [{ bidirectional: { layer: lstm } }, { bidirectional: { layer: { simple_rnn: { units } } } }],
    ]) {
      const model = await sequentialModel(layers, [5, 4]);
      await compareExport(() => predictionProgram(model, { x: { ...FLOATS, shape: [5, 4] } }));
    }
  });

  it("bytes with a scale stay bytes", async () => {
    const model = await sequentialModel([{ dense: { units: 2 } }], [4]);
    const x = { dtype: "uint8", shape: [4], scale: 1 / 255, offset: -0.5 } as const;
    await compareExport(() => predictionProgram(model, { x }));
  });

  it("a variational autoencoder as encoder, decoder and whole", async () => {
    const model = await vaeModel({ hidden: 5, pixels: 6 });
    const x = { ...FLOATS, shape: [6] };
    await compareExport(() => encodingProgram(model, { x }));
    await compareExport(() => decodingProgram(model));
    await compareExport(() => predictionProgram(model, { x }));
  });
});
