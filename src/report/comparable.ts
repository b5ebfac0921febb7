/** Which numbers of two variants may stand beside each other: those of the same items, measured by the same loss. */
import { inputOf, targetOf } from "../artifact/columns.js";
import { isReconstruction, samplingOf, trainedOutputs } from "../artifact/graph.js";
import { partsOf, type Tensor } from "../artifact/tensor.js";
import type { Divergence } from "../artifact/types.js";
import { digestBytes } from "../base/digest.js";
import { canonicalJson, type Json } from "../base/json.js";
import type { ChartSource } from "./chart.js";
import { listed } from "./format.js";

type Artifacts = ChartSource["artifacts"];

/**
 * Equal keys are the same items with the same labels in the same order, whatever shape and scale a variant gives
 * them; null where that cannot be known.
 */
export function itemsKey({ dataset }: Artifacts, split: string): string | null {
  const x = dataset && inputOf(dataset, split);
  if (dataset === undefined || x === undefined) return null;
  const y = targetOf(dataset, split);
  return [x.shape[0], x.dtype, digestOf(x), y ? digestOf(y) : "no labels"].join(" ");
}

/** Whether two variants were measured on the same items of a split, so that item 7 of one is item 7 of the other. */
export function sameItems(a: Artifacts, b: Artifacts, split = splitOf(a)): boolean {
  const key = itemsKey(a, split);
  return key !== null && key === itemsKey(b, split) && splitOf(a) === splitOf(b);
}

/**
 * Equal keys are the same loss: its kind and settings, and the weight and the form of the divergence. What rebuilds its input
 * is measured on the scale of that input, which therefore belongs to it.
 */
export function lossKey(artifacts: Artifacts, split: string, part: "loss" | "reconstruction" = "loss"): string {
  const { dataset, metrics, model, weights } = artifacts;
  const divergence = divergenceOf(artifacts);
  const { reconstruction, kl, ...plain } = weights?.loss ?? {};
  const rebuilds = model !== undefined && trainedOutputs(model).some(isReconstruction);
  const { scale = 1, offset = 0 } = (dataset && inputOf(dataset, split)) ?? {};
  const key: Json = {
    measured: reconstruction ?? plain,
    unit: metrics?.about.loss?.unit ?? "",
    target: rebuilds ? [scale, offset] : "labels",
    divergence: part === "loss" && divergence !== undefined && kl !== 0 ? [kl ?? 1, divergence.form] : 0,
  };
  return canonicalJson(key);
}

/**
 * What the metric `kl` of a variational model is the divergence of; undefined for others. Models of other noise, or of another
 * scale of it, have other quantities under that name.
 */
export function divergenceOf({ metrics, model }: Artifacts): Divergence | undefined {
  const sampling = model === undefined ? null : samplingOf(model);
  if (sampling === null) return undefined;
  if (metrics?.divergence !== undefined) return metrics.divergence;
  // Early versions measured the same, and did not say so; a training that failed has no metrics.
  const { noise, scale } = sampling;
  const about = `The KL divergence is −½ Σ (1 + s − m² − exp(s)); codes are drawn with noise ${noise} and scale ${scale}.`;
  return { form: `scale ${scale}, noise ${noise}`, exact: noise === 1 && scale === "exp-half", about };
}

/** What the divergences of some variants are, for people: a sentence a form, with the variants where there are several. */
export function divergenceNotes(
  shown: readonly { readonly name: string; readonly artifacts: Artifacts }[],
): readonly string[] {
  const forms = new Map<string, { readonly about: string; readonly names: string[] }>();
  for (const { name, artifacts } of shown) {
    const divergence = divergenceOf(artifacts);
    if (divergence === undefined) continue;
    const known = forms.get(divergence.form);
    if (known) known.names.push(name);
    else forms.set(divergence.form, { about: divergence.about, names: [name] });
  }
  if (forms.size < 2) return [...forms.values()].map(({ about }) => about);
  return [...forms.values()].map(({ about, names }) => `${listed(names)}: ${about}`);
}

/** Whether the losses of two variants, or their reconstruction errors, are measured alike and on the same items. */
export function sameMeasure(a: Artifacts, b: Artifacts, part: "loss" | "reconstruction" = "loss"): boolean {
  return sameItems(a, b) && lossKey(a, splitOf(a), part) === lossKey(b, splitOf(b), part);
}

function splitOf({ predictions }: Artifacts): string {
  return predictions?.split ?? "test";
}

/** Of the stored pieces, which a store has named already. */
function digestOf({ bytes }: Tensor): string {
  return partsOf(bytes)
    .map((part) => part.digest ?? digestBytes(part.read()))
    .join("+");
}
