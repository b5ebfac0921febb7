import * as tf from "@tensorflow/tfjs-core";
import type { Diagnostic } from "../base/diagnostic.js";
import { err, ok, type Result } from "../base/result.js";
import type { Engine, StepProgram } from "./engine.js";
import { namedVariable } from "./variables.js";

/** What the step below comes to, worked out by hand: the loss before it, the weights after it. */
const LOSS = 29;
const WEIGHTS = [0.76, 0.66];

/** A library that loads is not yet one that computes: trains for one step whose result is known. */
export async function tryTraining(engine: Engine): Promise<Result<void, Diagnostic[]>> {
  try {
    const training = await engine.compileTraining(leastSquares());
    if (!training.ok) return training;
    const ran = await training.value.run(2, 1, { x: Uint8Array.of(1, 2, 3, 4) }, Float32Array.of(0.01));
    if (!ran.ok) return ran;
    const { weights } = await training.value.readState();
    const received = [...(ran.value.loss ?? []), ...(weights ?? [])];
    training.value.dispose();
    const expected = [LOSS, ...WEIGHTS];
    const right = expected.every((value, i) => Math.abs(value - (received[i] ?? Number.NaN)) < 1e-4);
    if (right) return ok(undefined);
    return err([wrong(`computes ${received.join(", ")} where ${expected.join(", ")} is right`, engine)]);
  } catch (error) {
    return err([wrong(`cannot train: ${error instanceof Error ? error.message : String(error)}`, engine)]);
  }
}

/** The mean of (x·w)² at w = (1, 1), and gradient descent. */
function leastSquares(): StepProgram {
  let weights: tf.Variable;
  return {
    inputs: (batch) => [{ name: "x", shape: [batch, 2], dtype: "uint8" }],
    variables() {
      weights = namedVariable("weights", tf.ones([2, 1]), true);
      return [weights];
    },
    loss({ x }) {
      const product = tf.matMul(x as tf.Tensor2D, weights as tf.Tensor2D);
      return { loss: tf.mean(tf.square(product)), parts: {} };
    },
    optimizer: {
      apply(gradients, variables, rate) {
        for (const [name, variable] of Object.entries(variables)) {
          variable.assign(tf.sub(variable, tf.mul(gradients[name] as tf.Tensor, rate)));
        }
      },
    },
  };
}

function wrong(what: string, engine: Engine): Diagnostic {
  return {
    code: "engine-unavailable",
    severity: "error",
    message: `the engine ${engine.name} ${what}`,
    fix: "Use another engine: `pipe doctor` says which work.",
  };
}
