import type * as tf from "@tensorflow/tfjs-core";
import type { SinusoidalEncodingLayer } from "../gen/layers.js";
import { defineLayer, type Shape } from "../layer.js";
import { sameShape } from "./shared/same.js";

/** Vaswani et al. 2017: adds sines and cosines of the step's number, of wavelengths up to 2π · maxWavelength. */
export default defineLayer<SinusoidalEncodingLayer>({
  ...sameShape,
  rank: 1,
  own: {
    call({ tf }, inputs, { maxWavelength }) {
      const [x] = inputs as [tf.Tensor];
      const shape = x.shape.slice(1) as [number, number];
      return tf.add(x, tf.tensor2d(encoding(shape, maxWavelength), shape));
    },
  },
});

/** Channels 2i and 2i + 1 are sin and cos of step / maxWavelength^(2i / channels). */
function encoding([steps, channels]: Shape, maxWavelength: number): Float32Array {
  const values = new Float32Array((steps as number) * (channels as number));
  return values.map((_, at) => {
    const [step, channel] = [Math.floor(at / (channels as number)), at % (channels as number)];
    const angle = step / maxWavelength ** ((2 * Math.floor(channel / 2)) / (channels as number));
    return channel % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  });
}
