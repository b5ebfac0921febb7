import type { Codec } from "../codec.js";
import type { Dataset, DatasetStep } from "../types.js";
import { BlobWriter, fromPairs, type Pairs, readTensor, type TensorMeta, toPairs } from "./blobs.js";

interface Meta {
  readonly name: string;
  readonly classes: readonly string[] | null;
  readonly splits: Pairs<{ readonly x: TensorMeta; readonly y: TensorMeta | null }>;
  readonly sources: Dataset["sources"];
  readonly steps: readonly (Omit<DatasetStep, "shapes"> & { readonly shapes: Pairs<readonly number[]> })[];
}

export const dataset: Codec<Dataset> = {
  version: 1,
  encode({ name, classes, splits, sources, steps }) {
    const blobs = new BlobWriter();
    return blobs.finish({
      name,
      classes,
      splits: toPairs(splits, (split, key) => ({
        x: blobs.tensor(`${key}/x`, split.x),
        y: split.y === null ? null : blobs.tensor(`${key}/y`, split.y),
      })),
      sources: sources.map(({ role, bytes, md5 }) => ({ role, bytes, md5 })),
      steps: steps.map(({ kind, shapes, dtype, range }) => ({
        kind,
        shapes: toPairs(shapes, (shape) => shape),
        dtype,
        range,
      })),
    });
  },
  decode(encoded) {
    const meta = encoded.meta as unknown as Meta;
    return {
      name: meta.name,
      classes: meta.classes,
      splits: fromPairs(meta.splits, ({ x, y }) => ({
        x: readTensor(encoded, x),
        y: y === null ? null : readTensor(encoded, y),
      })),
      sources: meta.sources,
      steps: meta.steps.map((step) => ({ ...step, shapes: fromPairs(step.shapes, (shape) => shape) })),
    };
  },
};
