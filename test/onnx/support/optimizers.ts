import * as tf from "@tensorflow/tfjs-core";
import type { OptimizerProgram } from "../../../src/engine/engine.js";

/** Adam with both bias corrections in scalars; the powers of β are slots. */
export function adam(beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7): OptimizerProgram {
  return {
    apply(gradients, variables, learningRate, makeSlot) {
      const power1 = makeSlot("adam/power1", () => tf.scalar(beta1));
      const power2 = makeSlot("adam/power2", () => tf.scalar(beta2));
      const correction = tf.sqrt(tf.sub(1, power2));
      const size = tf.div(tf.mul(learningRate, correction), tf.sub(1, power1));
      const floor = tf.mul(correction, epsilon);
      for (const [name, gradient] of Object.entries(gradients)) {
        const variable = variables[name] as tf.Variable;
        const m = makeSlot(`${name}/m`, () => tf.zerosLike(variable));
        const v = makeSlot(`${name}/v`, () => tf.zerosLike(variable));
        m.assign(tf.add(tf.mul(m, beta1), tf.mul(gradient, 1 - beta1)));
        v.assign(tf.add(tf.mul(v, beta2), tf.mul(tf.square(gradient), 1 - beta2)));
        variable.assign(tf.sub(variable, tf.mul(size, tf.div(m, tf.add(tf.sqrt(v), floor)))));
      }
      power1.assign(tf.mul(power1, beta1) as tf.Scalar);
      power2.assign(tf.mul(power2, beta2) as tf.Scalar);
    },
  };
}
