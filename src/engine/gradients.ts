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

/** Summed over the axes along which an operand was repeated, which the library forgets; of equal ones the first counts. */
tf.registerGradient({
  kernelName: "Maximum",
  inputsToSave: ["a", "b"],
  gradFunc: (dy, [a, b]) => ofLarger(dy as tf.Tensor, a as tf.Tensor, b as tf.Tensor, tf.greaterEqual, tf.less),
});
tf.registerGradient({
  kernelName: "Minimum",
  inputsToSave: ["a", "b"],
  gradFunc: (dy, [a, b]) => ofLarger(dy as tf.Tensor, a as tf.Tensor, b as tf.Tensor, tf.lessEqual, tf.greater),
});

type Comparison = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

function ofLarger(dy: tf.Tensor, a: tf.Tensor, b: tf.Tensor, first: Comparison, second: Comparison) {
  const where = (holds: Comparison, operand: tf.Tensor) => () =>
    summedTo(operand.shape, tf.mul(dy, tf.cast(holds(a, b), "float32")));
  return { a: where(first, a), b: where(second, b) };
}

function summedTo(shape: number[], x: tf.Tensor): tf.Tensor {
  const axes = tf.broadcast_util.getReductionAxes(shape, x.shape);
  return axes.length === 0 ? x : tf.reshape(tf.sum(x, axes), shape);
}

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

/** @param dy the gradient of the reduced tensor, whether it kept its dimensions or not. */
function toFirst(place: Place, dy: tf.Tensor, x: tf.Tensor, axis: number | number[]): tf.Tensor {
  const axes = tf.util.parseAxisParam(axis, x.shape);
  const [first = 0] = axes;
  if (axes.some((one, i) => one !== first + i)) return toFirstOfApart(place, dy, x, axes);
  const before = size(x.shape.slice(0, first));
  const count = size(axes.map((i) => x.shape[i] as number));
  const after = x.size / (before * count);
  const at = place(tf.reshape(x, [before, count, after]), 1);
  const hit = tf.equal(tf.expandDims(at, 1), tf.reshape(tf.range(0, count, 1, "int32"), [1, count, 1]));
  return tf.reshape(tf.mul(tf.reshape(dy, [before, 1, after]), tf.cast(hit, "float32")), x.shape);
}

/** Axes that do not lie side by side are put last, and back. */
function toFirstOfApart(place: Place, dy: tf.Tensor, x: tf.Tensor, axes: readonly number[]): tf.Tensor {
  const all = x.shape.map((_, i) => i);
  const order = [...all.filter((i) => !axes.includes(i)), ...axes];
  const last = all.slice(-axes.length);
  const back = all.map((i) => order.indexOf(i));
  return tf.transpose(toFirst(place, dy, tf.transpose(x, order), last), back);
}

/** One sum over the repetitions, where the library adds a slice for each: thousands in a layer normalization of a batch. */
tf.registerGradient({
  kernelName: "Tile",
  inputsToSave: ["x"],
  gradFunc: (dy, [x], { reps }) => ({
    x: () => overRepetitions(dy as tf.Tensor, (x as tf.Tensor).shape, reps as readonly number[]),
  }),
});

/** Every axis is its repetitions, then its places; neighbours of one sort are one axis, so that the rank stays low. */
function overRepetitions(dy: tf.Tensor, shape: number[], reps: readonly number[]): tf.Tensor {
  const axes: { size: number; repeats: boolean }[] = [];
  const add = (size: number, repeats: boolean) => {
    const last = axes.at(-1);
    if (last?.repeats === repeats) last.size *= size;
    else if (size !== 1) axes.push({ size, repeats });
  };
  shape.forEach((places, i) => {
    add(reps[i] as number, true);
    add(places, false);
  });
  const repeated = axes.flatMap(({ repeats }, i) => (repeats ? [i] : []));
  const apart = tf.reshape(
    dy,
    axes.map(({ size }) => size),
  );
  return tf.reshape(repeated.length === 0 ? apart : tf.sum(apart, repeated), shape);
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}
