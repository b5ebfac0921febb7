import * as tf from "@tensorflow/tfjs-core";
import type { Optimizer } from "../gen/optimizers.js";
import type { TrainStage } from "../gen/stages.js";
import { chosen } from "./choice.js";
import type { OptimizerProgram } from "./engine.js";
import { optimizerRule } from "./kinds.js";

/** An optimizer and the clipping before it, as engines run it. It keeps no state: all of it is in slots. */
export function optimizerProgram(optimizer: Optimizer, clip?: TrainStage["clip"]): OptimizerProgram {
  const { kind, params } = chosen(optimizer);
  const rule = optimizerRule(kind)(params);
  return {
    apply(gradients, variables, learningRate, makeSlot) {
      tf.tidy(() => {
        const update = rule({
          rate: learningRate,
          slot: (name, initial) => makeSlot(`${kind}/${name}`, () => tf.scalar(initial)),
        });
        for (const [name, gradient] of Object.entries(clipped(gradients, clip))) {
          const variable = variables[name] as tf.Variable;
          const value = update(variable, gradient, (slot, initial = 0) =>
            makeSlot(`${kind}/${slot}/${name}`, () => tf.fill(variable.shape, initial)),
          );
          variable.assign(value);
        }
      });
    },
  };
}

/** `{ norm }` shortens all gradients by one factor when their common length is above it; `{ value }` cuts each element. */
function clipped(gradients: Readonly<Record<string, tf.Tensor>>, clip: TrainStage["clip"]): Record<string, tf.Tensor> {
  const { norm, value } = clip ?? {};
  const entries = Object.entries(gradients);
  if (value !== undefined) {
    return Object.fromEntries(entries.map(([name, g]) => [name, tf.clipByValue(g, -value, value)]));
  }
  if (norm === undefined) return { ...gradients };
  const squares = entries.map(([, g]) => tf.sum(tf.square(g)));
  const length = tf.sqrt(tf.addN(squares));
  const factor = tf.div(norm, tf.maximum(length, norm));
  return Object.fromEntries(entries.map(([name, g]) => [name, tf.mul(g, factor)]));
}
