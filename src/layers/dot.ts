import type * as tf from "@tensorflow/tfjs-core";
import type { DotLayer } from "../gen/layers.js";
import { defineLayer, err, type Kit, ok, type Shape } from "../layer.js";
import { oddInput } from "./shared/merging.js";
import { show, sizeOf } from "./shared/sizes.js";
import { unitLength } from "./shared/unit-length.js";

/**
 * Products along one axis of each input, summed over it. The output has the other axes of the first input, then those of the
 * second; of two vectors, one number.
 */
export default defineLayer<DotLayer>({
  inputs: [2, 2],
  shape({ axes }, inputs) {
    const [a, b] = inputs as [Shape, Shape];
    const [i, j] = places(axes, a, b);
    for (const [axis, shape] of [
      [i, a],
      [j, b],
    ] as const) {
      if (shape[axis] !== undefined) continue;
      return err({
        path: ["axes"],
        received: `axes ${JSON.stringify(axes)} of ${show(a)} and ${show(b)}`,
        expected: `axes from 1 to ${shape.length}, or -1 for the last`,
        fix: "Change `axes`.",
      });
    }
    if (a[i] !== b[j]) return err(oddInput([a, b], 1, "inputs that are as long along these axes"));
    const rest = [...a.toSpliced(i, 1), ...b.toSpliced(j, 1)];
    return ok(rest.length === 0 ? [1] : rest);
  },
  cost({ params, inputShapes, outputShape }) {
    const [a, b] = inputShapes as [Shape, Shape];
    return sizeOf(outputShape) * (a[places(params.axes, a, b)[0]] as number);
  },
  own: {
    call(kit, inputs, { axes, normalize }) {
      const { tf } = kit;
      const [a, b] = inputs as [tf.Tensor, tf.Tensor];
      const [i, j] = places(axes, a.shape.slice(1), b.shape.slice(1));
      const left = summedLast(kit, a, i, normalize);
      const right = summedLast(kit, b, j, normalize);
      const product = tf.matMul(left, right, false, true);
      const rest = [...a.shape.toSpliced(i + 1, 1).slice(1), ...b.shape.toSpliced(j + 1, 1).slice(1)];
      return tf.reshape(product, [a.shape[0] as number, ...(rest.length === 0 ? [1] : rest)]);
    },
    // The library's takes sequences or vectors, both inputs alike, and no axis of a pair that is counted from the end.
    library({ layers }, { axes, normalize }, inputs) {
      const [a, b] = inputs as [Shape, Shape];
      if (a.length !== b.length || a.length > 2) return null;
      const [i, j] = places(axes, a, b);
      return [{ layer: layers.dot({ axes: [i + 1, j + 1], normalize }) }];
    },
  },
});

/** The axes as places in shapes without the batch. */
function places(axes: DotLayer["axes"], a: Shape, b: Shape): readonly [number, number] {
  const [i, j] = typeof axes === "number" ? [axes, axes] : axes;
  return [i < 0 ? a.length + i : i - 1, j < 0 ? b.length + j : j - 1];
}

/** `[batch, other axes, axis]` */
function summedLast(kit: Kit, x: tf.Tensor, axis: number, normalize: boolean): tf.Tensor3D {
  const { tf } = kit;
  const unit = normalize ? unitLength(kit, x, axis + 1) : x;
  const others = x.shape.map((_, i) => i).filter((i) => i !== axis + 1);
  const size = x.shape[axis + 1] as number;
  const last = axis + 2 === x.rank ? unit : tf.transpose(unit, [...others, axis + 1]);
  return tf.reshape(last, [x.shape[0] as number, sizeOf(x.shape.slice(1)) / size, size]);
}
