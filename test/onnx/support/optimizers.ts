import * as tf from "@tensorflow/tfjs-core";
import type { OptimizerProgram } from "../../../src/engine/engine.js";

/** Adam as tfjs has it: bias correction by running powers, ε outside the root. */
export function adam(beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7): OptimizerProgram {
  return {
    apply(gradients, variables, learningRate, makeSlot) {
      const power1 = makeSlot("adam/power1", () => tf.scalar(beta1));
      const power2 = makeSlot("adam/power2", () => tf.scalar(beta2));
      const left1 = tf.sub(1, power1);
      const left2 = tf.sub(1, power2);
      for (const [name, gradient] of Object.entries(gradients)) {
        const variable = variables[name] as tf.Variable;
        const m = makeSlot(`${name}/m`, () => tf.zerosLike(variable));
        const v = makeSlot(`${name}/v`, () => tf.zerosLike(variable));
        const newM = tf.add(tf.mul(m, beta1), tf.mul(gradient, 1 - beta1));
        const newV = tf.add(tf.mul(v, beta2), tf.mul(tf.square(gradient), 1 - beta2));
        const update = tf.div(tf.div(newM, left1), tf.add(tf.sqrt(tf.div(newV, left2)), epsilon));
        m.assign(newM);
        v.assign(newV);
        variable.assign(tf.sub(variable, tf.mul(learningRate, update)));
      }
      power1.assign(tf.mul(power1, beta1) as tf.Scalar);
      power2.assign(tf.mul(power2, beta2) as tf.Scalar);
    },
  };
}
