import * as tf from "@tensorflow/tfjs-core";
import { layers } from "@tensorflow/tfjs-layers";
import type { UpSampling2DLayer } from "../../gen/layers.js";
import { mapLayer } from "../layer.js";

/**
 * Nearest neighbours are repeated by concatenating and reshaping, which is exact forwards and backwards on every
 * backend; the library's kernel has a wrong gradient on `cpu` for more than one image and none on `wasm`.
 */
export default mapLayer<UpSampling2DLayer>({
  outputShape([height, width, channels], p) {
    const [rows, columns] = pair(p.size);
    return [(height as number) * rows, (width as number) * columns, channels as number];
  },
  call(x, p) {
    const [batch, height, width, channels] = x.shape as [number, number, number, number];
    const [rows, columns] = pair(p.size);
    if (p.interpolation === "bilinear") {
      return tf.image.resizeBilinear(x as tf.Tensor4D, [height * rows, width * columns]);
    }
    const wide = tf.reshape(repeatLast(x, columns), [batch, height, width * columns * channels]);
    return tf.reshape(repeatLast(wide, rows), [batch, height * rows, width * columns, channels]);
  },
  library: ({ size, interpolation }) => layers.upSampling2d({ size: pair(size), interpolation }),
});

function repeatLast(x: tf.Tensor, times: number): tf.Tensor {
  return times === 1 ? x : tf.concat(Array<tf.Tensor>(times).fill(x), -1);
}

function pair(size: number | readonly number[]): [number, number] {
  return typeof size === "number" ? [size, size] : [size[0] as number, size[1] as number];
}
