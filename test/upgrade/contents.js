/**
 * The contents of an artifact in a form that does not depend on the types in which it is read: names and numbers as they are,
 * long byte strings as their SHA-256. When a type changes, this file is adapted to it; the values in the JSON beside it are what
 * was stored and stay.
 */
import { createHash } from "node:crypto";

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

const tensor = ({ dtype, shape, scale, offset, bytes }) =>
  `${dtype} [${shape}] × ${scale} + ${offset}: ${sha256(bytes.load())}`;

const columnOf = ({ dtype, shape, scale, offset }, items, { chunks }) => {
  const bytes = Buffer.concat(chunks.map((chunk) => chunk.bytes.load()));
  return tensor({ dtype, shape: [items, ...shape], scale, offset, bytes: { load: () => bytes } });
};

const each = (record, map) => Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));

/** A layer that merges others was stored with the parameters of all: those of 0.1.0 stand for nothing. */
const layer = ({ name, kind, params, from, shape, parameters }) =>
  from.length === 1
    ? `${name}: ${kind} [${shape}] ${parameters} ${JSON.stringify(params)}`
    : `${name}: ${kind} [${shape}]`;

const readers = {
  dataset: ({ name, columns, splits, sources, steps }) => ({
    name,
    classes: columns.find(({ role }) => role === "target")?.classes ?? null,
    splits: each(splits, ({ items, columns: data }) =>
      columns.map((column) => columnOf(column, items, data[column.name])),
    ),
    sources,
    steps,
  }),
  model: ({ inputs, nodes, outputs, parameters }) => ({
    // Layers in the order of the families' parts; draws of codes were no layers.
    layers: nodes.filter(({ kind }) => kind !== "sampling").map(layer),
    inputShape: inputs[0].shape,
    outputShape: outputs.find(({ target }) => target !== undefined).shape,
    parameters,
    noise: nodes.find(({ kind }) => kind === "sampling")?.params.noise ?? null,
  }),
  weights: ({ tensors, epoch, loss }) => ({
    tensors: tensors.map((named) => `${named.name}: ${tensor(named.tensor)}`),
    epoch,
    loss,
  }),
  history: (history) => history,
  metrics: (metrics) => metrics,
  predictions: ({ split, items, itemLoss, ...optional }) => ({
    split,
    items,
    itemLoss: each(itemLoss, tensor),
    ...each(optional, tensor),
  }),
  figures: ({ charts }) =>
    charts.map(({ id, kind, options, data, images }) => ({
      id,
      kind,
      options,
      data: sha256(JSON.stringify(data)),
      images: each(images, sha256),
    })),
  report: ({ html }) => sha256(html),
};

/**
 * @param {string} kind
 * @param {any} artifact
 * @returns {unknown} as JSON holds it
 */
export const contentsOf = (kind, artifact) => JSON.parse(JSON.stringify(readers[kind](artifact)));
