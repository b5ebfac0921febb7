import type * as tf from "@tensorflow/tfjs-core";
import type { ReshapeLayer } from "../gen/layers.js";
import { defineLayer, err, ok, type Shape } from "../layer.js";
import { show, sizeOf } from "./shared/sizes.js";

/** The library does not resolve -1 before it sees data. */
export default defineLayer<ReshapeLayer>({
  shape({ targetShape }, inputs) {
    const [input] = inputs as [Shape];
    const open = targetShape.filter((n) => n === -1).length;
    const size = sizeOf(input);
    const shape = resolved(targetShape, input);
    if (open <= 1 && sizeOf(shape) === size && shape.every(Number.isInteger)) return ok(shape);
    return err({
      path: ["targetShape"],
      received: `input ${show(input)} with ${size} elements, targetShape ${show(targetShape)}`,
      expected: open > 1 ? "at most one -1" : `a shape with ${size} elements`,
      fix: "Change `targetShape`.",
    });
  },
  picture: "makes",
  keeps: "order",
  own: {
    call({ tf }, inputs, p) {
      const [x] = inputs as [tf.Tensor];
      return tf.reshape(x, [x.shape[0] as number, ...resolved(p.targetShape, x.shape.slice(1))]);
    },
    library: ({ layers }, _, __, outputShape) => [{ layer: layers.reshape({ targetShape: [...outputShape] }) }],
  },
});

function resolved(target: Shape, input: Shape): number[] {
  const known = sizeOf(target.filter((n) => n !== -1));
  return target.map((n) => (n === -1 ? sizeOf(input) / known : n));
}
