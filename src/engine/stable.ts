/**
 * Functions that keep float32's precision where their plain formulas lose it: near a loss's minimum nothing is left of a
 * small difference of large terms. Made of operations that every engine has.
 */
import * as tf from "@tensorflow/tfjs-core";

/** ln(1 + x) for x > −1: the logarithm of the rounded sum, and what the rounding took off it. */
export function log1p(x: tf.Tensor): tf.Tensor {
  const sum = tf.add(x, 1);
  return tf.add(tf.log(sum), tf.div(tf.sub(x, tf.sub(sum, 1)), sum));
}

/** Beyond this, ln cosh x is |x| − ln 2 for a float32. */
const FAR = 8;

/**
 * ln cosh x as ½ ln(1 + sinh² x), with gradient tanh x. It goes on as a straight line where the square could overflow.
 */
export function logCosh(x: tf.Tensor): tf.Tensor {
  const f = tf.customGrad((x, save) => {
    (save as tf.GradSaveFunc)([x as tf.Tensor]);
    const size = tf.abs(x as tf.Tensor);
    const near = tf.minimum(size, FAR);
    return {
      value: tf.add(tf.mul(log1p(tf.square(tf.sinh(near))), 0.5), tf.sub(size, near)),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(dy, tf.tanh(saved[0] as tf.Tensor)),
    };
  });
  return f(x);
}

/** Below this, exp(x) − 1 − x is a series; its terms up to this one are a float32's worth. */
const SMALL = 0.5;
const TERMS = 9;

/** exp(x) − 1 − x, for values alone: it has no gradient where the series takes over. */
export function expBeyondLine(x: tf.Tensor): tf.Tensor {
  let series: tf.Tensor = tf.onesLike(x);
  for (let n = TERMS; n > 2; n--) series = tf.add(tf.mul(series, tf.div(x, n)), 1);
  const near = tf.mul(tf.mul(series, tf.square(x)), 0.5);
  return tf.where(tf.less(tf.abs(x), SMALL), near, tf.sub(tf.sub(tf.exp(x), 1), x));
}
