import * as tf from "@tensorflow/tfjs-core";
import { layers } from "@tensorflow/tfjs-layers";
import type { Activation } from "../gen/shared.js";
import type { LibraryLayer } from "../layer.js";

type LibraryActivation = NonNullable<Parameters<typeof layers.activation>[0]["activation"]>;

/** relu6(x + 3) / 6, which Keras 3 and PyTorch call a hard sigmoid; the library's `hardSigmoid` is steeper. */
function hardSigmoid6(x: tf.Tensor): tf.Tensor {
  return tf.clipByValue(tf.add(tf.mul(x, 1 / 6), 0.5), 0, 1);
}

/** Hendrycks & Gimpel 2016 by tanh; the library's own takes a power, of which its gradient takes a logarithm. */
function geluTanh(x: tf.Tensor): tf.Tensor {
  const inner = tf.mul(tf.add(x, tf.mul(tf.mul(tf.square(x), x), 0.044715)), Math.sqrt(2 / Math.PI));
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
}

/** Functions of ours; the library has none of these names. */
const OURS: Readonly<Partial<Record<Activation, (x: tf.Tensor) => tf.Tensor>>> = {
  hardSigmoid6,
  geluTanh,
  exponential: (x) => tf.exp(x),
  leakyRelu: (x) => tf.leakyRelu(x, SLOPE),
  hardSilu: (x) => tf.mul(x, hardSigmoid6(x)),
  hardTanh: (x) => tf.clipByValue(x, -1, 1),
  logSigmoid: (x) => tf.neg(tf.softplus(tf.neg(x))),
};

/** Below 0, as Keras has it. */
const SLOPE = 0.2;

for (const [name, apply] of Object.entries(OURS)) {
  class Ours extends tf.serialization.Serializable {
    static readonly className = name;

    apply(x: tf.Tensor): tf.Tensor {
      return apply(x);
    }

    getConfig(): tf.serialization.ConfigDict {
      return {};
    }
  }
  tf.serialization.registerClass(Ours);
}

/** The name under which the library finds an activation: most names are its own, ours are made known to it. */
export function activationOf(name: Activation): LibraryActivation {
  return (name === "silu" ? "swish" : name) as LibraryActivation;
}

/** False where only we know the function: a file with its name would not be read elsewhere. */
export function inLibrary(name: Activation): boolean {
  return OURS[name] === undefined;
}

/**
 * A layer whose activation is the last thing it does, in layers that the library has: the activation by itself if need be.
 * Null where the library has nothing to make it of.
 */
export function withLibraryActivation(
  layer: layers.Layer,
  name: Activation | undefined,
): readonly LibraryLayer[] | null {
  if (name === undefined || inLibrary(name)) return [{ layer }];
  const steps = inSteps[name]?.();
  if (steps === undefined) return null;
  return [{ layer, settings: { activation: "linear" } }, ...steps.map((layer) => ({ layer }))];
}

/** Layers of the library that compute functions of ours. */
const inSteps: Readonly<Partial<Record<Activation, () => readonly layers.Layer[]>>> = {
  hardSigmoid6: () => [rescaled(1 / 6, 0.5), layers.reLU({ maxValue: 1 })],
  leakyRelu: () => [layers.leakyReLU({ alpha: SLOPE })],
  hardTanh: () => [rescaled(0.5, 0.5), layers.reLU({ maxValue: 1 }), rescaled(2, -1)],
  logSigmoid: () => [rescaled(-1, 0), layers.activation({ activation: "softplus" }), rescaled(-1, 0)],
};

function rescaled(scale: number, offset: number): layers.Layer {
  return layers.rescaling({ scale, offset });
}
