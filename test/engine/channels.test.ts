import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { storedValues, tensorOf } from "../../src/artifact/tensor.js";
import type { Dataset, Model } from "../../src/artifact/types.js";
import { Network } from "../../src/engine/network.js";
import { train } from "../../src/engine/train.js";
import type { Layer, LayerKind } from "../../src/gen/layers.js";
import { layerModules } from "../../src/gen/registry-layers.js";
import type { TrainStage } from "../../src/gen/stages.js";
import { datasetOfArrays } from "../datasets.js";
import type { FamilyModel } from "./families.js";
import { foreseenShape } from "./foreseen.js";
import {
  ADAM,
  CROSSENTROPY,
  engineOf,
  joined,
  layer,
  MSE,
  modelOf,
  outputShape,
  pixels,
  sequentialOf,
  training,
  unwrap,
} from "./support.js";

/** A picture of one channel, without an axis for it. */
const PICTURE = [6, 5];
const given: Partial<Record<LayerKind, object>> = {
  conv2d: { filters: 2, kernelSize: 2 },
  conv2d_transpose: { filters: 2, kernelSize: 2, strides: 2 },
  depthwise_conv2d: { kernelSize: 2, depthMultiplier: 2 },
  separable_conv2d: { filters: 2, kernelSize: 2 },
};
const kinds = (Object.keys(layerModules) as LayerKind[]).filter((kind) => layerModules[kind].rank === 2);
const withAxis = layer("reshape", { targetShape: [...PICTURE, 1] });

function dataset(classes: number): Dataset {
  const y = tensorOf(
    "uint8",
    [12],
    Uint8Array.from({ length: 12 }, (_, i) => i % classes),
  );
  const names = Array.from({ length: classes }, String);
  return datasetOfArrays({
    name: "pictures",
    classes: names,
    splits: { train: { x: pixels([12, ...PICTURE]), y } },
  });
}

async function trainedBits(model: Model, loss: TrainStage["loss"], engine: string) {
  const params = training({ loss, optimizer: ADAM, batchSize: 4, epochs: 2, validation: false });
  const { weights, history } = unwrap(
    await train(await engineOf(engine), { model, dataset: dataset(3), params, seed: 1 }, {}),
  );
  return {
    loss: history.splits.train?.loss,
    bits: weights.tensors.map(({ name, tensor }) => [name, ...storedValues(tensor)]),
  };
}

describe("a picture without channels", () => {
  it.each(kinds)("gets them before %s", async (kind) => {
    const layers = [layer("gaussian_noise", { stddev: 0.1 }), layer(kind, given[kind])];
    const ours = await modelOf(sequentialOf(...layers), PICTURE);
    const explicit = await modelOf(sequentialOf(withAxis, layer(kind, given[kind])), PICTURE);
    expect(outputShape(ours)).toEqual(outputShape(explicit));
    expect(ours.parameters).toBe(explicit.parameters);
    expect(foreseenShape(sequentialOf(...layers), PICTURE)).toEqual({ ok: true, value: outputShape(ours) });
    expect(ours.nodes.map(({ kind }) => kind)).toEqual(["gaussian_noise", "reshape", kind]);
  });

  it.each(["cpu", "onnx"])("is learned as if they had been written, in branches too: %s", async (engine) => {
    const branch = [layer("conv2d", { filters: 2, kernelSize: 3, padding: "same" })];
    const ends = [layer("flatten"), layer("dense", { units: 3, activation: "softmax" })];
    const forms: [Layer[], Layer[]][] = [
      [[layer("conv2d", given.conv2d)], [withAxis, layer("conv2d", given.conv2d)]],
      [
        [joined("concatenate", [branch, branch])],
        [
          joined("concatenate", [
            [withAxis, ...branch],
            [withAxis, ...branch],
          ]),
        ],
      ],
    ];
    for (const [left, right] of forms) {
      const ours = await modelOf(sequentialOf(...left, ...ends), PICTURE);
      const explicit = await modelOf(sequentialOf(...right, ...ends), PICTURE);
      expect(await trainedBits(ours, CROSSENTROPY, engine)).toEqual(await trainedBits(explicit, CROSSENTROPY, engine));
    }
  });

  it("comes back as it went in", async () => {
    const conv = layer("conv2d", { filters: 1, kernelSize: 3, padding: "same", activation: "sigmoid" });
    const autoencoder = (encoder: Layer[], decoder: Layer[]): FamilyModel => ({
      family: "autoencoder",
      encoder,
      decoder,
    });
    const ours = await modelOf(autoencoder([conv], [conv]), PICTURE);
    expect(outputShape(ours)).toEqual(PICTURE);
    const back = layer("reshape", { targetShape: PICTURE });
    const explicit = await modelOf(autoencoder([withAxis, conv], [conv, back]), PICTURE);
    const loss = { reconstruction: MSE, kl: 0 };
    expect(await trainedBits(ours, loss, "cpu")).toEqual(await trainedBits(explicit, loss, "cpu"));
  });

  it("hides no sigmoid from a loss that takes logits", async () => {
    const model = await modelOf(
      sequentialOf(
        layer("conv2d", { filters: 1, kernelSize: 1, activation: "sigmoid" }),
        layer("reshape", { targetShape: [6, 5] }),
      ),
      PICTURE,
    );
    const network = new Network(model);
    network.makeVariables(null);
    const zeros = new Map([["input", tf.zeros([1, ...PICTURE])]]);
    const output = network.run(zeros, { training: false, draw: () => tf.scalar(0) }).output("model/reshape");
    expect(output.activation).toBe("sigmoid");
    expect([...output.logits.dataSync()]).toEqual(Array(30).fill(0));
  });

  it("is none where features stand last", async () => {
    const dense = layer("dense", { units: 4 });
    const conv = layer("conv2d", given.conv2d);
    for (const layers of [
      [dense, conv],
      [layer("lstm", { units: 4, returnSequences: true }), conv],
    ]) {
      expect(foreseenShape(sequentialOf(...layers), PICTURE)).toMatchObject({
        ok: false,
        error: [{ code: "shape-mismatch", message: expect.stringContaining("conv2d") }],
      });
    }
    const shaped = [layer("flatten"), layer("dense", { units: 12 }), layer("reshape", { targetShape: [4, 3] }), conv];
    expect(foreseenShape(sequentialOf(...shaped), PICTURE)).toEqual({ ok: true, value: [3, 2, 2] });
    expect(outputShape(await modelOf(sequentialOf(...shaped), PICTURE))).toEqual([3, 2, 2]);
  });
});
