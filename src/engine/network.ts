import * as tf from "@tensorflow/tfjs-core";
import type { LayerRecord, ModelPart } from "../artifact/parts.js";
import { partsOf } from "../artifact/parts.js";
import { sizeOf } from "../artifact/tensor.js";
import type { Model } from "../artifact/types.js";
import { lacksChannels, leavesPicture } from "../base/channels.js";
import type { Draw, LayerSpec, Pass, Shape } from "../layer.js";
import { layerFacts } from "../layers/index.js";
import { type BranchedLayer, type BranchedSpec, buildBranched } from "./branches.js";
import type { OutputActivation } from "./classification.js";
import { callLayers, makeVariables } from "./layer.js";
import type { ModelOutput } from "./loss.js";

/**
 * Builds layers one after the other; each takes the shape that the one before it gives.
 *
 * @param isPicture whether an input of two dimensions is a picture: a layer that asks for channels then gets a reshape
 * before it, which is in the result as any other layer.
 */
export function buildLayers(
  specs: readonly BranchedSpec[],
  inputShape: Shape,
  isPicture = false,
): readonly BranchedLayer[] {
  const built: BranchedLayer[] = [];
  let shape = inputShape;
  let picture = isPicture;
  const build = (spec: BranchedSpec): void => {
    const ofPicture = picture;
    const layer = buildBranched(spec, shape, (specs, shape) => buildLayers(specs, shape, ofPicture));
    built.push(layer);
    shape = layer.outputShape;
    picture = leavesPicture(layerFacts(spec.kind), shape, picture);
  };
  for (const spec of specs) {
    if (lacksChannels(layerFacts(spec.kind), shape, picture)) {
      build(reshapeTo([...shape, 1], `${spec.name}/channels`));
    }
    build(spec);
  }
  return built;
}

function reshapeTo(shape: Shape, name: string): LayerSpec {
  return { name, kind: "reshape", params: { targetShape: shape } };
}

/** Layers side by side on the same input, such as the two heads of a variational encoder. */
export function buildHeads(specs: readonly LayerSpec[], inputShape: Shape): readonly BranchedLayer[] {
  return specs.flatMap((spec) => buildLayers([spec], inputShape));
}

/** A model that can compute: its parts built, and after `makeVariables` filled with weights. */
export class Network {
  readonly model: Model;
  readonly #parts: ReadonlyMap<string, readonly BranchedLayer[]>;
  readonly #activation: OutputActivation;

  /** @param parts names of the parts that are wanted, all unless given. */
  constructor(model: Model, parts?: readonly string[]) {
    const all = partsOf(model).parts;
    const wanted = all.filter((part) => parts === undefined || parts.includes(part.name));
    const last = all.at(-1) as ModelPart;
    const { layers, activation } = withoutOutputActivation(last.layers);
    this.model = model;
    this.#activation = activation;
    this.#parts = new Map(
      wanted.map((part) => [
        part.name,
        part.name === "latent"
          ? buildHeads(part.layers, part.inputShape)
          : buildLayers(part === last ? layers : part.layers, part.inputShape),
      ]),
    );
  }

  /** Called once, on the backend that shall compute. Without a seed the weights are zeros, to be written later. */
  makeVariables(seed: number | null): readonly tf.Variable[] {
    return makeVariables(this.#layers(), seed);
  }

  get weights(): readonly { readonly name: string; readonly shape: Shape }[] {
    return this.#layers().flatMap((layer) => layer.weights);
  }

  get draws(): readonly Draw[] {
    return this.#layers().flatMap((layer) => layer.draws);
  }

  penalties(): readonly tf.Scalar[] {
    return this.#layers().flatMap((layer) => layer.penalties());
  }

  /** The layers of one part in their order; for `latent`, the heads. */
  part(name: string): readonly BranchedLayer[] {
    const layers = this.#parts.get(name);
    if (layers === undefined) throw new Error(`this network was made without its part ${name}`);
    return layers;
  }

  call(part: string, x: tf.Tensor, pass: Pass): tf.Tensor {
    return callLayers(this.part(part), x, pass);
  }

  /** The last part, up to the activation of its last layer. */
  output(x: tf.Tensor, pass: Pass): ModelOutput {
    const last = partsOf(this.model).parts.at(-1) as ModelPart;
    const logits = this.call(last.name, x, pass);
    return { logits: flattened(logits), activation: this.#activation };
  }

  #layers(): readonly BranchedLayer[] {
    return [...this.#parts.values()].flat();
  }
}

/** `[batch, …]` as `[batch, elements]`. */
export function flattened(x: tf.Tensor): tf.Tensor2D {
  if (x.rank === 2) return x as tf.Tensor2D;
  return tf.reshape(x, [x.shape[0] as number, sizeOf(x.shape.slice(1))]);
}

/** The same layers, the last of them linear, and the activation it had; it is found through layers that only reshape. */
function withoutOutputActivation(records: readonly LayerRecord[]): {
  readonly layers: readonly LayerRecord[];
  readonly activation: OutputActivation;
} {
  // Behind layers that keep the order of the numbers, a function of single ones is still the last that is computed.
  const at = records.findLastIndex(({ kind }) => layerFacts(kind).keeps !== "order");
  const last = records[at];
  const activation = last && outputActivation(last);
  if (last === undefined || activation === undefined) return { layers: records, activation: "none" };
  const params = layerFacts(last.kind).withoutEnd?.(last.params);
  const linear = params === null ? [] : [{ ...last, params }];
  return { layers: [...records.slice(0, at), ...linear, ...records.slice(at + 1)], activation };
}

/** The activation that is taken off the end of a model. */
export function outputActivationOf(model: Model): OutputActivation {
  const last = partsOf(model).parts.at(-1) as ModelPart;
  return withoutOutputActivation(last.layers).activation;
}

/** A softmax runs over the last dimension: it is one of the whole output where that has no other. */
function outputActivation({ kind, params, outputShape }: LayerRecord): OutputActivation | undefined {
  const { endsWith, withoutEnd } = layerFacts(kind);
  if (withoutEnd === undefined) return undefined;
  const activation = endsWith?.(params);
  if (activation === "sigmoid") return "sigmoid";
  return activation === "softmax" && outputShape.at(-1) === sizeOf(outputShape) ? "softmax" : undefined;
}
