import * as tf from "@tensorflow/tfjs-core";
import { RandomStream } from "../base/random.js";
import type { BuiltLayer, LayerWeight, Pass } from "../layer.js";
import { giveMask, maskOf } from "./masks.js";
import { namedVariable } from "./variables.js";

/** Layers of one input each, one after the other. */
export function callLayers(layers: readonly BuiltLayer[], x: tf.Tensor, pass: Pass): tf.Tensor {
  return layers.reduce((value, layer) => callLayer(layer, [value], pass), x);
}

/**
 * Makes the variables of these weights in their order. Initial values come from the path `["init", weight name]` of
 * the seed; without one they are zeros.
 */
export function makeVariables(weights: readonly LayerWeight[], seed: number | null): readonly tf.Variable[] {
  return weights.map((weight) => {
    const initial =
      seed === null
        ? tf.zeros(weight.shape as number[])
        : tf.tensor(weight.initial(new RandomStream(seed, ["init", weight.name])), weight.shape as number[]);
    const variable = namedVariable(weight.name, initial, weight.trainable);
    weight.adopt(variable);
    return variable;
  });
}

let tracked: string | null = null;
let tracking = false;

/**
 * The layer whose operations, forward or backward, ran last inside `trackLayers`. An engine asks for it when an
 * operation turned out to be missing.
 */
export function currentLayer(): string | null {
  return tracked;
}

/** Runs `f` with every layer leaving its name, at the price of two more operations a layer. */
export function trackLayers<T>(f: () => T): T {
  tracking = true;
  tracked = null;
  try {
    return f();
  } finally {
    tracking = false;
  }
}

export function callLayer(layer: BuiltLayer, inputs: readonly tf.Tensor[], pass: Pass): tf.Tensor {
  if (!tracking) return layer.call(inputs, pass);
  tracked = layer.spec.name;
  const output = layer.call(inputs, pass);
  const marked = markBackward(layer.spec.name, output);
  giveMask(marked, maskOf(output));
  return marked;
}

/** The identity, whose gradient notes that going back has reached this layer's output. */
function markBackward(name: string, value: tf.Tensor): tf.Tensor {
  const identity = tf.customGrad((x) => ({
    value: tf.clone(x as tf.Tensor),
    gradFunc: (dy: tf.Tensor) => {
      tracked = name;
      return tf.clone(dy);
    },
  }));
  return identity(value);
}
