import * as tf from "@tensorflow/tfjs-core";
import { initializers, type layers } from "@tensorflow/tfjs-layers";

/** A weight of a cell, as the library keeps it. */
interface Weight {
  read(): tf.Tensor;
}

interface Activation {
  apply(x: tf.Tensor): tf.Tensor;
}

/** What the library's GRU cell has that its types do not show. */
interface GruCell {
  readonly units: number;
  readonly useBias: boolean;
  readonly activation: Activation;
  readonly recurrentActivation: Activation;
  built: boolean;
  addWeight(name: string, shape: readonly number[], dtype: null, initializer: object): Weight;
  build(inputShape: (number | null)[]): void;
  call(inputs: readonly tf.Tensor[]): tf.Tensor[];
}

/**
 * Lets a GRU of the library apply its reset gate after the product with the recurrent kernel, which then has a bias of its
 * own, as in Keras and cuDNN; the library has the other form only. The bias becomes [2, 3 · units], of the input first.
 */
export function resetAfterProduct(layer: layers.Layer): void {
  const { cell } = layer as unknown as { readonly cell: GruCell };
  const { units } = cell;
  let kernel: Weight;
  let recurrent: Weight;
  let bias: Weight | null;
  cell.build = (inputShape) => {
    const zeros = initializers.zeros();
    kernel = cell.addWeight("kernel", [inputShape.at(-1) as number, 3 * units], null, zeros);
    recurrent = cell.addWeight("recurrent_kernel", [units, 3 * units], null, zeros);
    bias = cell.useBias ? cell.addWeight("bias", [2, 3 * units], null, zeros) : null;
    cell.built = true;
  };
  cell.call = ([x, h]) =>
    tf.tidy(() => {
      const state = h as tf.Tensor2D;
      const [ofInput, ofState] = bias === null ? [null, null] : tf.split(bias.read(), 2, 0);
      const [xz, xr, xh] = gates(x as tf.Tensor2D, kernel.read() as tf.Tensor2D, ofInput);
      const [hz, hr, hh] = gates(state, recurrent.read() as tf.Tensor2D, ofState);
      const update = cell.recurrentActivation.apply(tf.add(xz, hz));
      const reset = cell.recurrentActivation.apply(tf.add(xr, hr));
      const candidate = cell.activation.apply(tf.add(xh, tf.mul(reset, hh)));
      const next = tf.add(tf.mul(update, state), tf.mul(tf.sub(1, update), candidate));
      return [next, next];
    });
}

/** [update, reset, candidate], each `[batch, units]`. */
function gates(
  x: tf.Tensor2D,
  kernel: tf.Tensor2D,
  bias: tf.Tensor | null | undefined,
): [tf.Tensor, tf.Tensor, tf.Tensor] {
  const product = tf.matMul(x, kernel);
  return tf.split(bias ? tf.add(product, bias) : product, 3, 1) as [tf.Tensor, tf.Tensor, tf.Tensor];
}
