import type { Model } from "../../../src/artifact/types.js";
import { buildGraph } from "../../../src/engine/build.js";
import type { StepProgram } from "../../../src/engine/engine.js";
import { trainingProgram } from "../../../src/engine/program.js";
import type { Layer } from "../../../src/gen/layers.js";
import type { Optimizer } from "../../../src/gen/optimizers.js";
import type { TrainStage } from "../../../src/gen/stages.js";
import { schemaFacts } from "../../../src/gen/tables.js";
import { validators } from "../../../src/gen/validators.js";
import { graphOf } from "../../engine/families.js";
import { inputShape, objectiveFor, outputShape } from "../../engine/support.js";
import { unwrap } from "./compare.js";

type Params = Record<string, unknown>;
/** A kind as YAML writes it: its name alone, or with parameters. */
export type Written = string | Params;

/** A kind with all its defaults filled in, as the engine gets it. */
export function complete(folder: string, written: Written): Params {
  const [kind, params] = typeof written === "string" ? [written, {}] : (Object.entries(written)[0] as [string, Params]);
  const id = `${folder}/${kind}`;
  const value = structuredClone(params ?? {}) as Params;
  const validate = validators[id];
  if (!validate?.(value)) throw new Error(`${id}: ${JSON.stringify(validate?.errors ?? "no such kind")}`);
  for (const { place, folder: inner } of schemaFacts[id]?.kinds ?? []) replaceAt(value, place.split("/"), inner);
  return { [kind]: value };
}

function replaceAt(node: unknown, [key, ...rest]: readonly string[], folder: string): void {
  if (key === undefined || node === null || typeof node !== "object") return;
  const container = node as Params;
  for (const name of key === "*" ? Object.keys(container) : [key]) {
    if (container[name] === undefined) continue;
    if (rest.length === 0) container[name] = complete(folder, container[name] as Written);
    else replaceAt(container[name], rest, folder);
  }
}

/** `add` and `concatenate` may have `branches`, as `graphOf` writes them out. */
export function layersOf(written: readonly Written[]): readonly Layer[] {
  return written.map((layer): Layer => {
    const [kind, params] = typeof layer === "string" ? [layer, {}] : (Object.entries(layer)[0] as [string, Params]);
    const { branches } = params as { readonly branches?: readonly (readonly Written[])[] };
    if (branches === undefined) return complete("layers", layer) as Layer;
    const own = Object.fromEntries(Object.entries(params as Params).filter(([key]) => key !== "branches"));
    const whole = complete("layers", { [kind]: own })[kind] as Params;
    return { [kind]: { ...whole, branches: branches.map(layersOf) } } as unknown as Layer;
  });
}

export async function sequentialModel(layers: readonly Written[], inputShape: readonly number[]): Promise<Model> {
  return unwrap(await buildGraph(graphOf({ family: "sequential", layers: layersOf(layers) }), () => inputShape));
}

export interface Setup {
  readonly loss?: Written;
  readonly optimizer?: Written;
  readonly clip?: TrainStage["clip"];
  readonly x?: "uint8" | "int32" | "float32";
  readonly labels?: "classes" | "values";
  readonly classWeights?: readonly number[];
}

/** Training of a sequential model on values (regression), unless the labels are classes. */
export async function sequentialProgram(
  layers: readonly Written[],
  inputShape: readonly number[],
  { loss = "mean-squared-error", optimizer = "sgd", clip, x = "float32", labels = "values", classWeights }: Setup = {},
): Promise<() => StepProgram> {
  const model = await sequentialModel(layers, inputShape);
  const plain = { scale: 1, offset: 0 };
  const y =
    labels === "classes"
      ? ({ dtype: "int32", shape: [], ...plain } as const)
      : ({ dtype: "float32", shape: outputShape(model), ...plain } as const);
  const data = { x: { dtype: x, shape: inputShape, scale: x === "uint8" ? 1 / 255 : 1, offset: 0 }, y } as const;
  const objective = objectiveFor(model, complete("losses", loss), classWeights);
  const train = {
    optimizer: complete("optimizers", optimizer) as Optimizer,
    ...(clip ? { clip } : {}),
  };
  return () => trainingProgram({ model, data, objective }, train, 7);
}

export interface VaeSetup {
  readonly hidden?: number;
  readonly pixels?: number;
  readonly optimizer?: Written;
}

/** The reference experiment's model, smaller. */
export async function vaeModel({ hidden = 16, pixels = 32 }: VaeSetup = {}): Promise<Model> {
  const graph = graphOf({
    family: "variational-autoencoder",
    encoder: layersOf([{ dense: { units: hidden, activation: "relu" } }]),
    latent: { units: 2, noise: 0.1, scale: "exp" },
    decoder: layersOf([
      { dense: { units: hidden, activation: "relu" } },
      { dense: { units: pixels, activation: "sigmoid" } },
    ]),
  });
  return unwrap(await buildGraph(graph, () => [pixels]));
}

/**
 * Its training. Momentum rather than Adam unless asked for: Adam divides by the gradient's size, so that where a
 * gradient is zero but for rounding, two correct engines step differently.
 */
export async function vaeProgram(setup: VaeSetup = {}): Promise<() => StepProgram> {
  const model = await vaeModel(setup);
  const x = { dtype: "uint8", shape: inputShape(model), scale: 1 / 255, offset: 0 } as const;
  const objective = objectiveFor(model, { reconstruction: complete("losses", "binary-crossentropy"), kl: 1 });
  const optimizer = complete("optimizers", setup.optimizer ?? { sgd: { momentum: 0.9 } }) as Optimizer;
  return () => trainingProgram({ model, data: { x }, objective }, { optimizer }, 7);
}
