import * as tf from "@tensorflow/tfjs-core";
import type { SgdOptimizer } from "../../gen/optimizers.js";
import type { StepRule } from "../optimizer.js";

/** v ← momentum·v + g, w ← w − rate·v; with Nesterov's correction w ← w − rate·(g + momentum·v). */
export default function sgd({ momentum, nesterov }: SgdOptimizer): StepRule {
  return ({ rate }) =>
    (variable, gradient, own) => {
      if (momentum === 0) return tf.sub(variable, tf.mul(gradient, rate));
      const velocity = own("velocity");
      const newVelocity = tf.add(tf.mul(velocity, momentum), gradient);
      velocity.assign(newVelocity);
      const step = nesterov ? tf.add(gradient, tf.mul(newVelocity, momentum)) : newVelocity;
      return tf.sub(variable, tf.mul(step, rate));
    };
}
