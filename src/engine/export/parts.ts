import type { ModelPart } from "../../artifact/parts.js";
import { partsOf } from "../../artifact/parts.js";
import type { Model } from "../../artifact/types.js";

export type PartName = "model" | "encoder" | "decoder";

/** One file of a model, or one folder: what goes in and what comes out, shapes without the batch. */
export interface ExportedPart {
  readonly name: PartName;
  readonly input: { readonly name: "x" | "z"; readonly shape: readonly number[] };
  /** In the order in which a file without names for its outputs has them. */
  readonly outputs: readonly { readonly name: OutputName; readonly shape: readonly number[] }[];
}

export type OutputName = "output" | "reconstruction" | "mean" | "scale";

/**
 * What leaves of a model: a sequential one whole; of autoencoders the encoder (codes or posterior means as `mean`, of
 * variational ones also the standard deviations as `scale`), the decoder, and the way from the input through the
 * mean to the reconstruction. Nothing is drawn in any of them.
 */
export function exportedParts(model: Model): readonly ExportedPart[] {
  const x = { name: "x", shape: partsOf(model).inputShape } as const;
  if (partsOf(model).family === "sequential") {
    return [{ name: "model", input: x, outputs: [{ name: "output", shape: partsOf(model).outputShape }] }];
  }
  const code = (partsOf(model).parts.at(-1) as ModelPart).inputShape;
  const mean = { name: "mean", shape: code } as const;
  const scale = { name: "scale", shape: code } as const;
  return [
    { name: "encoder", input: x, outputs: partsOf(model).latent === undefined ? [mean] : [mean, scale] },
    {
      name: "decoder",
      input: { name: "z", shape: code },
      outputs: [{ name: "output", shape: partsOf(model).outputShape }],
    },
    { name: "model", input: x, outputs: [{ name: "reconstruction", shape: partsOf(model).outputShape }] },
  ];
}
