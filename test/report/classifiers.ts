/** Two classifiers of seven-segment digits that were never trained: probabilities are drawn around the truth. */
import { graphOfParts } from "../../src/artifact/codecs/model-1.js";
import { storeArtifact } from "../../src/artifact/io.js";
import { tensorOf } from "../../src/artifact/tensor.js";
import type { ArtifactTypes, Dataset, History, Metrics, Model, Predictions } from "../../src/artifact/types.js";
import { RandomStream } from "../../src/base/random.js";
import { type ChartRequest, collectFigures, defaultCharts } from "../../src/report/collect.js";
import type { ReportVariant } from "../../src/report/types.js";
import { MemoryStore } from "../artifact/memory-store.js";
import { edited, labelsIn } from "../datasets.js";
import {
  dense,
  type Fixture,
  makeDataset,
  makeHistory,
  PIXELS,
  reportInput,
  variantInput,
  withArtifacts,
} from "./fixture.js";

export interface ClassifierVariant {
  readonly name: string;
  /** What its random numbers are drawn for, where that is not its name. */
  readonly draw?: string;
  readonly hidden: number;
  /** How far the true class stands out: 3 is right most of the time. */
  readonly margin: number;
}

export const twoClassifiers: readonly ClassifierVariant[] = [
  { name: "wide", hidden: 64, margin: 4 },
  { name: "narrow", hidden: 16, margin: 2.5 },
];

export async function makeClassifiers(
  variants = twoClassifiers,
  test = 400,
  draw = 1,
  classes: readonly string[] | null = null,
  charts: readonly ChartRequest[] = defaultCharts(),
): Promise<Fixture> {
  const store = new MemoryStore();
  const digits = makeDataset(200, test, draw);
  const dataset = classes === null ? digits : edited(digits, { classes });
  const made: ReportVariant[] = [];
  for (const variant of variants) {
    const model = classifier(variant.hidden);
    const predictions = predict(dataset, variant);
    const history = curves(variant);
    const artifacts = { dataset, model, history, predictions, metrics: measure(dataset, predictions) };
    const figures = await collectFigures(charts, { artifacts, seed: 1 });
    const digests = Object.entries({ ...artifacts, figures }).map(([kind, value]) => [
      kind,
      storeArtifact(store, kind as keyof ArtifactTypes, value as never).digest,
    ]);
    made.push(withArtifacts(variantInput(variant), Object.fromEntries(digests)));
  }
  return { store, input: reportInput(made, { question: "Which classifier is right more often?" }) };
}

function curves(variant: ClassifierVariant): History {
  const history = makeHistory(variant);
  const of = (values: readonly (number | null)[] | undefined) => ({
    loss: (values ?? []).map((value) => (value as number) / 100),
    accuracy: (values ?? []).map((value) => 1 - (value as number) / 250),
  });
  return { ...history, splits: { train: of(history.splits.train?.loss), test: of(history.splits.test?.loss) } };
}

function classifier(hidden: number): Model {
  const layers = [dense("model/dense", PIXELS, hidden, "relu"), dense("model/dense_1", hidden, 10, "softmax")];
  const parameters = layers.reduce((sum, layer) => sum + layer.parameters, 0);
  const part = { name: "model", layers, inputShape: [PIXELS], outputShape: [10], parameters };
  return graphOfParts({
    family: "sequential",
    parts: [part],
    inputShape: [PIXELS],
    outputShape: [10],
    parameters,
  });
}

function predict(dataset: Dataset, { name, draw = name, margin }: ClassifierVariant): Predictions {
  const labels = labelsIn(dataset, "test").bytes.load();
  const items = labels.length;
  const scores = new RandomStream(5, ["scores", draw]).normals(new Float32Array(items * 10));
  const probabilities = new Float32Array(items * 10);
  const loss = new Float32Array(items);
  for (let i = 0; i < items; i++) {
    const own = Array.from({ length: 10 }, (_, c) =>
      Math.exp(1.3 * scores[i * 10 + c]! + (c === labels[i] ? margin : 0)),
    );
    const total = own.reduce((a, b) => a + b, 0);
    for (let c = 0; c < 10; c++) probabilities[i * 10 + c] = own[c]! / total;
    loss[i] = -Math.log(probabilities[i * 10 + labels[i]!]!);
  }
  return {
    split: "test",
    items,
    probabilities: tensorOf("float32", [items, 10], probabilities),
    itemLoss: { loss: tensorOf("float32", [items], loss) },
  };
}

function measure(dataset: Dataset, predictions: Predictions): Metrics {
  const labels = labelsIn(dataset, "test").bytes.load();
  const probabilities = new Float32Array(predictions.probabilities!.bytes.load().slice().buffer);
  let right = 0;
  labels.forEach((label, i) => {
    const own = probabilities.subarray(i * 10, i * 10 + 10);
    if (own.indexOf(Math.max(...own)) === label) right++;
  });
  const losses = new Float32Array(predictions.itemLoss.loss!.bytes.load().slice().buffer);
  const loss = losses.reduce((a, b) => a + b, 0) / losses.length;
  return {
    splits: {
      train: { loss: loss - 0.05, accuracy: Math.min(1, right / labels.length + 0.01) },
      test: { loss, accuracy: right / labels.length },
    },
    about: {
      loss: { label: "Loss", unit: "nats/example", better: "lower" },
      accuracy: { label: "Accuracy", unit: "", better: "higher" },
    },
  };
}
