/** Which numbers of two variants may stand beside each other: those of the same items, measured by the same loss. */
import type { Tensor } from "../artifact/tensor.js";
import { digestBytes } from "../base/digest.js";
import { canonicalJson, type Json } from "../base/json.js";
import type { ChartSource } from "./chart.js";

type Artifacts = ChartSource["artifacts"];

/**
 * Equal keys are the same items with the same labels in the same order, whatever shape and scale a variant gives
 * them; null where that cannot be known.
 */
export function itemsKey({ dataset }: Artifacts, split: string): string | null {
  const { x, y } = dataset?.splits[split] ?? {};
  return x ? [x.shape[0], x.dtype, digestOf(x), y ? digestOf(y) : "no labels"].join(" ") : null;
}

/** Whether two variants were measured on the same items of a split, so that item 7 of one is item 7 of the other. */
export function sameItems(a: Artifacts, b: Artifacts, split = splitOf(a)): boolean {
  const key = itemsKey(a, split);
  return key !== null && key === itemsKey(b, split) && splitOf(a) === splitOf(b);
}

/**
 * Equal keys are the same loss: its kind and settings, and the weight of the divergence. What rebuilds its input is
 * measured on the scale of that input, which therefore belongs to it.
 */
export function lossKey(
  { dataset, metrics, model, weights }: Artifacts,
  split: string,
  part: "loss" | "reconstruction" = "loss",
): string {
  const { reconstruction, kl, ...plain } = weights?.loss ?? {};
  const rebuilds = model !== undefined && model.family !== "sequential";
  const { scale = 1, offset = 0 } = dataset?.splits[split]?.x ?? {};
  const key: Json = {
    measured: reconstruction ?? plain,
    unit: metrics?.about.loss?.unit ?? "",
    target: rebuilds ? [scale, offset] : "labels",
    divergence: part === "loss" && model?.family === "variational-autoencoder" ? (kl ?? 1) : 0,
  };
  return canonicalJson(key);
}

/** Whether the losses of two variants, or their reconstruction errors, are measured alike and on the same items. */
export function sameMeasure(a: Artifacts, b: Artifacts, part: "loss" | "reconstruction" = "loss"): boolean {
  return sameItems(a, b) && lossKey(a, splitOf(a), part) === lossKey(b, splitOf(b), part);
}

function splitOf({ predictions }: Artifacts): string {
  return predictions?.split ?? "test";
}

/** Of the stored bytes, which a store has named already. */
function digestOf({ bytes }: Tensor): string {
  return bytes.digest ?? digestBytes(bytes.load());
}
