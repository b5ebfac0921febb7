/**
 * A small experiment without training: seven-segment digits, and models that are set up rather than trained. Everything has
 * the shapes and kinds of a real run, so that reports of it exercise every chart.
 */
import { graphOfParts, type LayerRecord } from "../../src/artifact/codecs/model-1.js";
import { storeArtifact } from "../../src/artifact/io.js";
import { tensorOf } from "../../src/artifact/tensor.js";
import type { ArtifactTypes, Dataset, History, Metrics, Model, Predictions } from "../../src/artifact/types.js";
import type { Digest } from "../../src/base/digest.js";
import type { JsonObject } from "../../src/base/json.js";
import type { PortRef } from "../../src/base/ports.js";
import { RandomStream } from "../../src/base/random.js";
import type { ChartSource } from "../../src/report/chart.js";
import { type ChartRequest, collectFigures, defaultCharts } from "../../src/report/collect.js";
import type { ReportInput, ReportStage, ReportVariant } from "../../src/report/types.js";
import { MemoryStore } from "../artifact/memory-store.js";
import { datasetOfArrays, edited, labelsIn, splitOf } from "../datasets.js";

export const PIXELS = 784;
const SIDE = 28;

export interface FixtureVariant {
  readonly name: string;
  /** What its random numbers are drawn for, where that is not its name. */
  readonly draw?: string;
  readonly hidden: number;
  readonly description?: string;
  readonly seed?: number;
  /** Adds to the loss of every item; makes a variant better or worse. */
  readonly offset?: number;
  /** How much more than usual the loss of single items scatters. */
  readonly noise?: number;
  /** Says that the model has so many, whatever its layers add up to. */
  readonly parameters?: number;
  /** Spread of the classes in the latent plane. */
  readonly spread?: number;
  readonly epochs?: number;
  readonly charts?: readonly ChartRequest[];
  /** How it draws its codes, where that is not as usual. */
  readonly latent?: FixtureLatent;
  /** What it was trained for, where that is not the usual loss. */
  readonly loss?: JsonObject;
  /** The split on which early stopping chose its epoch. */
  readonly chosenOn?: string;
  /** What its evaluation said of the split `test`. */
  readonly caution?: string;
}

export interface FixtureLatent {
  readonly units: number;
  readonly noise: number;
  readonly scale: "exp" | "exp-half";
}

export interface Fixture {
  readonly input: ReportInput;
  readonly store: MemoryStore;
}

export const twoVariants: readonly FixtureVariant[] = [
  { name: "vae-64", hidden: 64, offset: 0, spread: 0.28 },
  { name: "vae-16", hidden: 16, offset: 7, spread: 0.4 },
];

export async function makeFixture(
  variants: readonly FixtureVariant[] = twoVariants,
  experiment: Partial<ReportInput["experiment"]> = {},
  sizes: { train: number; test: number; draw?: number; classes?: readonly string[] } = { train: 600, test: 400 },
): Promise<Fixture> {
  const store = new MemoryStore();
  const digits = makeDataset(sizes.train, sizes.test, sizes.draw);
  const dataset = sizes.classes === undefined ? digits : edited(digits, { classes: sizes.classes });
  const put = <K extends keyof ArtifactTypes>(kind: K, value: ArtifactTypes[K]): Digest =>
    storeArtifact(store, kind, value).digest;
  const datasetDigest = put("dataset", dataset);
  const made: ReportVariant[] = [];
  for (const variant of variants) {
    const artifacts = makeArtifacts(dataset, variant);
    const figures = await collectFigures(variant.charts ?? defaultCharts(), sourceOf(artifacts));
    made.push(
      withArtifacts(variantInput(variant), {
        dataset: datasetDigest,
        model: put("model", artifacts.model),
        weights: put("weights", artifacts.weights),
        history: put("history", artifacts.history),
        metrics: put("metrics", artifacts.metrics),
        predictions: put("predictions", artifacts.predictions),
        figures: put("figures", figures),
      }),
    );
  }
  return { store, input: reportInput(made, experiment) };
}

/** The variants of several experiments in one report. */
export function together(fixtures: readonly Fixture[], experiment: Partial<ReportInput["experiment"]> = {}): Fixture {
  const store = new MemoryStore();
  for (const { store: own } of fixtures) {
    for (const [digest, blob] of own.blobs) store.blobs.set(digest, blob);
    for (const [digest, manifest] of own.manifests) store.manifests.set(digest, manifest);
  }
  const variants = fixtures.flatMap(({ input }) => input.variants);
  return { store, input: reportInput(variants, experiment) };
}

export function reportInput(
  variants: readonly ReportVariant[],
  experiment: Partial<ReportInput["experiment"]> = {},
): ReportInput {
  return {
    experiment: {
      name: "hidden-width",
      question: "Does a wider hidden layer make a better autoencoder?",
      description: "Two variational autoencoders on seven-segment digits, with a latent space of two dimensions.",
      baseline: variants.at(-1)?.name ?? "",
      ...experiment,
    },
    variants,
    provenance: {
      versions: { pipe: "0.1.0", node: "20.20.2" },
      engine: { name: "wasm", version: "4.22.0" },
      git: { commit: "0123456789abcdef0123456789abcdef01234567", dirty: false },
      command: "pipe run pipelines/compare.yaml",
    },
  };
}

/** A variant whose stages made nothing. */
export function variantInput(variant: FixtureVariant): ReportVariant {
  const { name, hidden, description = "", seed = 1 } = variant;
  const settings: Readonly<Record<string, JsonObject>> = {
    build: { encoder: [{ dense: { units: hidden } }] },
    train: { epochs: variant.epochs ?? 20 },
  };
  const kinds = ["load", "flatten", "normalize", "build", "train", "evaluate", "visualize"];
  return {
    name,
    description,
    status: "done",
    seed,
    params: { hidden, latent: 2, epochs: variant.epochs ?? 20 },
    resolvedYaml: `name: ${name}\nseed: ${seed}\nparams:\n  hidden: ${hidden}\nstages:\n  build:\n    encoder:\n      - dense: { units: ${hidden} }\n  train:\n    epochs: ${variant.epochs ?? 20}\n`,
    stages: kinds.map((kind) => stageInput(kind, { settings: settings[kind] ?? {} })),
  };
}

/** A stage that was done, and took and made nothing. */
export function stageInput(kind: string, more: Partial<ReportStage> = {}): ReportStage {
  const nothing = { diagnostics: [], inputs: {}, outputs: [] };
  const measures = kind === "evaluate" || kind === "visualize";
  return {
    name: kind,
    kind,
    measures,
    settings: {},
    status: "done",
    fingerprint: "ab".repeat(32),
    ...nothing,
    ...more,
  };
}

/** The stage that makes each kind of artifact in `variantInput`. */
const MAKERS: Readonly<Record<string, string>> = {
  dataset: "normalize",
  model: "build",
  weights: "train",
  history: "train",
  metrics: "evaluate",
  predictions: "evaluate",
  figures: "visualize",
};

/** The variant with these artifacts, by kind, each made by its stage and taken by all stages below. */
export function withArtifacts(variant: ReportVariant, artifacts: Readonly<Record<string, Digest>>): ReportVariant {
  const above: Record<string, PortRef> = {};
  const stages = variant.stages.map((stage): ReportStage => {
    const inputs = { ...above };
    const outputs = Object.entries(artifacts)
      .filter(([kind]) => MAKERS[kind] === stage.name)
      .map(([kind, digest]) => ({ name: kind, kind, digest }));
    for (const { kind } of outputs) above[kind] = { stage: stage.name, port: kind };
    return { ...stage, inputs, outputs };
  });
  return { ...variant, stages };
}

/** The last artifact of each kind that a variant made. */
export function artifactsOf({ stages }: ReportVariant): Record<string, Digest> {
  return Object.fromEntries(stages.flatMap(({ outputs }) => outputs.map(({ kind, digest }) => [kind, digest])));
}

export interface Artifacts {
  readonly dataset: Dataset;
  readonly model: Model;
  readonly weights: ArtifactTypes["weights"];
  readonly history: History;
  readonly metrics: Metrics;
  readonly predictions: Predictions;
}

export function sourceOf(artifacts: Partial<Artifacts>): Omit<ChartSource, "shared"> {
  const { weights } = artifacts;
  return {
    artifacts,
    seed: 1,
    ...(weights && { decode: async (z: Float32Array, items: number) => decode(weights, z, items) }),
  };
}

export function makeArtifacts(dataset: Dataset, variant: FixtureVariant): Artifacts {
  const built = vaeModel(variant.hidden, variant.latent);
  const model = { ...built, parameters: variant.parameters ?? built.parameters };
  const made = makeWeights(variant.hidden);
  const weights = variant.loss ? { ...made, loss: variant.loss } : made;
  const predictions = makePredictions(dataset, weights, variant);
  return {
    dataset,
    model,
    weights,
    predictions,
    history: { ...makeHistory(variant), ...chosenOn(variant) },
    metrics: { ...makeMetrics(predictions, variant), ...cautioned(variant) },
  };
}

function chosenOn({ chosenOn: split }: FixtureVariant): Partial<History> {
  return split === undefined
    ? {}
    : { chosenBy: { split, metric: "loss", patience: 5, minDelta: 0, restoreBest: true } };
}

function cautioned({ caution }: FixtureVariant): Partial<Metrics> {
  return caution === undefined ? {} : { cautions: { test: [caution] } };
}

// ── Data ──────────────────────────────────────────────────────────────────────────────────────

const SEGMENTS = ["abcdef", "bc", "abged", "abgcd", "fgbc", "afgcd", "afgecd", "abc", "abcdefg", "abfgcd"];
const LINES: Readonly<Record<string, readonly [number, number, number, number]>> = {
  a: [8, 4, 19, 4],
  b: [19, 4, 19, 14],
  c: [19, 14, 19, 24],
  d: [8, 24, 19, 24],
  e: [8, 14, 8, 24],
  f: [8, 4, 8, 14],
  g: [8, 14, 19, 14],
};

/** A digit with soft edges, moved and slanted: values 0 … 255. */
function drawDigit(digit: number, dx: number, dy: number, slant: number): Uint8Array {
  const out = new Uint8Array(PIXELS);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const px = x - dx + slant * (y - 14);
      const py = y - dy;
      let nearest = 99;
      for (const segment of SEGMENTS[digit] as string) nearest = Math.min(nearest, distanceTo(LINES[segment]!, px, py));
      out[y * SIDE + x] = Math.round(255 * Math.min(1, Math.max(0, 2.4 - nearest)));
    }
  }
  return out;
}

function distanceTo([x0, y0, x1, y1]: readonly [number, number, number, number], x: number, y: number): number {
  const cx = Math.min(Math.max(x, Math.min(x0, x1)), Math.max(x0, x1));
  const cy = Math.min(Math.max(y, Math.min(y0, y1)), Math.max(y0, y1));
  return Math.hypot(x - cx, y - cy);
}

/** @param draw which of all possible digits: two numbers are two datasets of one size. */
export function makeDataset(train: number, test: number, draw = 1): Dataset {
  const split = (name: string, items: number) => {
    const x = new Uint8Array(items * PIXELS);
    const y = new Uint8Array(items);
    const shift = new RandomStream(draw, ["fixture", name]).normals(new Float32Array(items * 3));
    for (let i = 0; i < items; i++) {
      y[i] = (i * 7 + Math.floor(i / 10)) % 10;
      x.set(
        drawDigit(y[i] as number, 1.2 * shift[3 * i]!, 1.2 * shift[3 * i + 1]!, 0.12 * shift[3 * i + 2]!),
        i * PIXELS,
      );
    }
    return {
      x: tensorOf("uint8", [items, PIXELS], x, { scale: 1 / 255 }),
      y: tensorOf("uint8", [items], y),
    };
  };
  return datasetOfArrays({
    name: "digits",
    classes: Array.from({ length: 10 }, (_, c) => String(c)),
    splits: { train: split("train", train), test: split("test", test) },
    sources: [{ role: "train images", bytes: train * PIXELS + 16, md5: "0123456789abcdef0123456789abcdef" }],
    steps: [
      {
        kind: "load",
        shapes: { train: [train, SIDE, SIDE], test: [test, SIDE, SIDE] },
        dtype: "uint8",
        range: [0, 255],
      },
      {
        kind: "flatten",
        shapes: { train: [train, PIXELS], test: [test, PIXELS] },
        dtype: "uint8",
        range: [0, 255],
      },
      {
        kind: "normalize",
        shapes: { train: [train, PIXELS], test: [test, PIXELS] },
        dtype: "uint8",
        range: [0, 1],
      },
    ],
  });
}

// ── Models ────────────────────────────────────────────────────────────────────────────────────

export function dense(name: string, from: number, to: number, activation: string): LayerRecord {
  return {
    name,
    kind: "dense",
    params: { units: to, activation, useBias: true } as JsonObject,
    inputShape: [from],
    outputShape: [to],
    parameters: from * to + to,
  };
}

export function vaeModel(hidden: number, latent: FixtureLatent = { units: 2, noise: 0.1, scale: "exp" }): Model {
  const part = (name: string, layers: LayerRecord[]) => ({
    name,
    layers,
    inputShape: layers[0]!.inputShape,
    outputShape: layers.at(-1)!.outputShape,
    parameters: layers.reduce((sum, layer) => sum + layer.parameters, 0),
  });
  const parts = [
    part("encoder", [dense("encoder/dense", PIXELS, hidden, "relu")]),
    part("latent", [dense("latent/mean", hidden, 2, "linear"), dense("latent/scale", hidden, 2, "linear")]),
    part("decoder", [dense("decoder/dense", 2, hidden, "relu"), dense("decoder/dense_1", hidden, PIXELS, "sigmoid")]),
  ];
  return graphOfParts({
    family: "variational-autoencoder",
    parts,
    inputShape: [PIXELS],
    outputShape: [PIXELS],
    parameters: parts.reduce((sum, each) => sum + each.parameters, 0),
    latent,
  });
}

const CENTERS = Array.from({ length: 10 }, (_, c): [number, number] => {
  const angle = (2 * Math.PI * c) / 9;
  return c === 9 ? [0, 0] : [1.7 * Math.cos(angle), 1.7 * Math.sin(angle)];
});

/**
 * The hidden units are random half-planes; the output weights are fitted by gradient descent so that the decoder draws each
 * class's digit around the class's centre.
 */
export function makeWeights(hidden: number): ArtifactTypes["weights"] {
  const known = fitted.get(hidden) ?? fitWeights(hidden);
  fitted.set(hidden, known);
  return known;
}
const fitted = new Map<number, ArtifactTypes["weights"]>();

function fitWeights(hidden: number): ArtifactTypes["weights"] {
  const random = new RandomStream(2, ["decoder", hidden]);
  const draws = random.normals(new Float32Array(3 * hidden));
  const kernel = new Float32Array(2 * hidden);
  const bias = new Float32Array(hidden);
  for (let h = 0; h < hidden; h++) {
    kernel[h] = draws[3 * h] as number;
    kernel[hidden + h] = draws[3 * h + 1] as number;
    bias[h] = draws[3 * h + 2] as number;
  }
  const out = new Float32Array(hidden * PIXELS);
  const outBias = new Float32Array(PIXELS);
  const digits = CENTERS.map((_, c) => drawDigit(c, 0, 0, 0));
  const codes = CENTERS.map((center) => hiddenUnits(kernel, bias, hidden, center[0], center[1]));
  const rate = 1 / (1 + Math.max(...codes.map((code) => code.reduce((sum, v) => sum + v * v, 0))));
  for (let step = 0; step < 60; step++) {
    for (let c = 0; c < 10; c++) {
      const code = codes[c] as Float32Array;
      for (let p = 0; p < PIXELS; p++) {
        let value = outBias[p] as number;
        for (let h = 0; h < hidden; h++) value += (code[h] as number) * (out[h * PIXELS + p] as number);
        const error = ((digits[c] as Uint8Array)[p] as number) / 32 - 4 - value;
        for (let h = 0; h < hidden; h++) out[h * PIXELS + p]! += rate * error * (code[h] as number);
        outBias[p]! += rate * error;
      }
    }
  }
  const tensor = (name: string, shape: number[], data: Float32Array) => ({
    name,
    tensor: tensorOf("float32", shape, data),
  });
  return {
    epoch: 20,
    loss: { reconstruction: { "binary-crossentropy": {} }, kl: 1 },
    tensors: [
      tensor("decoder/dense/kernel", [2, hidden], kernel),
      tensor("decoder/dense/bias", [hidden], bias),
      tensor("decoder/dense_1/kernel", [hidden, PIXELS], out),
      tensor("decoder/dense_1/bias", [PIXELS], outBias),
    ],
  };
}

function hiddenUnits(kernel: Float32Array, bias: Float32Array, hidden: number, x: number, y: number): Float32Array {
  return Float32Array.from({ length: hidden }, (_, h) =>
    Math.max(0, x * (kernel[h] as number) + y * (kernel[hidden + h] as number) + (bias[h] as number)),
  );
}

/** The decoder as a plain forward pass: `[items, 2]` to `[items, 784]`. */
export function decode(weights: ArtifactTypes["weights"], z: Float32Array, items: number): Float32Array {
  const values = weights.tensors.map(({ tensor }) => new Float32Array(tensor.bytes.load().slice().buffer));
  const [kernel, bias, out, outBias] = values as [Float32Array, Float32Array, Float32Array, Float32Array];
  const hidden = bias.length;
  const pixels = new Float32Array(items * PIXELS);
  for (let i = 0; i < items; i++) {
    const code = hiddenUnits(kernel, bias, hidden, z[2 * i] as number, z[2 * i + 1] as number);
    for (let p = 0; p < PIXELS; p++) {
      let value = outBias[p] as number;
      for (let h = 0; h < hidden; h++) value += (code[h] as number) * (out[h * PIXELS + p] as number);
      pixels[i * PIXELS + p] = 1 / (1 + Math.exp(-value));
    }
  }
  return pixels;
}

// ── Results ───────────────────────────────────────────────────────────────────────────────────

function makePredictions(dataset: Dataset, weights: ArtifactTypes["weights"], variant: FixtureVariant): Predictions {
  const { x } = splitOf(dataset, "test");
  const labels = labelsIn(dataset, "test").bytes.load();
  const items = labels.length;
  const latent = new RandomStream(3, ["latent"]).normals(new Float32Array(items * 2));
  for (let i = 0; i < items; i++) {
    const [cx, cy] = CENTERS[labels[i] as number] as [number, number];
    latent[2 * i] = cx + (variant.spread ?? 0.3) * (latent[2 * i] as number);
    latent[2 * i + 1] = cy + (variant.spread ?? 0.3) * (latent[2 * i + 1] as number);
  }
  const answers = decode(weights, latent, items);
  const noise = new RandomStream(4, ["noise", variant.draw ?? variant.name]).normals(new Float32Array(items));
  const reconstruction = new Float32Array(items);
  const kl = new Float32Array(items);
  const pixels = x.bytes.load();
  for (let i = 0; i < items; i++) {
    let sum = variant.offset ?? 0;
    for (let p = 0; p < PIXELS; p++) {
      const t = (pixels[i * PIXELS + p] as number) / 255;
      const q = Math.min(1 - 1e-6, Math.max(1e-6, answers[i * PIXELS + p] as number));
      sum -= t * Math.log(q) + (1 - t) * Math.log(1 - q);
    }
    reconstruction[i] = sum + (variant.noise ?? 1) * (noise[i] as number);
    kl[i] = 0.5 * ((latent[2 * i] as number) ** 2 + (latent[2 * i + 1] as number) ** 2) + 3;
  }
  const loss = reconstruction.map((value, i) => value + (kl[i] as number));
  return {
    split: "test",
    items,
    latent: tensorOf("float32", [items, 2], latent),
    latentScale: tensorOf("float32", [items, 2], new Float32Array(items * 2).fill(0.1)),
    reconstruction: tensorOf(
      "uint8",
      [items, PIXELS],
      Uint8Array.from(answers, (v) => Math.round(v * 255)),
      { scale: 1 / 255 },
    ),
    itemLoss: {
      loss: tensorOf("float32", [items], loss),
      reconstruction: tensorOf("float32", [items], reconstruction),
      kl: tensorOf("float32", [items], kl),
    },
  };
}

function mean(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function makeMetrics(predictions: Predictions, variant: FixtureVariant): Metrics {
  const values = (shift: number) =>
    Object.fromEntries(
      Object.entries(predictions.itemLoss).map(([name, tensor]) => [
        name,
        mean(new Float32Array(tensor.bytes.load().slice().buffer)) - (name === "kl" ? 0 : shift),
      ]),
    );
  return {
    splits: { train: values(2 + variant.hidden / 64), test: values(0) },
    about: {
      loss: { label: "Loss", unit: "nats/example", better: "lower" },
      reconstruction: { label: "Reconstruction", unit: "nats/example", better: "lower" },
      kl: { label: "KL divergence", unit: "nats/example", better: "neither" },
    },
  };
}

export function makeHistory({ hidden, offset = 0, epochs = 20 }: FixtureVariant): History {
  const curve = (end: number, drop: number) =>
    Array.from(
      { length: epochs },
      (_, epoch) => end + drop * Math.exp(-epoch / 3) + 0.3 * Math.sin(epoch * 2.1 + hidden),
    );
  const parts = (shift: number) => {
    const reconstruction = curve(140 + offset + shift, 60);
    const kl = curve(5, -3);
    return { loss: reconstruction.map((value, i) => value + (kl[i] as number)), reconstruction, kl };
  };
  const splits = { train: parts(-2), test: parts(0) };
  const best = splits.test.loss.indexOf(Math.min(...splits.test.loss)) + 1;
  return {
    epochs,
    splits,
    learningRate: new Array(epochs).fill(0.001),
    bestEpoch: best,
    engine: { name: "wasm", version: "4.22.0" },
    batchSize: 32,
    stepsPerEpoch: 19,
  };
}
