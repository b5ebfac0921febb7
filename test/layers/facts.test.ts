/** What the files of layers say of them, held against what the layers compute. */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { sourceNamed } from "../../src/artifact/graph.js";
import { sizeOf } from "../../src/artifact/tensor.js";
import { RandomStream } from "../../src/base/random.js";
import { buildLayer } from "../../src/engine/build-layer.js";
import { useBackend } from "../../src/engine/eager/backend.js";
import { makeVariables } from "../../src/engine/layer.js";
import type { BuiltLayer } from "../../src/layer.js";
import { layerFacts, layerShape } from "../../src/layers/index.js";
import { unwrap } from "../engine/support.js";
import { layerExamples } from "../onnx/support/examples.js";
import { sequentialModel } from "../onnx/support/models.js";

const BATCH = 2;

/** Every node of every example, with the shapes of its inputs. */
const nodes = new Map<string, { kind: string; params: unknown; shapes: readonly (readonly number[])[] }>();
for (const { layers, input } of Object.values(layerExamples).flat()) {
  const model = await sequentialModel(layers, input);
  for (const { kind, params, from } of model.nodes) {
    const shapes = from.map((source) => sourceNamed(model, source).shape);
    nodes.set(`${kind} ${JSON.stringify(params)} of ${JSON.stringify(shapes)}`, { kind, params, shapes });
  }
}

function built(kind: string, params: unknown, shapes: readonly (readonly number[])[]): BuiltLayer {
  const layer = unwrap(buildLayer({ name: "it", kind, params }, shapes));
  makeVariables(layer.weights, 3);
  return layer;
}

function inputsOf(kind: string, shapes: readonly (readonly number[])[]): tf.Tensor[] {
  return shapes.map((shape, i) => {
    const values = new RandomStream(i, ["facts"]).normals(new Float32Array(BATCH * sizeOf(shape)));
    const whole = layerFacts(kind).indices !== undefined;
    return tf.tensor(
      whole ? values.map((v) => Math.floor(Math.abs(v))) : values,
      [BATCH, ...shape],
      whole ? "int32" : "float32",
    );
  });
}

const IN_USE = { training: false, draw: () => null };

/** Multiply-adds of the products that a call is made of. */
async function counted(call: () => tf.Tensor): Promise<number> {
  const { kernels } = await tf.profile(() => {
    call();
  });
  return kernels.reduce((sum, { name, inputShapes, outputShapes }) => {
    const [a, b] = inputShapes as [number[], number[]];
    const out = sizeOf(outputShapes[0] as number[]);
    if (/MatMul$/.test(name)) {
      // Of [.., m, k] and [.., k, n], either of them transposed.
      const [m, n] = (outputShapes[0] as number[]).slice(-2) as [number, number];
      const k = sizeOf(a.slice(-2)) / m;
      expect(sizeOf(b.slice(-2))).toBe(k * n);
      return sum + out * k;
    }
    if (/^(Fused)?Conv2D$/.test(name)) return sum + (out * sizeOf(b)) / (b[3] as number);
    if (/^(Fused)?DepthwiseConv2[dD]/.test(name)) return sum + out * (b[0] as number) * (b[1] as number);
    // Every place of what is spread meets the whole kernel.
    if (name === "Conv2DBackpropInput") return sum + (sizeOf(a) * sizeOf(b)) / (b[3] as number);
    return sum;
  }, 0);
}

/** Enlarging between pixels is a product with a constant only here; dilation makes kernels of zeros. */
function countsOtherwise(kind: string, params: unknown): boolean {
  const { dilationRate = 1 } = params as { readonly dilationRate?: number | number[] };
  return kind === "up_sampling2d" || [dilationRate].flat().some((rate) => rate > 1);
}

beforeAll(async () => {
  await useBackend("cpu");
});

describe.each([...nodes].map(([title, node]) => [title, node] as const))("%s", (_, { kind, params, shapes }) => {
  const facts = layerFacts(kind);

  it("has the shape that its file says", () => {
    const layer = built(kind, params, shapes);
    const output = layer.call(inputsOf(kind, shapes), IN_USE);
    expect(unwrap(layerShape(kind, params, shapes))).toEqual(layer.outputShape);
    expect(output.shape).toEqual([BATCH, ...layer.outputShape]);
  });

  it("costs what its file says", async () => {
    if (countsOtherwise(kind, params)) return;
    const layer = built(kind, params, shapes);
    const inputs = inputsOf(kind, shapes);
    const found = (await counted(() => layer.call(inputs, IN_USE))) / BATCH;
    const parameters = layer.weights.reduce((sum, { idle, shape }) => sum + (idle ? 0 : sizeOf(shape)), 0);
    if (facts.cost === undefined) {
      expect([parameters, found]).toEqual([0, 0]);
      return;
    }
    const cost = facts.cost({ params, inputShapes: shapes, outputShape: layer.outputShape, parameters });
    // Recurrent layers count their biases along, once a step.
    const biases = layer.weights.filter(({ name, shape }) => name.endsWith("bias") && shape.length < 3);
    const recurrent = /rnn|lstm|gru|bidirectional/.test(kind);
    const along = recurrent ? biases.reduce((sum, { shape }) => sum + sizeOf(shape), 0) * (shapes[0]?.[0] ?? 0) : 0;
    expect(cost).toBe(found + along);
  });

  it("keeps of its input what its file says", () => {
    if (facts.keeps === undefined) return;
    const [x] = inputsOf(kind, shapes) as [tf.Tensor];
    const [before, after] = [x, built(kind, params, shapes).call([x], IN_USE)].map((t) => [...t.dataSync()]) as [
      number[],
      number[],
    ];
    if (facts.keeps === "order" || facts.keeps === "use") expect(after).toEqual(before);
    if (facts.keeps === "numbers") expect(after.sort()).toEqual(before.sort());
    expect(Math.min(...after)).toBeGreaterThanOrEqual(Math.min(...before));
    expect(Math.max(...after)).toBeLessThanOrEqual(Math.max(...before));
  });

  it("ends with the activation that its file takes off", () => {
    const activation = facts.endsWith?.(params);
    if (facts.withoutEnd === undefined || activation === undefined) return;
    const inputs = inputsOf(kind, shapes);
    const whole = built(kind, params, shapes);
    const without = facts.withoutEnd(params);
    const open = without === null ? (inputs[0] as tf.Tensor) : built(kind, without, shapes).call(inputs, IN_USE);
    const end = built("activation", { activation }, [whole.outputShape]).call([open], IN_USE);
    expect(end.dataSync()).toEqual(whole.call(inputs, IN_USE).dataSync());
  });

  it("is computed by the page as here", () => {
    const form = facts.page?.(params);
    const [shape = []] = shapes;
    if (form === undefined || shape.length !== 1) return;
    const [layer] = [unwrap(buildLayer({ name: "it", kind, params }, shapes))];
    const variables = new Map(makeVariables(layer.weights, 3).map((variable) => [variable.name, variable]));
    const [x] = inputsOf(kind, shapes) as [tf.Tensor2D];
    const product = tf.matMul(x, variables.get(`it/${form.kernel}`) as unknown as tf.Tensor2D);
    const bias = variables.get(`it/${form.bias}`);
    const open = bias === undefined ? product : tf.add(product, bias);
    const page = built("activation", { activation: form.activation }, [layer.outputShape]).call([open], IN_USE);
    expect(tf.max(tf.abs(tf.sub(page, layer.call([x], IN_USE)))).dataSync()[0]).toBeLessThan(1e-6);
  });
});
