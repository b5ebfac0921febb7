/** Kinds of a project's own as the engine computes with them: TensorFlow.js is handed to their code. */

import * as tf from "@tensorflow/tfjs-core";
import { OwnCodeError } from "../base/own-failure.js";
import { shownKind } from "../base/own-kind.js";
import type { AnyLayer } from "../layer.js";
import { adoptLayer } from "../layers/index.js";
import { adoptLoss, adoptMetric, adoptOptimizer } from "./kinds.js";
import { activated, type LossRule } from "./loss.js";
import type { OwnMetric } from "./metric.js";
import type { OptimizerRule } from "./optimizer.js";

type Errors = (kit: typeof tf, outputs: tf.Tensor2D, targets: tf.Tensor2D, params: unknown) => tf.Tensor;
type Step = (kit: typeof tf, params: unknown) => ReturnType<OptimizerRule<unknown>>;

/** Makes a definition known under its name. A name holds the digest of its code: what it means never changes. */
export function adoptOwnKind(family: string, name: string, definition: Readonly<Record<string, unknown>>): void {
  if (family === "layers") adoptLayer(name, definition as unknown as AnyLayer);
  else if (family === "losses") {
    const output = (definition.output ?? "any") as "any" | "unit" | "distribution";
    adoptLoss(name, lossOf(name, definition.errors as Errors), { output });
  } else if (family === "optimizers") {
    const step = definition.step as Step;
    adoptOptimizer(name, (params) => step(tf, params));
  } else if (family === "metrics") adoptMetric(name, definition as unknown as OwnMetric);
}

/** Errors of elements `[batch, elements]` become one number an item, as those of any loss; or they are that already. */
function lossOf(name: string, errors: Errors): LossRule<unknown> {
  return (output, target, params, { reduction }) => {
    const made = errors(tf, activated(output), target, params);
    const batch = target.shape[0];
    if (made?.rank === 1 && made.shape[0] === batch) return made as tf.Tensor1D;
    if (made?.rank !== 2 || made.shape[0] !== batch) {
      const shape = made?.shape === undefined ? "something else" : `[${made.shape.join(", ")}]`;
      throw new OwnCodeError(
        `\`errors\` of ${shownKind(name)} must give [batch] or [batch, elements], and gave ${shape}`,
      );
    }
    return reduction === "sum" ? tf.sum(made, 1) : tf.mean(made, 1);
  };
}
