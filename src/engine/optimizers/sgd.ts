import * as tf from "@tensorflow/tfjs-core";
import type { SgdOptimizer } from "../../gen/optimizers.js";
import type { StepRule } from "../optimizer.js";

/**
 * v ← momentum·v + rate·g, w ← w − v; with Nesterov's correction w ← w − (rate·g + momentum·v). In PyTorch's form the rate
 * is a factor of the whole step and v holds gradients; at a constant rate both are the same.
 */
export default function sgd({ momentum, momentumForm, nesterov }: SgdOptimizer): StepRule {
  return ({ rate }) =>
    (variable, gradient, own) => {
      if (momentum === 0) return tf.sub(variable, tf.mul(gradient, rate));
      const keepsSteps = momentumForm === "keras";
      const velocity = own("velocity");
      const fresh = keepsSteps ? tf.mul(gradient, rate) : gradient;
      const newVelocity = tf.add(tf.mul(velocity, momentum), fresh);
      velocity.assign(newVelocity);
      const step = nesterov ? tf.add(fresh, tf.mul(newVelocity, momentum)) : newVelocity;
      return tf.sub(variable, keepsSteps ? step : tf.mul(step, rate));
    };
}
