import type * as tf from "@tensorflow/tfjs-core";
import type { UpSampling2DLayer } from "../gen/layers.js";
import { defineLayer, type Kit, type LibraryLayer, ok } from "../layer.js";
import { pair } from "./shared/sizes.js";

/**
 * Nearest neighbours are repeated by concatenating and reshaping; the library's kernel has a wrong gradient on `cpu` for
 * more than one image and none on `wasm`. Bilinear enlargement is a product with one constant matrix an axis: the library's
 * layer puts the centres of pixels elsewhere than Keras and PyTorch do, and its gradient mixes up height and width.
 */
export default defineLayer<UpSampling2DLayer>({
  shape({ size }, [input]) {
    const [height, width, channels] = input as [number, number, number];
    const [rows, columns] = pair(size);
    return ok([height * rows, width * columns, channels]);
  },
  rank: 2,
  keeps: "range",
  own: {
    call(kit, inputs, { size, interpolation }) {
      const [x] = inputs as [tf.Tensor];
      const [batch, height, width, channels] = x.shape as [number, number, number, number];
      const [rows, columns] = pair(size);
      if (interpolation === "bilinear") return bilinear(kit, x, rows, columns);
      const wide = kit.tf.reshape(repeatLast(kit, x, columns), [batch, height, width * columns * channels]);
      return kit.tf.reshape(repeatLast(kit, wide, rows), [batch, height * rows, width * columns, channels]);
    },
    library(kit, { size, interpolation }, [input]) {
      const [height, width] = input as [number, number, number];
      const [rows, columns] = pair(size);
      const copies = interpolation === "nearest" || rows * columns === 1;
      if (copies) return [{ layer: kit.layers.upSampling2d({ size: [rows, columns] }) }];
      return [...alongAxis(kit, height, rows, [2, 3, 1]), ...alongAxis(kit, width, columns, [1, 3, 2])];
    },
  },
});

function repeatLast({ tf }: Kit, x: tf.Tensor, times: number): tf.Tensor {
  return times === 1 ? x : tf.concat(Array<tf.Tensor>(times).fill(x), -1);
}

function bilinear(kit: Kit, x: tf.Tensor, rows: number, columns: number): tf.Tensor {
  const { tf } = kit;
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const tall = enlarge(kit, tf.reshape(x, [batch, height, width * channels]), rows);
  const wide = enlarge(kit, tf.reshape(tall, [batch * height * rows, width, channels]), columns);
  return tf.reshape(wide, [batch, height * rows, width * columns, channels]);
}

/** `[items, size, rest]` to `[items, size · factor, rest]`. */
function enlarge(kit: Kit, x: tf.Tensor, factor: number): tf.Tensor {
  const { tf } = kit;
  return factor === 1 ? x : tf.matMul(tf.expandDims(weightsOf(kit, x.shape[1] as number, factor), 0), x as tf.Tensor3D);
}

/**
 * `[size · factor, size]`: what each new place takes of the old ones. Place i is centred at (i + ½) / factor, the old ones
 * at j + ½; between two centres it takes of both as near as they are, beyond the outermost all of that one.
 */
function weightsOf({ tf }: Kit, size: number, factor: number): tf.Tensor2D {
  const values = new Float32Array(size * factor * size);
  for (let i = 0; i < size * factor; i++) {
    const centre = Math.min(Math.max((i + 0.5) / factor - 0.5, 0), size - 1);
    const low = Math.floor(centre);
    const row = values.subarray(i * size, (i + 1) * size);
    row[low] = 1 - (centre - low);
    if (centre > low) row[low + 1] = centre - low;
  }
  return tf.tensor2d(values, [size * factor, size]);
}

/**
 * The same in layers of the library: the axis is put last, goes through a dense layer that holds the weights, and back.
 * @param dims the order of dimensions with this axis last.
 */
function alongAxis(kit: Kit, size: number, factor: number, dims: readonly number[]): readonly LibraryLayer[] {
  const { layers, tf } = kit;
  if (factor === 1) return [];
  const back = dims.map((_, i) => dims.indexOf(i + 1) + 1);
  return [
    { layer: layers.permute({ dims: [...dims] }) },
    {
      layer: layers.dense({ units: size * factor, useBias: false, trainable: false, kernelInitializer: "zeros" }),
      weights: () => [tf.transpose(weightsOf(kit, size, factor))],
    },
    { layer: layers.permute({ dims: back }) },
  ];
}
