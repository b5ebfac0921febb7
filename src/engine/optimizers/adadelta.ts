import * as tf from "@tensorflow/tfjs-core";
import type { AdadeltaOptimizer } from "../../gen/optimizers.js";
import type { StepRule } from "../optimizer.js";

/** Step rate·g·√(u + ε)/√(s + ε), where s and u are running means of squared gradients and steps: Zeiler 2012. */
export default function adadelta({ rho, epsilon }: AdadeltaOptimizer): StepRule {
  return ({ rate }) =>
    (variable, gradient, own) => {
      const gradients = own("gradients");
      const steps = own("steps");
      const newGradients = tf.add(tf.mul(gradients, rho), tf.mul(tf.square(gradient), 1 - rho));
      const ratio = tf.div(tf.sqrt(tf.add(steps, epsilon)), tf.sqrt(tf.add(newGradients, epsilon)));
      const step = tf.mul(ratio, gradient);
      const newSteps = tf.add(tf.mul(steps, rho), tf.mul(tf.square(step), 1 - rho));
      gradients.assign(newGradients);
      steps.assign(newSteps);
      return tf.sub(variable, tf.mul(step, rate));
    };
}
