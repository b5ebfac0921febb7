import type { ModelPart } from "../artifact/parts.js";
import { partsOf } from "../artifact/parts.js";
import { sizeOf, storedValues, type Tensor, tensorOf } from "../artifact/tensor.js";
import type { Model, Weights } from "../artifact/types.js";
import type { Diagnostic } from "../base/diagnostic.js";
import { ok, type Result } from "../base/result.js";
import type { CompiledFunction, Engine, FunctionProgram } from "./engine.js";
import { Feed } from "./feed.js";
import { measureBatch, type Outputs, runOverSplit } from "./measure.js";
import { dataKinds, decodingProgram, encodingProgram, type InputKind, predictionProgram } from "./program.js";

type Answer<T> = Promise<Result<T, Diagnostic[]>>;
type Values = Tensor<"float32">;

/** Told how many items are done. */
export type ItemProgress = (done: number) => void;

/** A trained model, ready to answer. Inputs are whole tensors `[items, …]`, of any dtype and scale. */
export interface ModelRunner {
  /** Autoencoders: the codes `[items, …code]`; variational ones also their standard deviations `scale`. No noise. */
  encode(x: Tensor, progress?: ItemProgress): Answer<{ readonly mean: Values; readonly scale?: Values }>;
  /** Autoencoders: codes `[items, …code]`, row-major, to outputs `[items, …output]`, row-major. */
  decode(z: Float32Array, items: number): Answer<Float32Array>;
  /** The model's output `[items, …output]`; of autoencoders the reconstruction from the codes, without noise. */
  predict(x: Tensor, progress?: ItemProgress): Answer<Values>;
  dispose(): void;
}

/** Puts weights into a model on this engine. Its functions are compiled when first asked for. */
export async function openModel(engine: Engine, model: Model, weights: Weights): Answer<ModelRunner> {
  return ok(new Runner(engine, model, weightValues(weights)));
}

/** The weights as the engines take them. */
export function weightValues(weights: Weights): Readonly<Record<string, Float32Array>> {
  return Object.fromEntries(weights.tensors.map(({ name, tensor }) => [name, storedValues(tensor)]));
}

class Runner implements ModelRunner {
  readonly #engine: Engine;
  readonly #model: Model;
  readonly #weights: Readonly<Record<string, Float32Array>>;
  readonly #compiled = new Map<string, CompiledFunction>();

  constructor(engine: Engine, model: Model, weights: Readonly<Record<string, Float32Array>>) {
    this.#engine = engine;
    this.#model = model;
    this.#weights = weights;
  }

  async encode(x: Tensor, progress?: ItemProgress): Answer<{ readonly mean: Values; readonly scale?: Values }> {
    const outputs = await this.#run("encode", x, (kind) => encodingProgram(this.#model, kind), progress);
    if (!outputs.ok) return outputs;
    const code = partsOf(this.#model).parts.at(-1)?.inputShape ?? [];
    const { mean, scale } = outputs.value;
    return ok({
      mean: rows(mean as Float32Array, code),
      ...(scale === undefined ? {} : { scale: rows(scale, code) }),
    });
  }

  async decode(z: Float32Array, items: number): Answer<Float32Array> {
    const { inputShape } = partsOf(this.#model).parts.at(-1) as ModelPart;
    const compiled = await this.#function("decode", () => decodingProgram(this.#model));
    if (!compiled.ok) return compiled;
    const size = sizeOf(inputShape);
    const output = new Float32Array(items * sizeOf(partsOf(this.#model).outputShape));
    const batch = measureBatch(this.#model);
    for (let from = 0; from < items; from += batch) {
      const count = Math.min(batch, items - from);
      const result = await compiled.value.run(count, { z: z.subarray(from * size, (from + count) * size) });
      if (!result.ok) return result;
      output.set(result.value.output as Float32Array, from * sizeOf(partsOf(this.#model).outputShape));
    }
    return ok(output);
  }

  async predict(x: Tensor, progress?: ItemProgress): Answer<Values> {
    const outputs = await this.#run("predict", x, (kind) => predictionProgram(this.#model, kind), progress);
    return outputs.ok ? ok(rows(outputs.value.output as Float32Array, partsOf(this.#model).outputShape)) : outputs;
  }

  dispose(): void {
    for (const compiled of this.#compiled.values()) compiled.dispose();
    this.#compiled.clear();
  }

  async #run(
    name: string,
    x: Tensor,
    program: (kind: InputKind) => FunctionProgram,
    progress: ItemProgress = () => {},
  ): Answer<Outputs> {
    const split = { x, y: null };
    const kinds = dataKinds(split);
    const { dtype, scale, offset } = kinds.x;
    const compiled = await this.#function([name, dtype, scale, offset].join(), () => program(kinds.x));
    if (!compiled.ok) return compiled;
    const feed = new Feed(split, kinds, [], measureBatch(this.#model));
    return runOverSplit(compiled.value, feed, { seed: 0, path: [] }, progress);
  }

  async #function(key: string, program: () => FunctionProgram): Answer<CompiledFunction> {
    const known = this.#compiled.get(key);
    if (known !== undefined) return ok(known);
    const compiled = await this.#engine.compileFunction(program());
    if (!compiled.ok) return compiled;
    await compiled.value.writeWeights(this.#weights);
    this.#compiled.set(key, compiled.value);
    return compiled;
  }
}

function rows(values: Float32Array, shape: readonly number[]): Values {
  return tensorOf("float32", [values.length / sizeOf(shape), ...shape], values);
}
