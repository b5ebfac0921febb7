import type * as tf from "@tensorflow/tfjs-core";

/** What a file in `optimizers/` exports: parameters in, the rule of one step out. */
export type OptimizerRule<P> = (params: P) => StepRule;
/** Called once a step, for what all variables share; the function it returns is called for every variable. */
export type StepRule = (step: OptimizerStep) => UpdateRule;

export interface OptimizerStep {
  /** The learning rate of this step, a scalar tensor. */
  readonly rate: tf.Tensor;
  /** A scalar that lasts from step to step. */
  slot(name: string, initial: number): tf.Variable;
}

/**
 * The new value of `variable`.
 * @param slot a companion of the variable that lasts from step to step: its shape, filled with `initial` (0).
 */
export type UpdateRule = (
  variable: tf.Tensor,
  gradient: tf.Tensor,
  slot: (name: string, initial?: number) => tf.Variable,
) => tf.Tensor;
