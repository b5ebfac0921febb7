import * as ort from "onnxruntime-node";
import type { Diagnostic } from "../../base/diagnostic.js";
import type { Result } from "../../base/result.js";
import type { CompiledTraining, InputSpec, NamedArrays, StepProgram } from "../engine.js";
import { asResult, feedsOf, PerBatch, traceNamingLayers } from "./compile.js";
import { afterName, emitScan, type ScanModel } from "./emit/scan.js";
import { type Rewrite, rewriteGraph } from "./rewrites/index.js";
import { openSession } from "./session.js";
import { TracedStep } from "./trace/step.js";

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
  /** By port name, `state.<variable>`; what no step has changed yet is not in it. */
  readonly #state = new Map<string, ort.Tensor>();

  constructor(program: StepProgram, rewrites: readonly Rewrite[]) {
    this.#program = program;
    this.#traced = new TracedStep(program);
    this.#rewrites = rewrites;
  }

  /** Traces and compiles the step for a batch size, once, so that the first `run` need not. */
  prepare(batch: number): Promise<Result<unknown, Diagnostic[]>> {
    return asResult(() => this.#models.get(batch));
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
      for (const name of [...model.changing, ...model.constant]) feeds[name] = this.#stateTensor(name);
      const results = await session.run(feeds);
      for (const name of model.changing) this.#state.set(name, results[afterName(name)] as ort.Tensor);
      return Object.fromEntries(
        model.scalars.map((name) => [name.slice("scalar.".length), results[name]?.data as Float32Array]),
      );
    });
  }

  async readState(): Promise<Readonly<Record<string, Float32Array>>> {
    return Object.fromEntries(
      this.#traced.state.map(({ name }) => [name, (this.#stateTensor(`state.${name}`).data as Float32Array).slice()]),
    );
  }

  async writeState(state: Readonly<Record<string, Float32Array>>): Promise<void> {
    for (const { name, variable } of this.#traced.state) {
      const values = state[name];
      if (values) this.#state.set(`state.${name}`, new ort.Tensor("float32", values.slice(), variable.shape));
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

  #stateTensor(name: string): ort.Tensor {
    const known = this.#state.get(name);
    if (known) return known;
    const found = this.#traced.state.find((variable) => `state.${variable.name}` === name);
    if (!found) throw new Error(`no variable ${name}`);
    return new ort.Tensor("float32", found.initial.slice(), found.variable.shape);
  }
}
