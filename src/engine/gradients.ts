/**
 * Gradients of ours in place of the library's, for operations where its own is wrong: for every engine, because all of
 * them take gradients through the library. Importing this file is enough.
 */
import * as tf from "@tensorflow/tfjs-core";
// In Node the gradients of all kernels come with this package, not with the core; ours must come after them.
import "@tensorflow/tfjs-layers";

/** 0 at 0, where the library says −1: an error of 0, or a weight of 0, is where it should be. */
tf.registerGradient({
  kernelName: "Abs",
  inputsToSave: ["x"],
  gradFunc: (dy, [x]) => ({ x: () => tf.mul(dy as tf.Tensor, tf.sign(x as tf.Tensor)) }),
});

/** To the first of equal extremes, as pooling does; the library gives each of them the whole gradient. */
tf.registerGradient({
  kernelName: "Max",
  inputsToSave: ["x"],
  gradFunc: (dy, [x], { reductionIndices }) => ({
    x: () => toFirst(tf.argMax, dy as tf.Tensor, x as tf.Tensor, reductionIndices as number | number[]),
  }),
});
tf.registerGradient({
  kernelName: "Min",
  inputsToSave: ["x"],
  gradFunc: (dy, [x], { axis }) => ({
    x: () => toFirst(tf.argMin, dy as tf.Tensor, x as tf.Tensor, axis as number | number[]),
  }),
});

type Place = (x: tf.Tensor, axis: number) => tf.Tensor;

function toFirst(place: Place, dy: tf.Tensor, x: tf.Tensor, axis: number | number[]): tf.Tensor {
  const axes = tf.util.parseAxisParam(axis, x.shape);
  const others = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const first = axes[0] ?? 0;
  const together = axes.every((one, i) => one === first + i);
  // The axes that are reduced come to lie side by side, so that they can be seen as one.
  const order = together ? x.shape.map((_, i) => i) : [...others, ...axes];
  const apart = together ? x : tf.transpose(x, order);
  const before = together ? size(x.shape.slice(0, first)) : size(others.map((i) => x.shape[i] as number));
  const count = size(axes.map((i) => x.shape[i] as number));
  const after = x.size / (before * count);
  const at = place(tf.reshape(apart, [before, count, after]), 1);
  const hit = tf.equal(tf.expandDims(at, 1), tf.reshape(tf.range(0, count, 1, "int32"), [1, count, 1]));
  const gradient = tf.mul(tf.reshape(dy, [before, 1, after]), tf.cast(hit, "float32"));
  const shaped = tf.reshape(gradient, apart.shape);
  return together
    ? shaped
    : tf.transpose(
        shaped,
        order.map((_, i) => order.indexOf(i)),
      );
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}
