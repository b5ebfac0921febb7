import type * as tf from "@tensorflow/tfjs-core";
import type { SamplingLayer } from "../gen/layers.js";
import { defineLayer, type Kit, type OwnPass, type Shape } from "../layer.js";
import { equalShapes } from "./shared/merging.js";

/**
 * Kingma & Welling 2013: z = m + σ(s)·noise·ε with ε ~ N(0, 1); m where nothing is drawn. Beside it the divergence of every
 * item, −½ Σ (1 + s − m² − exp s), as a loss of the name `kl`. The library cannot draw.
 */
export default defineLayer<SamplingLayer>({
  inputs: [2, 2],
  shape: equalShapes,
  own: {
    draw: ({ stream }, [mean]) => ({
      name: stream,
      shape: mean as Shape,
      distribution: { kind: "normal" },
      when: "always",
    }),
    call(kit, inputs, params, pass) {
      const { tf } = kit;
      const [mean, s] = inputs as [tf.Tensor, tf.Tensor];
      const draw = pass.draw();
      if (draw === null) return mean;
      return tf.add(mean, tf.mul(deviationOf(kit, s, params, pass), tf.mul(draw, params.noise)));
    },
    itemLosses(kit, inputs, params, pass) {
      const [mean, s] = inputs as [tf.Tensor, tf.Tensor];
      const kl = pass.training
        ? quickDivergence(kit, mean, s, varianceOf(kit, s, params, pass))
        : divergence(kit, mean, s);
      return { kl };
    },
  },
});

function deviationOf({ tf }: Kit, s: tf.Tensor, { scale }: SamplingLayer, pass: OwnPass): tf.Tensor {
  return pass.once("deviation", () => tf.exp(scale === "exp" ? s : tf.mul(s, 0.5)));
}

function varianceOf(kit: Kit, s: tf.Tensor, params: SamplingLayer, pass: OwnPass): tf.Tensor {
  const deviation = deviationOf(kit, s, params, pass);
  return params.scale === "exp" ? deviation : kit.tf.square(deviation);
}

/** −½ Σ (1 + s − m² − exp s) as ½ Σ (m² + (exp s − 1 − s)), which is precise also near 0. */
function divergence({ tf, expBeyondLine }: Kit, mean: tf.Tensor, s: tf.Tensor): tf.Tensor1D {
  return tf.mul(summed(tf, tf.add(tf.square(mean), expBeyondLine(s))), 0.5);
}

/** The same in fewer operations, up to 10⁻⁷ a dimension off, and with a gradient. */
function quickDivergence({ tf }: Kit, mean: tf.Tensor, s: tf.Tensor, variance: tf.Tensor): tf.Tensor1D {
  return tf.mul(summed(tf, tf.sub(tf.sub(tf.add(s, 1), tf.square(mean)), variance)), -0.5);
}

function summed(library: Kit["tf"], x: tf.Tensor): tf.Tensor1D {
  return library.sum(x, x.shape.map((_, axis) => axis).slice(1));
}
