import * as tf from "@tensorflow/tfjs-core";
import type { Diagnostic } from "../../base/diagnostic.js";
import { ok, type Result } from "../../base/result.js";
import type { CompiledTraining, NamedArrays, NamedTensors, StepProgram } from "../engine.js";
import { namedVariable } from "../variables.js";
import { type EagerName, useBackend } from "./backend.js";
import { explainMissingKernel } from "./missing-kernel.js";
import { inputTensors, readTensor } from "./tensors.js";

/** Training by running the program anew for every step. */
export class EagerTraining implements CompiledTraining {
  readonly #engine: EagerName;
  readonly #program: StepProgram;
  readonly #variables: Readonly<Record<string, tf.Variable>>;
  readonly #trainable: tf.Variable[];
  readonly #slots = new Map<string, tf.Variable>();
  /** Values of slots that the optimizer has not asked for yet. */
  readonly #slotValues = new Map<string, Float32Array>();

  /** The engine's backend is current: the program makes its variables there. */
  constructor(engine: EagerName, program: StepProgram) {
    this.#engine = engine;
    this.#program = program;
    const variables = program.variables();
    this.#variables = Object.fromEntries(variables.map((variable) => [variable.name, variable]));
    this.#trainable = variables.filter((variable) => variable.trainable);
  }

  async run(
    batch: number,
    steps: number,
    data: NamedArrays,
    learningRates: Float32Array,
  ): Promise<Result<Readonly<Record<string, Float32Array>>, Diagnostic[]>> {
    await useBackend(this.#engine);
    const specs = this.#program.inputs(batch);
    const rows: Record<string, Float32Array> = {};
    for (let step = 0; step < steps; step++) {
      const run = () => this.#step(inputTensors(specs, data, step), learningRates[step] as number);
      const scalars = await explainMissingKernel(this.#engine, () => tf.tidy(run));
      if (!scalars.ok) return scalars;
      for (const [name, value] of Object.entries(scalars.value)) {
        rows[name] ??= new Float32Array(steps);
        rows[name][step] = value;
      }
    }
    return ok(rows);
  }

  #step(inputs: NamedTensors, learningRate: number): Record<string, number> {
    let parts: Readonly<Record<string, tf.Scalar>> = {};
    const { value, grads } = tf.variableGrads(() => {
      const results = this.#program.loss(inputs);
      parts = results.parts;
      // Else they would end with the scope that gradients are recorded in.
      for (const part of Object.values(parts)) tf.keep(part);
      return results.loss;
    }, this.#trainable);
    this.#program.optimizer.apply(grads, this.#variables, tf.scalar(learningRate), (name, initial) =>
      this.#slot(name, initial),
    );
    const scalars: Record<string, number> = { loss: value.dataSync()[0] as number };
    for (const [name, part] of Object.entries(parts)) {
      scalars[name] = part.dataSync()[0] as number;
      part.dispose();
    }
    return scalars;
  }

  #slot(name: string, initial: () => tf.Tensor): tf.Variable {
    let slot = this.#slots.get(name);
    if (slot === undefined) {
      slot = namedVariable(name, initial(), false);
      this.#slots.set(name, slot);
      const values = this.#slotValues.get(name);
      if (values !== undefined) write(slot, values);
      this.#slotValues.delete(name);
    }
    return slot;
  }

  async readState(): Promise<Readonly<Record<string, Float32Array>>> {
    await useBackend(this.#engine);
    const state: Record<string, Float32Array> = Object.fromEntries(this.#slotValues);
    for (const variable of this.#all()) state[variable.name] = readTensor(variable);
    return state;
  }

  async writeState(state: Readonly<Record<string, Float32Array>>): Promise<void> {
    await useBackend(this.#engine);
    for (const [name, values] of Object.entries(state)) {
      const variable = this.#variables[name] ?? this.#slots.get(name);
      if (variable === undefined) this.#slotValues.set(name, values);
      else write(variable, values);
    }
  }

  dispose(): void {
    for (const variable of this.#all()) variable.dispose();
    this.#slots.clear();
  }

  #all(): readonly tf.Variable[] {
    return [...Object.values(this.#variables), ...this.#slots.values()];
  }
}

/** Gives a variable new values. */
export function write(variable: tf.Variable, values: Float32Array): void {
  const tensor = tf.tensor(values.slice(), variable.shape);
  variable.assign(tensor);
  tensor.dispose();
}
