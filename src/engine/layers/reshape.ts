import * as tf from "@tensorflow/tfjs-core";
import { layers } from "@tensorflow/tfjs-layers";
import { sizeOf } from "../../artifact/tensor.js";
import type { ReshapeLayer } from "../../gen/layers.js";
import { LayerError, mapLayer, type Shape } from "../layer.js";

/** The library's layer does not resolve -1 before it sees data. */
export default mapLayer<ReshapeLayer>({
  outputShape: (shape, p) => resolved(p.targetShape, shape),
  call: (x, p) => tf.reshape(x, [x.shape[0] as number, ...resolved(p.targetShape, x.shape.slice(1))]),
  library: (_, __, outputShape) => [{ layer: layers.reshape({ targetShape: [...outputShape] }) }],
});

function resolved(target: readonly number[], input: Shape): Shape {
  const known = sizeOf(target.filter((n) => n !== -1));
  const shape = target.map((n) => (n === -1 ? sizeOf(input) / known : n));
  if (sizeOf(shape) === sizeOf(input) && shape.every(Number.isInteger)) return shape;
  throw new LayerError(`reshape cannot make [${target}] of [${input}]`);
}
