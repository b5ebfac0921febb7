import * as tf from "@tensorflow/tfjs-core";
import type { RmspropOptimizer } from "../../gen/optimizers.js";
import type { StepRule } from "../optimizer.js";

/** s ← ρ·s + (1 − ρ)·g², step rate·g / √(s + ε); centred: √(s − mean² + ε). Hinton 2012, Graves 2013. */
export default function rmsprop({ rho, momentum, epsilon, centered }: RmspropOptimizer): StepRule {
  return ({ rate }) =>
    (variable, gradient, own) => {
      const square = own("square");
      const newSquare = tf.add(tf.mul(square, rho), tf.mul(tf.square(gradient), 1 - rho));
      square.assign(newSquare);
      let variance: tf.Tensor = newSquare;
      if (centered) {
        const mean = own("mean");
        const newMean = tf.add(tf.mul(mean, rho), tf.mul(gradient, 1 - rho));
        mean.assign(newMean);
        variance = tf.sub(newSquare, tf.square(newMean));
      }
      let step = tf.div(tf.mul(gradient, rate), tf.sqrt(tf.add(variance, epsilon)));
      if (momentum > 0) {
        const velocity = own("velocity");
        step = tf.add(tf.mul(velocity, momentum), step);
        velocity.assign(step);
      }
      return tf.sub(variable, step);
    };
}
