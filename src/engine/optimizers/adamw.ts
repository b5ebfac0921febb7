import * as tf from "@tensorflow/tfjs-core";
import type { AdamwOptimizer } from "../../gen/optimizers.js";
import type { StepRule } from "../optimizer.js";
import adam from "./adam.js";

/** Adam, and a share rate·weightDecay of every weight taken off beside it: Loshchilov & Hutter 2017. */
export default function adamw({ weightDecay, ...params }: AdamwOptimizer): StepRule {
  const rule = adam(params);
  return (step) => {
    const update = rule(step);
    const decay = tf.mul(step.rate, weightDecay);
    return (variable, gradient, own) => tf.sub(update(variable, gradient, own), tf.mul(variable, decay));
  };
}
