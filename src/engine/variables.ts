import * as tf from "@tensorflow/tfjs-core";

/**
 * Makes a variable that is called `name`, and takes over `initial` (which is disposed).
 *
 * TensorFlow.js keeps one global table of variable names and refuses a name twice, but a training program and an
 * evaluation program of one model live side by side, each with variables of its own. Nothing that we use looks
 * variables up in that table, so the entry is removed.
 */
export function namedVariable(name: string, initial: tf.Tensor, trainable: boolean): tf.Variable {
  const table = tf.engine().registeredVariables;
  const taken = table[name];
  delete table[name];
  const variable = tf.variable(initial, trainable, name);
  delete table[name];
  if (taken !== undefined) table[name] = taken;
  initial.dispose();
  return variable;
}
