import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { decoderOf } from "../../src/artifact/graph.js";
import { floatValues } from "../../src/artifact/tensor.js";
import type { ExportedFile } from "../../src/base/exported.js";
import { exportModel } from "../../src/engine/export/index.js";
import { openModel } from "../../src/engine/index.js";
import { engineOf, joined, layer, sequentialOf, unwrap } from "../engine/support.js";
import {
  distance,
  inputs,
  layerExamples,
  modelExamples,
  notInTfjs,
  predicted,
  type Trained,
  trained,
} from "./support.js";

const cpu = await engineOf("cpu");

async function exported({ model, weights }: Trained): Promise<readonly ExportedFile[]> {
  return unwrap(await exportModel({ model, weights }, "tfjs"));
}

describe("TensorFlow.js Layers", () => {
  for (const [kind, examples] of Object.entries(layerExamples)) {
    it.each(examples.map((example, i) => [i, example] as const))(
      `${kind}, example %i`,
      async (_, [shape, ...layers]) => {
        const made = await trained(sequentialOf(...layers), shape);
        const x = inputs(made.model, 3);
        const runner = unwrap(await openModel(cpu, made.model, made.weights));
        const expected = unwrap(await runner.predict(x));
        const [output] = await predicted(await exported(made), "model", x.shape, floatValues(x));
        expect(distance(output ?? [], floatValues(expected))).toBeLessThan(1e-6);
      },
    );
  }

  it.each(Object.entries(modelExamples))("%s", async (_, [build, shape]) => {
    const made = await trained(build, shape);
    const x = inputs(made.model, 3);
    const runner = unwrap(await openModel(cpu, made.model, made.weights));
    const files = await exported(made);
    const [output] = await predicted(files, "model", x.shape, floatValues(x));
    expect(distance(output ?? [], floatValues(unwrap(await runner.predict(x))))).toBeLessThan(1e-6);
    if (decoderOf(made.model) === null) return;
    const { mean, scale } = unwrap(await runner.encode(x));
    const codes = await predicted(files, "encoder", x.shape, floatValues(x));
    expect(codes).toHaveLength(scale === undefined ? 1 : 2);
    expect(distance(codes[0] ?? [], floatValues(mean))).toBeLessThan(1e-6);
    if (scale !== undefined) {
      const ratios = (codes[1] ?? []).map((value, i) => value / (floatValues(scale)[i] as number));
      expect(
        distance(
          ratios,
          ratios.map(() => 1),
        ),
      ).toBeLessThan(2e-6);
    }
    const decoded = await predicted(files, "decoder", mean.shape, floatValues(mean));
    expect(distance(decoded[0] ?? [], unwrap(await runner.decode(floatValues(mean), 3)))).toBeLessThan(1e-6);
  });

  it("refuses what the library cannot compute, and names it", async () => {
    const inner = [layer("dense", { units: 4 }), layer("elu", { alpha: 0.7 })];
    const made = await trained(sequentialOf(layer("elu", { alpha: 0.5 }), joined("add", [[], inner])), [4]);
    const result = await exportModel(made, "tfjs");
    expect(result.ok ? [] : result.error.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      "layer-not-in-tfjs: the layer model/elu cannot be written: TensorFlow.js has no elu with these parameters",
      "layer-not-in-tfjs: the layer model/add/branch2/elu cannot be written: TensorFlow.js has no elu with these parameters",
    ]);
  });

  it.each(Object.entries(notInTfjs))("refuses %s", async (_, [shape, ...layers]) => {
    const made = await trained(sequentialOf(...layers), shape);
    const result = await exportModel(made, "tfjs");
    expect(result.ok ? [] : result.error.map(({ code }) => code)).toEqual(["layer-not-in-tfjs"]);
  });

  it("writes the same bytes twice, and keeps no memory", async () => {
    const made = await trained(...(modelExamples["an autoencoder of images"] as (typeof modelExamples)[string]));
    const first = await exported(made);
    const before = tf.memory().numTensors;
    expect(await exported(made)).toEqual(first);
    expect(tf.memory().numTensors).toBe(before);
  });
});
