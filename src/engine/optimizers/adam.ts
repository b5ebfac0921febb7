import * as tf from "@tensorflow/tfjs-core";
import type { AdamOptimizer } from "../../gen/optimizers.js";
import type { StepRule } from "../optimizer.js";

/**
 * Kingma & Ba 2014, in the order of operations at the end of its section 2: both bias corrections go into the scalars,
 * which leaves fewer operations on whole weights. The powers of β are slots, so no step counter is needed. In Keras's form ε
 * is the paper's ε̂, which those corrections leave alone.
 */
export default function adam({ beta1, beta2, epsilon, epsilonForm }: AdamOptimizer): StepRule {
  return ({ rate, slot }) => {
    const power1 = slot("beta1Power", beta1);
    const power2 = slot("beta2Power", beta2);
    const correction = tf.sqrt(tf.sub(1, power2));
    const size = tf.div(tf.mul(rate, correction), tf.sub(1, power1));
    const floor = epsilonForm === "keras" ? tf.scalar(epsilon) : tf.mul(correction, epsilon);
    power1.assign(tf.mul(power1, beta1));
    power2.assign(tf.mul(power2, beta2));
    return (variable, gradient, own) => {
      const mean = own("mean");
      const square = own("square");
      const newMean = tf.add(tf.mul(mean, beta1), tf.mul(gradient, 1 - beta1));
      const newSquare = tf.add(tf.mul(square, beta2), tf.mul(tf.square(gradient), 1 - beta2));
      mean.assign(newMean);
      square.assign(newSquare);
      return tf.sub(variable, tf.mul(size, tf.div(newMean, tf.add(tf.sqrt(newSquare), floor))));
    };
  };
}
