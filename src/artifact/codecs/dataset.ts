import type { Codec, Encoded } from "../codec.js";
import { datasetOfArrays } from "../columns.js";
import type { Column, ColumnData, Dataset, DatasetStep } from "../dataset.js";
import { BlobWriter, fromPairs, type Pairs, readBlob, readTensor, type TensorMeta, toPairs } from "./blobs.js";

interface ColumnMeta {
  /** How many items each chunk has, and which byte string it is. */
  readonly chunks: readonly { readonly items: number; readonly blob: string }[];
  readonly missing?: string;
  readonly offsets?: readonly string[];
}

interface Steps {
  readonly steps: readonly (Omit<DatasetStep, "shapes"> & { readonly shapes: Pairs<readonly number[]> })[];
}

interface Meta extends Steps {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly splits: Pairs<{ readonly items: number; readonly columns: Pairs<ColumnMeta> }>;
  readonly sources: Dataset["sources"];
}

/** Of version 1: every split was one array to see, `x`, and perhaps one of labels, `y`. */
interface Arrays extends Steps {
  readonly name: string;
  readonly classes: readonly string[] | null;
  readonly splits: Pairs<{ readonly x: TensorMeta; readonly y: TensorMeta | null }>;
  readonly sources: Dataset["sources"];
}

export const dataset: Codec<Dataset> = {
  version: 2,
  encode({ name, columns, splits, sources, steps }) {
    const blobs = new BlobWriter();
    return blobs.finish({
      name,
      columns: columns.map(({ name, role, dtype, shape, meaning, classes, scale, offset }) => ({
        ...{ name, role, dtype, shape, meaning, scale, offset },
        ...(classes === undefined ? {} : { classes }),
      })),
      splits: toPairs(splits, (split, key) => ({
        items: split.items,
        columns: toPairs(split.columns, (data, column) => ({ ...writeColumn(blobs, `${key}/${column}`, data) })),
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
      columns: meta.columns,
      splits: fromPairs(meta.splits, ({ items, columns }) => ({
        items,
        columns: fromPairs(columns, (column) => readColumn(encoded, column)),
      })),
      sources: meta.sources,
      steps: readSteps(meta),
    };
  },
  older: {
    1(encoded) {
      const meta = encoded.meta as unknown as Arrays;
      const splits = fromPairs(meta.splits, ({ x, y }) => ({
        x: readTensor(encoded, x),
        y: y === null ? null : readTensor(encoded, y),
      }));
      return datasetOfArrays({ ...meta, splits, steps: readSteps(meta) });
    },
  },
};

function readSteps({ steps }: Steps): Dataset["steps"] {
  return steps.map((step) => ({ ...step, shapes: fromPairs(step.shapes, (shape) => shape) }));
}

function writeColumn(blobs: BlobWriter, name: string, { chunks, missing, offsets }: ColumnData): ColumnMeta {
  return {
    chunks: chunks.map(({ items, bytes }, i) => ({ items, blob: blobs.bytes(`${name}/${i}`, bytes) })),
    ...(missing === undefined ? {} : { missing: blobs.bytes(`${name}/missing`, missing) }),
    ...(offsets === undefined ? {} : { offsets: offsets.map((each, i) => blobs.bytes(`${name}/offsets/${i}`, each)) }),
  };
}

function readColumn(encoded: Encoded, { chunks, missing, offsets }: ColumnMeta): ColumnData {
  return {
    chunks: chunks.map(({ items, blob }) => ({ items, bytes: readBlob(encoded, blob) })),
    ...(missing === undefined ? {} : { missing: readBlob(encoded, missing) }),
    ...(offsets === undefined ? {} : { offsets: offsets.map((each) => readBlob(encoded, each)) }),
  };
}
