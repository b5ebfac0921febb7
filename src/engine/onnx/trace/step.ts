import * as tf from "@tensorflow/tfjs-core";
import type { StepProgram } from "../../engine.js";
import { namedVariable } from "../../variables.js";
import type { Graph } from "../ir.js";
import { onCpu, type Recording, record, type StateVariable, stateVariable } from "./trace.js";

/**
 * A training program with its variables, and the optimizer's slots, which show themselves while tracing.
 *
 * A trace gives one step as a graph whose ports have their role as the first word of their names:
 *
 *     inputs   input.<name> · learningRate · state.<variable>
 *     outputs  state.<variable>, in the order of the inputs · scalar.<name>, `scalar.loss` first
 */
export class TracedStep {
  readonly state: StateVariable[];
  readonly #program: StepProgram;
  readonly #slots = new Map<string, StateVariable>();

  constructor(program: StepProgram) {
    this.#program = program;
    this.state = onCpu(() => program.variables().map(stateVariable));
  }

  /** The step for one batch size. Slots are made by the first trace and reused by all later ones. */
  trace(batch: number): Graph {
    return record(
      () => this.state,
      (recording) => this.#record(recording, batch),
    );
  }

  dispose(): void {
    for (const { variable } of this.state) variable.dispose();
    this.state.length = 0;
    this.#slots.clear();
  }

  #record(recording: Recording, batch: number): Graph {
    const { graph } = recording;
    const inputs = recording.inputs(this.#program.inputs(batch));
    const learningRate = recording.tensor(graph.input("learningRate", "float32", [])) as tf.Scalar;
    const bind = ({ name, variable }: StateVariable) => {
      recording.bind(variable, graph.input(`state.${name}`, "float32", variable.shape));
    };
    this.state.forEach(bind);
    const scalars = this.#step(inputs, learningRate, bind);
    for (const { name, variable } of this.state) graph.output(`state.${name}`, recording.valueOf(variable));
    for (const [name, scalar] of scalars) {
      graph.output(`scalar.${name}`, recording.valueOf(scalar));
      scalar.dispose();
    }
    return graph;
  }

  #step(
    inputs: Readonly<Record<string, tf.Tensor>>,
    learningRate: tf.Scalar,
    bind: (slot: StateVariable) => void,
  ): [string, tf.Tensor][] {
    const variables = Object.fromEntries(this.state.map(({ name, variable }) => [name, variable]));
    const trainable = this.state.filter(({ name, variable }) => variable.trainable && !this.#slots.has(name));
    let parts: Readonly<Record<string, tf.Scalar>> = {};
    const { value, grads } = tf.variableGrads(
      () => {
        const result = this.#program.loss(inputs);
        parts = Object.fromEntries(Object.entries(result.parts).map(([name, part]) => [name, tf.keep(part)]));
        return result.loss;
      },
      trainable.map(({ variable }) => variable),
    );
    const gradients = Object.fromEntries(
      trainable.flatMap(({ name, variable }) => {
        const gradient = grads[variable.name];
        return gradient ? [[name, gradient] as const] : [];
      }),
    );
    const makeSlot = (name: string, initial: () => tf.Tensor) => this.#slot(name, initial, bind);
    this.#program.optimizer.apply(gradients, variables, learningRate, makeSlot);
    return [["loss", value], ...Object.entries(parts)];
  }

  #slot(name: string, initial: () => tf.Tensor, bind: (slot: StateVariable) => void): tf.Variable {
    const known = this.#slots.get(name);
    if (known) return known.variable;
    const variable = namedVariable(name, tf.tidy(initial), false);
    const slot = stateVariable(variable);
    this.#slots.set(name, slot);
    this.state.push(slot);
    bind(slot);
    return variable;
  }
}
