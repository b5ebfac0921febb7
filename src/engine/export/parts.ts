import {
  codeOf,
  codeShape,
  decoderOf,
  type Model,
  samplingOf,
  sourceNamed,
  trainedOutputs,
} from "../../artifact/graph.js";
import { inputName } from "../items.js";

export type PartName = "model" | "encoder" | "decoder";

/** One file of a model, or one folder: what goes in and what comes out, shapes without the batch. */
export interface ExportedPart {
  readonly name: PartName;
  readonly inputs: readonly ExportedTensor[];
  /** In the order in which a file without names for its outputs has them. */
  readonly outputs: readonly ExportedTensor[];
}

export interface ExportedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** The model's input or node that it is; of `scale`, the one that it follows from. */
  readonly source: string;
}

/**
 * What leaves of a model: whole, with every output that is trained; and where it has a decoder, also the encoder (codes or
 * means of what is drawn as `mean`, of what is drawn also the standard deviations as `scale`) and the decoder. Nothing is
 * drawn in any of them.
 */
export function exportedParts(model: Model): readonly ExportedPart[] {
  const inputs = model.inputs.map(({ name, shape }) => ({ name: inputName(model, name), shape, source: name }));
  const outputs = trainedOutputs(model).map(({ name, node, shape }) => ({ name, shape, source: node }));
  const whole: ExportedPart = { name: "model", inputs, outputs };
  const decoder = decoderOf(model);
  const code = codeOf(model);
  const shape = codeShape(model);
  if (decoder === null || code === undefined || shape === undefined) return [whole];
  const sampling = samplingOf(model);
  const mean = { name: "mean", shape, source: code };
  const scale = sampling === null ? [] : [{ name: "scale", shape, source: sampling.scaleFrom }];
  const decoded = { name: "output", shape: sourceNamed(model, decoder.output).shape, source: decoder.output };
  return [
    { name: "encoder", inputs, outputs: [mean, ...scale] },
    { name: "decoder", inputs: [{ name: "z", shape, source: decoder.input }], outputs: [decoded] },
    whole,
  ];
}
