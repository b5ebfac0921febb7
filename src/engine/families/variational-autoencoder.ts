import * as tf from "@tensorflow/tfjs-core";
import { type PartsModel, partsOf } from "../../artifact/parts.js";
import type { Model } from "../../artifact/types.js";
import type { Pass } from "../../layer.js";
import type { Family } from "../family.js";
import { perItemLoss } from "../item-loss.js";
import { callLayers } from "../layer.js";
import { activated } from "../loss.js";
import { flattened, type Network } from "../network.js";
import { expBeyondLine } from "../stable.js";
import { reconstructionLoss } from "./reconstruction.js";

/** Name of the draw of ε. */
const NOISE = "noise";

/**
 * Kingma & Welling 2013: the encoder's two heads give m and s, the decoder sees z = m + σ(s)·noise·ε with ε ~ N(0, 1).
 * The loss of an item is its reconstruction error plus kl × −½ Σ (1 + s − m² − exp s).
 */
export const variationalAutoencoder: Family = {
  draws: ({ model }) => [
    { name: NOISE, shape: [latentOf(model).units], distribution: { kind: "normal" }, when: "always" },
  ],
  itemResults(network, { x }, objective, pass) {
    const { mean, s, deviation, variance } = posterior(network, x, pass);
    const spread = latentOf(network.model).noise;
    const noise = tf.mul(pass.draw(NOISE) as tf.Tensor, spread);
    const output = network.output(tf.add(mean, tf.mul(deviation, noise)), pass);
    const { loss, kl: weight } = reconstructionLoss(objective.loss);
    const manner = { reduction: "sum", exact: !pass.training } as const;
    const reconstruction = perItemLoss(loss, output, flattened(x), manner);
    const kl = pass.training ? quickDivergence(mean, s, variance) : divergence(mean, s);
    const weighted = weight === 1 ? kl : tf.mul(kl, weight);
    return {
      loss: tf.add(reconstruction, weighted),
      parts: { reconstruction, kl },
      answers: () => ({
        mean,
        scale: tf.mul(deviation, spread),
        output: activated(network.output(mean, pass)),
      }),
    };
  },
};

/** −½ Σ (1 + s − m² − exp s) as ½ Σ (m² + (exp s − 1 − s)), which is precise also near 0. */
function divergence(mean: tf.Tensor, s: tf.Tensor): tf.Tensor1D {
  return tf.mul(tf.sum(tf.add(tf.square(mean), expBeyondLine(s)), 1), 0.5);
}

/** The same in fewer operations, up to 10⁻⁷ a dimension off, and with a gradient. */
function quickDivergence(mean: tf.Tensor, s: tf.Tensor, variance: tf.Tensor): tf.Tensor1D {
  return tf.mul(tf.sum(tf.sub(tf.sub(tf.add(s, 1), tf.square(mean)), variance), 1), -0.5);
}

/** Of every item `[batch, latent]`: mean, head s, σ(s) (times the noise's spread: the standard deviation), and exp s. */
export function posterior(
  network: Network,
  x: tf.Tensor,
  pass: Pass,
): { mean: tf.Tensor; s: tf.Tensor; deviation: tf.Tensor; variance: tf.Tensor } {
  const features = network.call("encoder", x, pass);
  const [meanHead, scaleHead] = network.part("latent");
  if (meanHead === undefined || scaleHead === undefined) throw new Error("a variational encoder has two heads");
  const mean = callLayers([meanHead], features, pass);
  const s = callLayers([scaleHead], features, pass);
  if (latentOf(network.model).scale === "exp") {
    const deviation = tf.exp(s);
    return { mean, s, deviation, variance: deviation };
  }
  const deviation = tf.exp(tf.mul(s, 0.5));
  return { mean, s, deviation, variance: tf.square(deviation) };
}

export function latentOf(model: Model): NonNullable<PartsModel["latent"]> {
  const { latent } = partsOf(model);
  if (latent === undefined) throw new Error("a variational autoencoder has a latent space");
  return latent;
}
