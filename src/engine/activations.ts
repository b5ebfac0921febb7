import * as tf from "@tensorflow/tfjs-core";
import { layers } from "@tensorflow/tfjs-layers";
import type { Activation } from "../gen/shared.js";
import type { LibraryLayer } from "../layer.js";

type LibraryActivation = NonNullable<Parameters<typeof layers.activation>[0]["activation"]>;

/** relu6(x + 3) / 6, which Keras 3 and PyTorch call a hard sigmoid; the library's `hardSigmoid` is steeper. */
class HardSigmoid6 extends tf.serialization.Serializable {
  static readonly className = "hardSigmoid6";

  apply(x: tf.Tensor): tf.Tensor {
    return tf.clipByValue(tf.add(tf.mul(x, 1 / 6), 0.5), 0, 1);
  }

  getConfig(): tf.serialization.ConfigDict {
    return {};
  }
}
tf.serialization.registerClass(HardSigmoid6);

/** The name under which the library finds an activation: most names are its own, `hardSigmoid6` is made known to it. */
export function activationOf(name: Activation): LibraryActivation {
  return (name === "silu" ? "swish" : name) as LibraryActivation;
}

/** False where only we know the function: a file with its name would not be read elsewhere. */
export function inLibrary(name: Activation): boolean {
  return name !== "hardSigmoid6";
}

/** A layer whose activation is the last thing it does, in layers that the library has: the activation by itself if need be. */
export function withLibraryActivation(layer: layers.Layer, name: Activation | undefined): readonly LibraryLayer[] {
  if (name === undefined || inLibrary(name)) return [{ layer }];
  return [
    { layer, settings: { activation: "linear" } },
    { layer: layers.rescaling({ scale: 1 / 6, offset: 0.5 }) },
    { layer: layers.reLU({ maxValue: 1 }) },
  ];
}
