import * as tf from "@tensorflow/tfjs-core";
import { RandomStream } from "../../../src/base/random.js";
import type { NamedTensors, StepProgram } from "../../../src/engine/engine.js";
import { namedVariable } from "../../../src/engine/variables.js";
import { adam } from "./optimizers.js";

/** The reference experiment's model, written by hand: what the engine must be good at, free of the rest. */
export function vaeProgram(hidden = 64, pixels = 784, latent = 2): StepProgram {
  const v: Record<string, tf.Variable> = {};
  const dense = (name: string, inputs: number, units: number) => {
    const limit = Math.sqrt(6 / (inputs + units));
    const values = new RandomStream(1, ["init", name]).uniforms(new Float32Array(inputs * units));
    v[`${name}/kernel`] = namedVariable(
      `${name}/kernel`,
      tf.tensor(
        values.map((u) => (2 * u - 1) * limit),
        [inputs, units],
      ),
      true,
    );
    v[`${name}/bias`] = namedVariable(`${name}/bias`, tf.zeros([units]), true);
  };
  const apply = (name: string, x: tf.Tensor) =>
    tf.add(tf.matMul(x as tf.Tensor2D, v[`${name}/kernel`] as tf.Tensor2D), v[`${name}/bias`] as tf.Tensor);
  return {
    inputs: (batch) => [
      { name: "x", shape: [batch, pixels], dtype: "uint8", scale: 1 / 255 },
      { name: "noise", shape: [batch, latent], dtype: "float32" },
    ],
    variables() {
      dense("hidden", pixels, hidden);
      dense("mean", hidden, latent);
      dense("scale", hidden, latent);
      dense("decode", latent, hidden);
      dense("out", hidden, pixels);
      return Object.values(v);
    },
    loss(inputs: NamedTensors) {
      const x = inputs.x as tf.Tensor2D;
      const h = tf.relu(apply("hidden", x));
      const mean = apply("mean", h);
      const scale = apply("scale", h);
      const z = tf.add(mean, tf.mul(tf.exp(scale), inputs.noise as tf.Tensor));
      const logits = apply("out", tf.relu(apply("decode", z)));
      const reconstruction = tf.mean(tf.sum(crossEntropyOnLogits(x, logits), 1)) as tf.Scalar;
      const terms = tf.sub(tf.sub(tf.add(scale, 1), tf.square(mean)), tf.exp(scale));
      const kl = tf.mean(tf.mul(tf.sum(terms, 1), -0.5)) as tf.Scalar;
      return { loss: tf.add(reconstruction, kl) as tf.Scalar, parts: { reconstruction, kl } };
    },
    optimizer: adam(),
  };
}

/** softplus(l) − l·target, with the gradient that is known: sigmoid(l) − target. */
function crossEntropyOnLogits(target: tf.Tensor, logits: tf.Tensor): tf.Tensor {
  return tf.customGrad((x, save) => {
    const l = x as tf.Tensor;
    (save as (tensors: tf.Tensor[]) => void)([l]);
    const softplus = tf.sub(tf.relu(l), tf.log(tf.sigmoid(tf.abs(l))));
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) =>
      tf.mul(tf.sub(tf.sigmoid(saved[0] as tf.Tensor), target), dy);
    return { value: tf.sub(softplus, tf.mul(l, target)), gradFunc };
  })(logits);
}
