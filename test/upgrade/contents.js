/**
 * The contents of an artifact in a form that does not depend on the types in which it is read: names and numbers as they are,
 * long byte strings as their SHA-256. When a type changes, this file is adapted to it; the values in the JSON beside it are what
 * was stored and stay.
 */
import { createHash } from "node:crypto";

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

const tensor = ({ dtype, shape, scale, offset, bytes }) =>
  `${dtype} [${shape}] × ${scale} + ${offset}: ${sha256(bytes.load())}`;

const each = (record, map) => Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));

const layer = ({ name, kind, params, outputShape, parameters, branches }) =>
  branches === undefined
    ? [`${name}: ${kind} [${outputShape}] ${parameters} ${JSON.stringify(params)}`]
    : [...branches.flat().flatMap(layer), `${name}: ${kind} [${outputShape}]`];

const readers = {
  dataset: ({ name, classes, splits, sources, steps }) => ({
    name,
    classes,
    splits: each(splits, ({ x, y }) => [tensor(x), tensor(y)]),
    sources,
    steps,
  }),
  model: ({ parts, inputShape, outputShape, parameters, latent }) => ({
    layers: parts.flatMap(({ layers }) => layers.flatMap(layer)),
    inputShape,
    outputShape,
    parameters,
    noise: latent?.noise ?? null,
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
