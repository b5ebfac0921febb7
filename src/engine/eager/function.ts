import * as tf from "@tensorflow/tfjs-core";
import type { Diagnostic } from "../../base/diagnostic.js";
import type { Result } from "../../base/result.js";
import type { CompiledFunction, FunctionProgram, NamedArrays } from "../engine.js";
import { type EagerName, useBackend } from "./backend.js";
import { explainMissingKernel } from "./missing-kernel.js";
import { inputTensors, readTensor } from "./tensors.js";
import { write } from "./training.js";

/** Prediction and evaluation by running the program anew for every call. */
export class EagerFunction implements CompiledFunction {
  readonly #engine: EagerName;
  readonly #program: FunctionProgram;
  readonly #variables: readonly tf.Variable[];

  /** The engine's backend is current: the program makes its variables there. */
  constructor(engine: EagerName, program: FunctionProgram) {
    this.#engine = engine;
    this.#program = program;
    this.#variables = program.variables();
  }

  async run(batch: number, data: NamedArrays): Promise<Result<Readonly<Record<string, Float32Array>>, Diagnostic[]>> {
    await useBackend(this.#engine);
    const specs = this.#program.inputs(batch);
    return explainMissingKernel(this.#engine, () => {
      const values: Record<string, Float32Array> = {};
      tf.tidy(() => {
        const outputs = this.#program.outputs(inputTensors(specs, data, 0));
        for (const [name, output] of Object.entries(outputs)) values[name] = readTensor(output);
      });
      return values;
    });
  }

  async writeWeights(weights: Readonly<Record<string, Float32Array>>): Promise<void> {
    await useBackend(this.#engine);
    for (const variable of this.#variables) {
      const values = weights[variable.name];
      if (values !== undefined) write(variable, values);
    }
  }

  dispose(): void {
    for (const variable of this.#variables) variable.dispose();
  }
}
