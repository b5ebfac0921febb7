import * as tf from "@tensorflow/tfjs-core";
import type { AdagradOptimizer } from "../../gen/optimizers.js";
import type { StepRule } from "../optimizer.js";

/** s ← s + g², step rate·g / √(s + ε): Duchi, Hazan & Singer 2011. */
export default function adagrad({ initialAccumulatorValue, epsilon }: AdagradOptimizer): StepRule {
  return ({ rate }) =>
    (variable, gradient, own) => {
      const squares = own("squares", initialAccumulatorValue);
      const newSquares = tf.add(squares, tf.square(gradient));
      squares.assign(newSquares);
      return tf.sub(variable, tf.mul(tf.div(gradient, tf.sqrt(tf.add(newSquares, epsilon))), rate));
    };
}
