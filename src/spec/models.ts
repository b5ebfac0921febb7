import { isPictureWithChannel } from "../base/channels.js";
import type { JsonPath } from "../base/json.js";
import { didYouMean, oneOf } from "../base/suggest.js";
import type { Layer } from "../gen/layers.js";
import type { StageParams } from "../gen/stages.js";
import type { Shape } from "../layer.js";
import { layerFacts, show } from "../layers/index.js";
import type { Complaints } from "./complaints.js";
import type { DataFacts } from "./datasets.js";
import { layersShape } from "./layer-shapes.js";
import type { StageTree } from "./stage-tree.js";

/** What is known of a model before it is built. */
export interface ModelFacts {
  readonly family: StageParams["build"]["family"];
  readonly input: Shape;
  readonly output: Shape;
  /** The activation function that makes the output; null where it is none or not known. */
  readonly head: string | null;
  /** Where the layers stand that make the output, for complaints about it. */
  readonly outputPath: JsonPath;
  /** The first layer looks its input up, so whole numbers are what it wants. */
  readonly takesIndices: boolean;
}

interface Building {
  readonly params: StageParams["build"];
  readonly data: DataFacts;
  readonly written: StageTree;
  readonly complaints: Complaints;
}

/** Follows the shape of an item through the model. Null after a complaint. */
export function checkModel(building: Building): ModelFacts | null {
  const { params, data } = building;
  if (params.family === "sequential") return part(["layers"], params.layers, data.item, building);
  const code = part(["encoder"], params.encoder, data.item, building);
  if (code === null) return null;
  const latent =
    params.family === "variational-autoencoder" ? latentShape(code.output, params.latent.units, building) : code.output;
  if (latent === null) return null;
  const decoded = part(["decoder"], params.decoder, latent, building, false);
  if (decoded === null || !comesBack(decoded, building)) return null;
  return { ...decoded, input: data.item, output: data.item, takesIndices: code.takesIndices };
}

function part(
  path: JsonPath,
  layers: readonly Layer[],
  input: Shape,
  building: Building,
  fromData = true,
): ModelFacts | null {
  const { params, data, written, complaints } = building;
  const whole = fromData && data.values === "bytes";
  const misplaced = misplacedEmbedding(layers, whole, path);
  if (misplaced !== null) {
    complaints.error("shape-mismatch", `the layer \`${misplaced.at(-1)}\` takes whole numbers`, {
      ...written.place(misplaced),
      received: fromData && data.values !== "bytes" ? "values that are normalized" : "the output of another layer",
      expected: "the data as they are",
      fix: "Make it the first layer, and leave out the stage normalize.",
    });
    return null;
  }
  if (whole) warnOfIdleRows(layers, path, building);
  const output = layersShape(layers, input, fromData && input.length === 2);
  if (!output.ok) {
    const { path: inside, message, code, received, expected, fix } = output.error;
    complaints.error(code, message, { ...written.place([...path, ...inside]), received, expected, fix });
    return null;
  }
  const lone = loneSoftmax(layers, input, fromData && input.length === 2, path);
  if (lone !== null) {
    complaints.error("wrong-activation", "a softmax over a single value is always 1", {
      ...written.place(lone),
      received: "one value in the last dimension",
      expected: "two values or more, or another activation",
      fix: "Write `activation: sigmoid`, or give the layer more outputs.",
    });
    return null;
  }
  const outputPath = layers.length > 0 ? [...path, layers.length - 1] : path;
  const takesIndices = whole && holdsEmbedding(layers);
  return { family: params.family, input, output: output.value, head: headOf(layers), outputPath, takesIndices };
}

/** The two heads of a variational encoder are dense layers. */
function latentShape(encoded: Shape, units: number, { written, complaints }: Building): Shape | null {
  if (encoded.length === 1) return [units];
  complaints.error("shape-mismatch", "the encoder's output has more than one dimension", {
    ...written.place(["encoder"]),
    received: show(encoded),
    expected: "one dimension, such as [64]",
    fix: "End the encoder with flatten.",
  });
  return null;
}

function comesBack(decoded: ModelFacts, { data, written, complaints }: Building): boolean {
  if (String(decoded.output) === String(data.item) || isPictureWithChannel(decoded.output, data.item)) return true;
  const size = (shape: Shape) => shape.reduce((product, n) => product * n, 1);
  const last = data.item.at(-1);
  complaints.error("shape-mismatch", "the decoder's output has another shape than the data", {
    ...written.place(decoded.outputPath),
    received: show(decoded.output),
    expected: show(data.item),
    fix:
      size(decoded.output) === size(data.item)
        ? `End the decoder with { reshape: { targetShape: ${show(data.item)} } }.`
        : `Let the last layer make ${data.item.length === 1 ? `${last} values` : `the shape ${show(data.item)}`}.`,
  });
  return false;
}

/** The activation of the last layer that has one, through layers that keep its range. */
function headOf(layers: readonly Layer[]): string | null {
  for (const layer of [...layers].reverse()) {
    const [kind, params] = Object.entries(layer)[0] as [string, object];
    const { endsWith, keeps } = layerFacts(kind);
    if (endsWith !== undefined) return endsWith(params) ?? null;
    if (keeps === undefined) return null;
  }
  return null;
}

/** Where a softmax has one value to share its 1 among: nothing behind it learns. Shapes are known to fit. */
function loneSoftmax(layers: readonly Layer[], input: Shape, isPicture: boolean, path: JsonPath): JsonPath | null {
  const shapeAfter = (count: number): Shape => {
    const shape = layersShape(layers.slice(0, count), input, isPicture);
    return shape.ok ? shape.value : input;
  };
  for (const [i, layer] of layers.entries()) {
    const [kind, params] = Object.entries(layer)[0] as [string, { readonly activation?: string }];
    const softmax = layerFacts(kind).endsWith?.(params) === "softmax";
    if (softmax && shapeAfter(i + 1).at(-1) === 1) {
      return [...path, i, kind, ...(params.activation === undefined ? [] : ["activation"])];
    }
    for (const [b, branch] of branchesOf(layer).entries()) {
      const inside = loneSoftmax(branch, shapeAfter(i), isPicture && i === 0, [...path, i, kind, "branches", b]);
      if (inside !== null) return inside;
    }
  }
  return null;
}

function holdsEmbedding(layers: readonly Layer[]): boolean {
  return layers.some((layer) => indicesOf(layer) !== undefined || branchesOf(layer).some(holdsEmbedding));
}

/** The number below which the layer takes whole numbers; undefined for a layer that takes any. */
function indicesOf(layer: Layer): number | undefined {
  const [kind, params] = Object.entries(layer)[0] as [string, object];
  return layerFacts(kind).indices?.(params);
}

/** An embedding that does not get whole numbers: those pass only through layers that move values without changing them. */
function misplacedEmbedding(layers: readonly Layer[], fromData: boolean, path: JsonPath): JsonPath | null {
  let whole = fromData;
  for (const [i, layer] of layers.entries()) {
    const kind = Object.keys(layer)[0] as string;
    const { keeps } = layerFacts(kind);
    if (indicesOf(layer) !== undefined && !whole) return [...path, i, kind];
    for (const [b, branch] of branchesOf(layer).entries()) {
      const inside = misplacedEmbedding(branch, whole, [...path, i, kind, "branches", b]);
      if (inside !== null) return inside;
    }
    whole &&= keeps === "order" || keeps === "numbers";
  }
  return null;
}

/** How many values a byte has. */
const BYTES = 256;

/** Rows of an embedding's table that no item can ask for: a mistake about the data, or memory for nothing. */
function warnOfIdleRows(layers: readonly Layer[], path: JsonPath, building: Building): void {
  for (const [i, layer] of layers.entries()) {
    for (const [b, branch] of branchesOf(layer).entries()) {
      warnOfIdleRows(branch, [...path, i, Object.keys(layer)[0] as string, "branches", b], building);
    }
    const rows = indicesOf(layer) ?? 0;
    if (rows <= BYTES) continue;
    building.complaints.warn("idle-rows", "the embedding has rows that the data cannot ask for", {
      ...building.written.place([...path, i, Object.keys(layer)[0] as string, "inputDim"]),
      received: `${rows} rows, and data of bytes, from 0 to ${BYTES - 1}`,
      expected: `at most ${BYTES}`,
      fix: `Write \`inputDim: ${BYTES}\`, or less where the data have fewer values.`,
    });
  }
}

function branchesOf(layer: Layer): readonly (readonly Layer[])[] {
  if ("add" in layer) return layer.add.branches;
  if ("concatenate" in layer) return layer.concatenate.branches;
  return [];
}

/** Whether the data are what the model was built for: they may come from other stages. */
export function fitsModel(data: DataFacts, model: ModelFacts, written: StageTree, complaints: Complaints): boolean {
  if (String(data.item) === String(model.input)) return true;
  complaints.error("shape-mismatch", "the data have another shape than those that the model was built for", {
    ...written.place([]),
    received: show(data.item),
    expected: show(model.input),
    fix: "Let build and this stage take the data from the same stage: put build after the last one that changes them.",
  });
  return false;
}

/** Whether the data have a split of this name; complains where they do not. */
export function hasSplit(
  data: DataFacts,
  split: string,
  path: JsonPath,
  written: StageTree,
  complaints: Complaints,
  fix?: string,
): boolean {
  if (Object.hasOwn(data.splits, split)) return true;
  const names = Object.keys(data.splits);
  complaints.error("unknown-split", `the data have no split \`${split}\``, {
    ...written.place(path),
    expected: oneOf(names),
    fix: didYouMean(split, names) ?? fix ?? "Name a split that the data have.",
  });
  return false;
}
