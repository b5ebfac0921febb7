import type { Diagnostic } from "../../base/diagnostic.js";
import type { Result } from "../../base/result.js";
import type { CompiledTraining, InputSpec, NamedArrays, StepProgram } from "../engine.js";
import { asResult, feedsOf, PerBatch, traceNamingLayers } from "./compile.js";
import { afterName, emitScan, type ScanModel } from "./emit/scan.js";
import { type Rewrite, rewriteGraph } from "./rewrites/index.js";
import * as ort from "./runtime.js";
import { openSession } from "./session.js";
import { TracedStep } from "./trace/step.js";
import type { StateVariable } from "./trace/trace.js";

interface BatchModel {
  readonly model: ScanModel;
  readonly session: ort.InferenceSession;
  readonly inputs: readonly InputSpec[];
}

/** The state lives in ONNX Runtime's tensors from call to call; the sessions of all batch sizes share it. */
export class OnnxTraining implements CompiledTraining {
  readonly #program: StepProgram;
  readonly #traced: TracedStep;
  readonly #rewrites: readonly Rewrite[];
  readonly #models = new PerBatch((batch) => this.#compile(batch));
  /** By port name, `state.<variable>`; what neither a step nor a caller has set is not in it. */
  readonly #state = new Map<string, ort.Tensor>();
  /** Values for slots that no trace has shown yet, by name. */
  readonly #early = new Map<string, Float32Array>();

  constructor(program: StepProgram, rewrites: readonly Rewrite[]) {
    this.#program = program;
    this.#traced = new TracedStep(program);
    this.#rewrites = rewrites;
  }

  run(
    batch: number,
    steps: number,
    data: NamedArrays,
    learningRates: Float32Array,
  ): Promise<Result<Readonly<Record<string, Float32Array>>, Diagnostic[]>> {
    return asResult(async () => {
      const { model, session, inputs } = await this.#models.get(batch);
      const feeds = feedsOf(inputs, data, steps);
      feeds.learningRate = new ort.Tensor("float32", learningRates, [steps]);
      for (const variable of this.#traced.state) feeds[portOf(variable)] = this.#stateTensor(variable);
      const results = await session.run(feeds);
      for (const name of model.changing) this.#state.set(name, results[afterName(name)] as ort.Tensor);
      return Object.fromEntries(
        model.scalars.map((name) => [name.slice("scalar.".length), results[name]?.data as Float32Array]),
      );
    });
  }

  async readState(): Promise<Readonly<Record<string, Float32Array>>> {
    const state: Record<string, Float32Array> = Object.fromEntries(this.#early);
    for (const variable of this.#traced.state) {
      state[variable.name] = (this.#stateTensor(variable).data as Float32Array).slice();
    }
    return state;
  }

  async writeState(state: Readonly<Record<string, Float32Array>>): Promise<void> {
    for (const [name, values] of Object.entries(state)) {
      const known = this.#traced.state.find((variable) => variable.name === name);
      if (known) this.#state.set(portOf(known), tensorOf(known, values));
      else this.#early.set(name, values.slice());
    }
  }

  dispose(): void {
    this.#models.clear(({ session }) => session.release());
    this.#state.clear();
    this.#traced.dispose();
  }

  async #compile(batch: number): Promise<BatchModel> {
    const graph = rewriteGraph(
      traceNamingLayers(() => this.#traced.trace(batch)),
      this.#rewrites,
    );
    const model = emitScan(graph);
    return { model, session: await openSession(model.bytes), inputs: this.#program.inputs(batch) };
  }

  #stateTensor(variable: StateVariable): ort.Tensor {
    const name = portOf(variable);
    const known = this.#state.get(name);
    if (known) return known;
    const tensor = tensorOf(variable, this.#early.get(variable.name) ?? variable.initial);
    this.#early.delete(variable.name);
    this.#state.set(name, tensor);
    return tensor;
  }
}

function portOf(variable: StateVariable): string {
  return `state.${variable.name}`;
}

function tensorOf(variable: StateVariable, values: Float32Array): ort.Tensor {
  return new ort.Tensor("float32", values.slice(), variable.variable.shape);
}
