import * as tf from "@tensorflow/tfjs-core";
import { input, type LayersModel, layers, model as modelOf, type SymbolicTensor } from "@tensorflow/tfjs-layers";
import type { ModelPart } from "../../artifact/parts.js";
import { type PartsModel, partsOf } from "../../artifact/parts.js";
import type { Model } from "../../artifact/types.js";
import type { Diagnostic } from "../../base/diagnostic.js";
import type { ExportedFile } from "../../base/exported.js";
import { err, ok, type Result } from "../../base/result.js";
import type { LibraryLayer } from "../../layer.js";
import type { BranchedLayer } from "../branches.js";
import { useBackend } from "../eager/backend.js";
import { makeVariables } from "../layer.js";
import { buildHeads, buildLayers } from "../network.js";
import { type ExportedPart, exportedParts } from "./parts.js";

/**
 * Every part of a model as TensorFlow.js Layers keeps models: a folder with `model.json` (architecture, names and shapes
 * of the weights) and `weights.bin`. Only layers of the library are in it, so that `tf.loadLayersModel` needs nothing
 * of ours.
 *
 * @returns `layer-not-in-tfjs` for every layer that the library cannot compute.
 */
export async function tfjsFiles(
  model: Model,
  weights: Readonly<Record<string, Float32Array>>,
): Promise<Result<readonly ExportedFile[], Diagnostic[]>> {
  await useBackend("cpu");
  const parts = new Map(partsOf(model).parts.map((part) => [part.name, builtPart(part)]));
  const variables = makeVariables([...parts.values()].flat(), null);
  try {
    for (const variable of variables) {
      tf.tidy(() => variable.assign(tf.tensor(weights[variable.name] as Float32Array, variable.shape)));
    }
    const missing = [...parts.values()].flat().flatMap(notInLibrary);
    if (missing.length > 0) return err(missing);
    const files: ExportedFile[] = [];
    for (const part of exportedParts(model)) {
      const whole = layersModel(part, model, parts);
      files.push(...(await filesOf(part.name, whole)));
      whole.dispose();
    }
    return ok(files);
  } finally {
    for (const variable of variables) variable.dispose();
  }
}

type BuiltParts = ReadonlyMap<string, readonly BranchedLayer[]>;

function builtPart({ name, layers, inputShape }: ModelPart): readonly BranchedLayer[] {
  return name === "latent" ? buildHeads(layers, inputShape) : buildLayers(layers, inputShape);
}

function notInLibrary({ spec, branches, library }: BranchedLayer): readonly Diagnostic[] {
  const own: Diagnostic = {
    code: "layer-not-in-tfjs",
    severity: "error",
    message: `the layer ${spec.name} cannot be written: TensorFlow.js has no ${spec.kind} with these parameters`,
    received: JSON.stringify(spec.params),
    fix: "Write it with --format onnx, which can say every layer.",
  };
  return [...(library() === null ? [own] : []), ...(branches ?? []).flat().flatMap(notInLibrary)];
}

function layersModel(part: ExportedPart, model: Model, built: BuiltParts): LayersModel {
  const { latent } = partsOf(model);
  const start = input({ shape: [...part.input.shape], name: part.input.name });
  const through = (name: string, x: SymbolicTensor) => applyAll(built.get(name) ?? [], x);
  const finish = (outputs: SymbolicTensor | SymbolicTensor[]) => modelOf({ inputs: start, outputs, name: part.name });
  const [meanHead, scaleHead] = built.get("latent") ?? [];
  const encoded = (): SymbolicTensor => through("encoder", start);
  switch (part.name) {
    case "encoder": {
      if (latent === undefined || meanHead === undefined || scaleHead === undefined) return finish(encoded());
      const features = encoded();
      const s = applyLayer(scaleHead, features, "scale_head");
      return finish([applyLayer(meanHead, features, "mean"), deviation(s, latent)]);
    }
    case "decoder":
      return finish(through("decoder", start));
    case "model":
      if (built.has("model")) return finish(through("model", start));
      return finish(through("decoder", meanHead === undefined ? encoded() : applyLayer(meanHead, encoded(), "mean")));
  }
}

function applyAll(built: readonly BranchedLayer[], x: SymbolicTensor): SymbolicTensor {
  return built.reduce((value, layer) => applyLayer(layer, value), x);
}

/** @param name of the last layer that stands for it; its own name unless given. */
function applyLayer(
  built: BranchedLayer,
  x: SymbolicTensor,
  name = built.spec.name.replaceAll("/", "_"),
): SymbolicTensor {
  const stock = built.library() ?? [];
  let value: SymbolicTensor | SymbolicTensor[] = built.branches?.map((branch) => applyAll(branch, x)) ?? x;
  stock.forEach((part, i) => {
    value = applyCopy(part, value, i === stock.length - 1 ? name : `${name}_before${i + 1}`);
  });
  return value as SymbolicTensor;
}

/** A layer that was made for one model cannot be in another, under another name. Its weights may be read ones. */
function applyCopy(
  { layer, settings, weights }: LibraryLayer,
  x: SymbolicTensor | SymbolicTensor[],
  name: string,
): SymbolicTensor | SymbolicTensor[] {
  const kind = layer.constructor as unknown as { fromConfig(kind: unknown, config: object): layers.Layer };
  const forgotten = forgottenSettings(layer);
  const copy = kind.fromConfig(kind, { ...layer.getConfig(), ...forgotten, ...settings, name });
  const own = copy.getConfig.bind(copy);
  copy.getConfig = () => ({ ...own(), ...forgotten });
  copy.setFastWeightInitDuringBuild(true);
  const result = copy.apply(x) as SymbolicTensor | SymbolicTensor[];
  tf.tidy(() => copy.setWeights(weights?.() ?? layer.weights.map((weight) => weight.read())));
  return result;
}

/** What a separable convolution reads but does not write. */
function forgottenSettings(layer: layers.Layer): { readonly depthMultiplier?: number } {
  const { depthMultiplier } = layer as unknown as { readonly depthMultiplier?: number };
  return depthMultiplier === undefined ? {} : { depthMultiplier };
}

const SHIFT = 24;

/**
 * The standard deviation σ(s) · noise, σ = exp(s) or exp(s/2), by layers of the library, which has no exponential:
 * softplus(t) = log(1 + eᵗ) = eᵗ · (1 − eᵗ/2 + …), so softplus(t − 24) · e²⁴ is eᵗ within 1e-6 of it up to t = 10.
 */
function deviation(s: SymbolicTensor, { noise, scale }: NonNullable<PartsModel["latent"]>): SymbolicTensor {
  const steps = [
    layers.rescaling({ scale: scale === "exp" ? 1 : 0.5, offset: -SHIFT, name: "scale_shifted" }),
    layers.activation({ activation: "softplus", name: "scale_softplus" }),
    layers.rescaling({ scale: noise * Math.exp(SHIFT), offset: 0, name: "scale" }),
  ];
  return steps.reduce((value, layer) => layer.apply(value) as SymbolicTensor, s);
}

async function filesOf(part: string, model: LayersModel): Promise<readonly ExportedFile[]> {
  let saved: tf.io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
    }),
  );
  if (saved === undefined) throw new Error("the library saved nothing");
  const { modelTopology, format, generatedBy, convertedBy, weightSpecs, weightData } = saved;
  const weightsManifest = [{ paths: ["weights.bin"], weights: weightSpecs }];
  const json = JSON.stringify({ format, generatedBy, convertedBy, modelTopology, weightsManifest });
  return [
    { name: `${part}/model.json`, content: new TextEncoder().encode(`${json}\n`) },
    { name: `${part}/weights.bin`, content: new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData)) },
  ];
}
