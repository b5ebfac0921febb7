import fc from "fast-check";
import type { ColumnData } from "../../src/artifact/dataset.js";
import { bytesInMemory, type DType, type Tensor } from "../../src/artifact/tensor.js";
import type { ArtifactTypes, Column } from "../../src/artifact/types.js";
import { ITEM_BYTES } from "../../src/base/dtype.js";
import type { Json, JsonObject } from "../../src/base/json.js";

/** Any value of each kind of artifact, small. Text is any text: names come from users. */

// JSON has no minus zero; nothing that artifacts hold depends on it.
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (n === 0 ? 0 : n));
const count = fc.nat({ max: 1_000_000 });
const text = fc.string({ unit: "binary", maxLength: 12 });
const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as Json);
const options = fc.dictionary(text, json, { maxKeys: 3 }) as fc.Arbitrary<JsonObject>;
const shape = fc.array(fc.nat({ max: 4 }), { maxLength: 3 });

function recordOf<T>(value: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> {
  return fc.dictionary(text, value, { maxKeys: 3 });
}

function tensor<D extends DType>(...dtypes: readonly D[]): fc.Arbitrary<Tensor<D>> {
  return fc.record({ dtype: fc.constantFrom(...dtypes), shape, scale: number, offset: number }).chain((head) => {
    const n = head.shape.reduce((product, size) => product * size, 1);
    return fc.uint8Array({ minLength: 4 * n, maxLength: 4 * n }).map((bytes) => {
      const stored = bytes.slice(0, n * ITEM_BYTES[head.dtype]);
      return { ...head, bytes: bytesInMemory(stored) };
    });
  });
}

const column = fc.record(
  {
    name: text,
    role: fc.constantFrom("input", "target", "weight", "group", "id", "unused"),
    dtype: fc.constantFrom<Column["dtype"]>("uint8", "int64", "float16", "float32", "string"),
    shape: fc.oneof(shape, fc.constant("ragged" as const)),
    meaning: fc.constantFrom("number", "category", "image", "text", "sequence"),
    classes: fc.array(text),
    scale: number,
    offset: number,
  },
  { requiredKeys: ["name", "role", "dtype", "shape", "meaning", "scale", "offset"] },
) as fc.Arbitrary<Column>;

const bytes = fc.uint8Array({ maxLength: 9 }).map(bytesInMemory);

const columnData = fc.record(
  { chunks: fc.array(fc.record({ items: count, bytes }), { maxLength: 3 }), missing: bytes, offsets: fc.array(bytes) },
  { requiredKeys: ["chunks"] },
) as fc.Arbitrary<ColumnData>;

export const arbitraries: { readonly [K in keyof ArtifactTypes]: fc.Arbitrary<ArtifactTypes[K]> } = {
  dataset: fc.record({
    name: text,
    columns: fc.array(column, { maxLength: 3 }),
    splits: recordOf(fc.record({ items: count, columns: recordOf(columnData) })),
    sources: fc.array(fc.record({ role: text, bytes: count, md5: text }), { maxLength: 3 }),
    steps: fc.array(fc.record({ kind: text, shapes: recordOf(shape), dtype: text, range: fc.tuple(number, number) }), {
      maxLength: 3,
    }),
  }),
  model: fc.record({
    inputs: fc.array(fc.record({ name: text, column: fc.option(text), shape }), { maxLength: 2 }),
    nodes: fc.array(
      fc.record(
        {
          name: text,
          kind: text,
          params: options,
          from: fc.array(text, { maxLength: 2 }),
          shape,
          parameters: count,
          trainable: fc.boolean(),
          sharedWith: text,
        },
        { requiredKeys: ["name", "kind", "params", "from", "shape", "parameters", "trainable"] },
      ),
      { maxLength: 3 },
    ),
    outputs: fc.array(
      fc.record(
        { name: text, node: text, shape, target: text, loss: options, weight: number },
        { requiredKeys: ["name", "node", "shape"] },
      ),
      { maxLength: 3 },
    ),
    groups: fc.array(
      fc.record(
        { name: text, nodes: fc.array(text, { maxLength: 2 }), input: text, output: text, block: text, role: text },
        { requiredKeys: ["name", "nodes"] },
      ),
      { maxLength: 3 },
    ),
    parameters: count,
  }),
  weights: fc.record({
    tensors: fc.uniqueArray(fc.record({ name: text, tensor: tensor("float32") }), {
      selector: ({ name }) => name,
      maxLength: 4,
    }),
    epoch: count,
    loss: options,
  }),
  history: fc.record(
    {
      epochs: count,
      splits: recordOf(recordOf(fc.array(fc.option(number), { maxLength: 4 }))),
      learningRate: fc.array(number, { maxLength: 4 }),
      bestEpoch: count,
      engine: fc.record({ name: text, version: text }),
      batchSize: count,
      stepsPerEpoch: count,
      planned: count,
      kept: count,
      chosenBy: fc.record({ split: text, metric: text, patience: count, minDelta: number, restoreBest: fc.boolean() }),
      stopped: text,
    },
    { requiredKeys: ["epochs", "splits", "learningRate", "bestEpoch", "engine", "batchSize", "stepsPerEpoch"] },
  ),
  metrics: fc.record(
    {
      splits: recordOf(recordOf(number)),
      about: recordOf(fc.record({ label: text, unit: text, better: fc.constantFrom("lower", "higher", "neither") })),
      confusion: recordOf(fc.array(fc.array(count, { maxLength: 3 }), { maxLength: 3 })),
      unmeasured: recordOf(recordOf(text)),
      cautions: recordOf(fc.array(text, { maxLength: 2 })),
      divergence: fc.record({ form: text, exact: fc.boolean(), about: text }),
    },
    { requiredKeys: ["splits", "about"] },
  ),
  predictions: fc.record(
    {
      split: text,
      items: count,
      latent: tensor("float32"),
      latentScale: tensor("float32"),
      reconstruction: tensor("uint8", "float32"),
      probabilities: tensor("float32"),
      logOdds: tensor("float32"),
      values: tensor("float32"),
      itemLoss: recordOf(tensor("float32")),
    },
    { requiredKeys: ["split", "items", "itemLoss"] },
  ),
  figures: fc.record({
    charts: fc.array(
      fc.record({ id: text, kind: text, options, data: json, images: recordOf(fc.uint8Array({ maxLength: 8 })) }),
      { maxLength: 3 },
    ),
  }),
  report: fc.record({ html: fc.uint8Array({ maxLength: 64 }) }),
};
