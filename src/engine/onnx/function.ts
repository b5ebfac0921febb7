import type { Diagnostic } from "../../base/diagnostic.js";
import type { Result } from "../../base/result.js";
import type { CompiledFunction, FunctionProgram, InputSpec, NamedArrays } from "../engine.js";
import { asResult, feedsOf, PerBatch, traceNamingLayers } from "./compile.js";
import { emitPlain } from "./emit/plain.js";
import { type Rewrite, rewriteGraph } from "./rewrites/index.js";
import * as ort from "./runtime.js";
import { openSession } from "./session.js";
import { TracedFunction } from "./trace/function.js";

interface BatchModel {
  readonly session: ort.InferenceSession;
  readonly inputs: readonly InputSpec[];
}

/** Weights are inputs of the graphs, not part of them: new weights need no new compilation. */
export class OnnxFunction implements CompiledFunction {
  readonly #program: FunctionProgram;
  readonly #traced: TracedFunction;
  readonly #rewrites: readonly Rewrite[];
  readonly #models = new PerBatch((batch) => this.#compile(batch));
  readonly #weights: Record<string, ort.Tensor>;

  constructor(program: FunctionProgram, rewrites: readonly Rewrite[]) {
    this.#program = program;
    this.#traced = new TracedFunction(program);
    this.#rewrites = rewrites;
    this.#weights = Object.fromEntries(
      this.#traced.weights.map(({ name, variable, initial }) => [
        `weight.${name}`,
        new ort.Tensor("float32", initial, variable.shape),
      ]),
    );
  }

  run(batch: number, data: NamedArrays): Promise<Result<Readonly<Record<string, Float32Array>>, Diagnostic[]>> {
    return asResult(async () => {
      const { session, inputs } = await this.#models.get(batch);
      const results = await session.run({ ...feedsOf(inputs, data), ...this.#weights });
      return Object.fromEntries(
        Object.entries(results).map(([name, tensor]) => [name.slice("output.".length), tensor.data as Float32Array]),
      );
    });
  }

  async writeWeights(weights: Readonly<Record<string, Float32Array>>): Promise<void> {
    for (const { name, variable } of this.#traced.weights) {
      const values = weights[name];
      if (values) this.#weights[`weight.${name}`] = new ort.Tensor("float32", values.slice(), variable.shape);
    }
  }

  dispose(): void {
    this.#models.clear(({ session }) => session.release());
    this.#traced.dispose();
  }

  async #compile(batch: number): Promise<BatchModel> {
    const graph = rewriteGraph(
      traceNamingLayers(() => this.#traced.trace(batch)),
      this.#rewrites,
    );
    return { session: await openSession(emitPlain(graph)), inputs: this.#program.inputs(batch) };
  }
}
