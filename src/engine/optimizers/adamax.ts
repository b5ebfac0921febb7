import * as tf from "@tensorflow/tfjs-core";
import type { AdamaxOptimizer } from "../../gen/optimizers.js";
import type { StepRule } from "../optimizer.js";

/** Adam with the infinity norm: Kingma & Ba 2014, section 7.1. */
export default function adamax({ beta1, beta2, epsilon }: AdamaxOptimizer): StepRule {
  return ({ rate, slot }) => {
    const power1 = slot("beta1Power", beta1);
    const size = tf.div(rate, tf.sub(1, power1));
    power1.assign(tf.mul(power1, beta1));
    return (variable, gradient, own) => {
      const mean = own("mean");
      const largest = own("largest");
      const newMean = tf.add(tf.mul(mean, beta1), tf.mul(gradient, 1 - beta1));
      const newLargest = tf.maximum(tf.mul(largest, beta2), tf.abs(gradient));
      mean.assign(newMean);
      largest.assign(newLargest);
      return tf.sub(variable, tf.mul(size, tf.div(newMean, tf.add(newLargest, epsilon))));
    };
  };
}
