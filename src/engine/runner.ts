import { codeOf, codeShape, decoderOf, sourceNamed, trainedOutputs } from "../artifact/graph.js";
import { sizeOf, storedValues, type Tensor, tensorOf } from "../artifact/tensor.js";
import type { Model, Weights } from "../artifact/types.js";
import type { Diagnostic } from "../base/diagnostic.js";
import { own } from "../base/json.js";
import { ok, type Result } from "../base/result.js";
import type { CompiledFunction, Engine, FunctionProgram } from "./engine.js";
import { Feed } from "./feed.js";
import { type ItemColumn, type Items, inputName } from "./items.js";
import { measureBatch, type Outputs, runOverSplit } from "./measure.js";
import { type DataKinds, dataKinds, decodingProgram, encodingProgram, predictionProgram } from "./program.js";

type Answer<T> = Promise<Result<T, Diagnostic[]>>;
type Values = Tensor<"float32">;

/** Receives the number of items that are done. */
export type ItemProgress = (done: number) => void;

/** Whole tensors `[items, …]` of any dtype and scale: of the only input, or by the names of inputs. */
export type ModelInputs = Tensor | Readonly<Record<string, Tensor>>;

/** A trained model in use. Where it draws codes, their means are taken instead. */
export interface ModelRunner {
  /** Of a model with a decoder: codes `[items, …code]`; where they are drawn, also their standard deviations `scale`. */
  encode(inputs: ModelInputs, progress?: ItemProgress): Answer<{ readonly mean: Values; readonly scale?: Values }>;
  /** Of a model with a decoder: from codes `[items, …code]` to the decoder's output, both row-major. */
  decode(z: Float32Array, items: number): Answer<Float32Array>;
  /** The first output that is trained `[items, …output]`. */
  predict(inputs: ModelInputs, progress?: ItemProgress): Answer<Values>;
  /** Every output that is trained, by its name. */
  outputs(inputs: ModelInputs, progress?: ItemProgress): Answer<Readonly<Record<string, Values>>>;
  dispose(): void;
}

/** Puts weights into a model on this engine. Each function is compiled at its first use. */
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

  async encode(
    inputs: ModelInputs,
    progress?: ItemProgress,
  ): Answer<{ readonly mean: Values; readonly scale?: Values }> {
    const outputs = await this.#run("encode", inputs, (kinds) => encodingProgram(this.#model, kinds), progress);
    if (!outputs.ok) return outputs;
    const { shape: code } = sourceNamed(this.#model, codeOf(this.#model) as string);
    const { mean, scale } = outputs.value;
    return ok({
      mean: rows(mean as Float32Array, code),
      ...(scale === undefined ? {} : { scale: rows(scale, code) }),
    });
  }

  async decode(z: Float32Array, items: number): Answer<Float32Array> {
    const compiled = await this.#function("decode", () => decodingProgram(this.#model));
    if (!compiled.ok) return compiled;
    const size = sizeOf(codeShape(this.#model) ?? []);
    const width = sizeOf(sourceNamed(this.#model, decoderOf(this.#model)?.output as string).shape);
    const output = new Float32Array(items * width);
    const batch = measureBatch(this.#model);
    for (let from = 0; from < items; from += batch) {
      const count = Math.min(batch, items - from);
      const result = await compiled.value.run(count, { z: z.subarray(from * size, (from + count) * size) });
      if (!result.ok) return result;
      output.set(result.value.output as Float32Array, from * width);
    }
    return ok(output);
  }

  async predict(inputs: ModelInputs, progress?: ItemProgress): Answer<Values> {
    const outputs = await this.outputs(inputs, progress);
    return outputs.ok ? ok(Object.values(outputs.value)[0] as Values) : outputs;
  }

  async outputs(inputs: ModelInputs, progress?: ItemProgress): Answer<Readonly<Record<string, Values>>> {
    const values = await this.#run("predict", inputs, (kinds) => predictionProgram(this.#model, kinds), progress);
    if (!values.ok) return values;
    const named = trainedOutputs(this.#model).map(({ name, shape }) => [
      name,
      rows(values.value[name] as Float32Array, shape),
    ]);
    return ok(Object.fromEntries(named));
  }

  dispose(): void {
    for (const compiled of this.#compiled.values()) compiled.dispose();
    this.#compiled.clear();
  }

  async #run(
    name: string,
    inputs: ModelInputs,
    program: (kinds: DataKinds) => FunctionProgram,
    progress: ItemProgress = () => {},
  ): Answer<Outputs> {
    const items = this.#items(inputs);
    const kinds = dataKinds(items);
    const key = [name, ...Object.values(kinds).map(({ dtype, scale, offset }) => [dtype, scale, offset].join())];
    const compiled = await this.#function(key.join(" "), () => program(kinds));
    if (!compiled.ok) return compiled;
    const feed = new Feed(items, kinds, [], measureBatch(this.#model));
    return runOverSplit(compiled.value, feed, { seed: 0, path: [] }, progress);
  }

  #items(inputs: ModelInputs): Items {
    const [only] = this.#model.inputs;
    const byName = isTensor(inputs) ? { [only?.name as string]: inputs } : inputs;
    const columns = this.#model.inputs.map(({ name }): [string, ItemColumn] => {
      const tensor = own(byName, name);
      if (tensor === undefined) throw new Error(`the input ${name} is missing`);
      return [inputName(this.#model, name), { tensor, classes: false }];
    });
    return { columns: Object.fromEntries(columns) };
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

function isTensor(inputs: ModelInputs): inputs is Tensor {
  return typeof inputs.dtype === "string";
}

function rows(values: Float32Array, shape: readonly number[]): Values {
  return tensorOf("float32", [values.length / sizeOf(shape), ...shape], values);
}
