import { sizeOf } from "../artifact/tensor.js";
import type { LayerRecord, Model, ModelPart } from "../artifact/types.js";
import { isPictureWithChannel, leavesPicture } from "../base/channels.js";
import type { Diagnostic } from "../base/diagnostic.js";
import type { JsonObject, JsonPath } from "../base/json.js";
import { err, ok, type Result } from "../base/result.js";
import type { VariationalAutoencoderFamily } from "../gen/families.js";
import type { Layer, LayerParams } from "../gen/layers.js";
import type { BuildStage } from "../gen/stages.js";
import type { LayerSpec, Shape } from "../layer.js";
import { layerFacts } from "../layers/index.js";
import { type BranchedLayer, type BranchedSpec, LayerError } from "./branches.js";
import { chosen } from "./choice.js";
import { useBackend } from "./eager/backend.js";
import { makeVariables } from "./layer.js";
import { buildHeads, buildLayers, reshapeTo } from "./network.js";

/**
 * The architecture that the parameters describe, with every shape resolved and every weight counted; shapes are those of
 * the layers themselves, which are built for the purpose.
 *
 * @param inputShape of one item.
 * @returns diagnostics with `path` into the parameters where a layer does not fit.
 */
export async function buildModel(params: BuildStage, inputShape: Shape): Promise<Result<Model, Diagnostic[]>> {
  await useBackend("cpu");
  try {
    const parts = backToPicture(buildParts(params, inputShape), inputShape);
    const outputShape = parts.at(-1)?.outputShape ?? inputShape;
    if (params.family !== "sequential" && outputShape.join() !== inputShape.join()) {
      throw new Misfit(
        ["decoder", params.decoder.length - 1],
        `the decoder gives [${outputShape}], the input is [${inputShape}]`,
      );
    }
    return ok({
      family: params.family,
      parts,
      inputShape,
      outputShape,
      parameters: parts.reduce((sum, part) => sum + part.parameters, 0),
      ...(params.family === "variational-autoencoder" ? { latent: params.latent } : {}),
    });
  } catch (error) {
    if (!(error instanceof Misfit)) throw error;
    return err([
      {
        code: "shape-mismatch",
        severity: "error",
        message: error.message,
        path: error.path,
        fix: "Change this layer, or the ones before it, so that the shapes fit.",
      },
    ]);
  }
}

/** A layer that cannot take what the one before it gives. */
class Misfit extends Error {
  readonly path: JsonPath;
  constructor(path: JsonPath, message: string) {
    super(message);
    this.path = path;
  }
}

function buildParts(params: BuildStage, inputShape: Shape): readonly ModelPart[] {
  const isPicture = inputShape.length === 2;
  switch (params.family) {
    case "sequential":
      return [buildPart("model", params.layers, inputShape, ["layers"], isPicture)];
    case "autoencoder": {
      const encoder = buildPart("encoder", params.encoder, inputShape, ["encoder"], isPicture);
      return [encoder, buildPart("decoder", params.decoder, encoder.outputShape, ["decoder"])];
    }
    case "variational-autoencoder": {
      const encoder = buildPart("encoder", params.encoder, inputShape, ["encoder"], isPicture);
      const latent = buildLatent(params.latent, encoder);
      return [encoder, latent, buildPart("decoder", params.decoder, latent.outputShape, ["decoder"])];
    }
  }
}

function buildPart(
  name: string,
  layers: readonly Layer[],
  inputShape: Shape,
  path: JsonPath,
  isPicture = false,
): ModelPart {
  const records: LayerRecord[] = [];
  let shape = inputShape;
  let picture = isPicture;
  specsOf(layers, name).forEach((spec, i) => {
    const made = recordsOf(spec, shape, picture, [...path, i]);
    records.push(...made);
    shape = (made.at(-1) as LayerRecord).outputShape;
    picture = leavesPicture(layerFacts(spec.kind), shape, picture);
  });
  return partOf(name, records, inputShape, shape);
}

/** A picture that went in without an axis for its channel comes out without it. */
function backToPicture(parts: readonly ModelPart[], inputShape: Shape): readonly ModelPart[] {
  const last = parts.at(-1) as ModelPart;
  if (last.name !== "decoder" || !isPictureWithChannel(last.outputShape, inputShape)) return parts;
  const back = buildLayers([reshapeTo(inputShape, "decoder/picture")], last.outputShape).map(counted);
  return [...parts.slice(0, -1), partOf(last.name, [...last.layers, ...back], last.inputShape, inputShape)];
}

/** The two heads: mean and s, each a linear dense layer on the encoder's output. */
function buildLatent({ units }: VariationalAutoencoderFamily["latent"], encoder: ModelPart): ModelPart {
  if (encoder.outputShape.length !== 1) {
    const shape = `[${encoder.outputShape}]`;
    throw new Misfit(["encoder"], `the latent heads take one dimension, but the encoder gives ${shape}; flatten it`);
  }
  const params: LayerParams["dense"] = {
    units,
    activation: "linear",
    useBias: true,
    kernelInitializer: { glorotUniform: {} },
    biasInitializer: { zeros: {} },
  };
  const specs = ["mean", "scale"].map((head): LayerSpec => ({ name: `latent/${head}`, kind: "dense", params }));
  const records = buildHeads(specs, encoder.outputShape).map(counted);
  return partOf("latent", records, encoder.outputShape, [units]);
}

function partOf(name: string, layers: readonly LayerRecord[], inputShape: Shape, outputShape: Shape): ModelPart {
  const parameters = layers.reduce((sum, layer) => sum + layer.parameters, 0);
  return { name, layers, inputShape, outputShape, parameters };
}

/** Names layers after their kinds, `encoder/dense`, `encoder/dense_1`; those of branches `encoder/add/branch1/dense`. */
function specsOf(layers: readonly Layer[], prefix: string): readonly BranchedSpec[] {
  const seen = new Map<string, number>();
  return layers.map((layer) => {
    const { kind, params } = chosen(layer);
    const count = seen.get(kind) ?? 0;
    seen.set(kind, count + 1);
    const name = `${prefix}/${kind}${count === 0 ? "" : `_${count}`}`;
    const { branches, ...own } = params as { branches?: readonly (readonly Layer[])[] };
    if (branches === undefined) return { name, kind, params: own };
    return {
      name,
      kind,
      params: own,
      branches: branches.map((branch, i) => specsOf(branch, `${name}/branch${i + 1}`)),
    };
  });
}

/** Of one layer, and before it of the reshape that gives its input channels. */
function recordsOf(spec: BranchedSpec, inputShape: Shape, isPicture: boolean, path: JsonPath): readonly LayerRecord[] {
  try {
    const records = buildLayers([spec], inputShape, isPicture).map(counted);
    if (records.every(({ outputShape }) => outputShape.every((size) => size > 0))) return records;
    throw new LayerError(`${spec.name} leaves nothing of [${inputShape}]`);
  } catch (error) {
    // The layers' own checks throw errors of many classes; all of them speak of shapes or arguments.
    const reason =
      error instanceof LayerError ? error.message : `${spec.name} does not take [${inputShape}]: ${messageOf(error)}`;
    throw new Misfit([...path, spec.kind], reason);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The record of a layer, which is taken apart again: a build keeps no memory. */
function counted(layer: BranchedLayer): LayerRecord {
  for (const variable of makeVariables([layer], null)) variable.dispose();
  return toRecord(layer);
}

function toRecord(layer: BranchedLayer): LayerRecord {
  return {
    name: layer.spec.name,
    kind: layer.spec.kind,
    params: layer.spec.params as JsonObject,
    inputShape: layer.inputShapes[0] as Shape,
    outputShape: layer.outputShape,
    parameters: layer.weights.reduce((sum, { idle, shape }) => sum + (idle ? 0 : sizeOf(shape)), 0),
    ...(layer.branches === undefined ? {} : { branches: layer.branches.map((branch) => branch.map(toRecord)) }),
  };
}
