import { describe, expect, it } from "vitest";
import { idx } from "./fake-disk.js";
import { type Files, loadOne, paramsOf } from "./support.js";

const files: Files = {
  "x.idx": idx([4, 2, 2]),
  "two.idx": idx([4], (i) => i % 2),
  "several.idx": idx([4, 3], (i) => i % 2),
};

interface Case {
  /** Parameters of the stage load. */
  readonly load?: string;
  readonly normalize?: string;
  readonly build: string;
  /** As one would write it. */
  readonly loss: string;
}

const own = (labels: string, more = "") => `dataset: own, train: { images: x.idx, labels: ${labels} }${more}`;
const dense = (units: number, activation: string) => `dense: { units: ${units}, activation: ${activation} }`;
const sequential = (units: number, activation: string) =>
  `{ family: sequential, layers: [flatten, { ${dense(units, activation)} }] }`;
const autoencoder = (activation: string) =>
  `{ family: autoencoder, encoder: [flatten, { ${dense(2, "relu")} }], decoder: [{ ${dense(784, activation)} }, reshape: { targetShape: [28, 28] }] }`;
const graph = (digit: string) => `{ inputs: { pixels: image },
    layers: [{ flatten: {}, from: pixels, name: flat }, { ${dense(10, "softmax")}, from: flat, name: a }, { ${dense(784, "sigmoid")}, from: flat, name: b }, { reshape: { targetShape: [28, 28] }, from: b, name: c }],
    outputs: { digit: { node: a, target: label${digit} }, again: { node: c, target: image } } }`;

const cases: Readonly<Record<string, Case>> = {
  "classes of several": { build: sequential(10, "softmax"), loss: "categorical-crossentropy" },
  "two classes of one output": {
    load: own("two.idx"),
    build: sequential(1, "sigmoid"),
    loss: "binary-crossentropy",
  },
  "two classes of two outputs": {
    load: own("two.idx"),
    build: sequential(2, "softmax"),
    loss: "categorical-crossentropy",
  },
  "several labels": { load: own("several.idx"), build: sequential(3, "sigmoid"), loss: "binary-crossentropy" },
  numbers: {
    load: own("two.idx", ", meaning: { label: number }"),
    build: sequential(1, "linear"),
    loss: "mean-squared-error",
  },
  "a reconstruction between 0 and 1": { build: autoencoder("sigmoid"), loss: "binary-crossentropy" },
  "a reconstruction without a bound": { build: autoencoder("linear"), loss: "mean-squared-error" },
  "a reconstruction of any numbers": {
    normalize: "{ method: standard }",
    build: autoencoder("linear"),
    loss: "mean-squared-error",
  },
  "a code that is drawn": {
    build: `{ family: variational-autoencoder, encoder: [flatten, { ${dense(4, "relu")} }], latent: { units: 2 }, decoder: [{ ${dense(784, "sigmoid")} }, reshape: { targetShape: [28, 28] }] }`,
    loss: "{ reconstruction: binary-crossentropy, kl: 1 }",
  },
  "several outputs": {
    build: graph(""),
    loss: "{ digit: categorical-crossentropy, again: binary-crossentropy }",
  },
  "an output with a loss of its own": {
    build: graph(", loss: { categorical-crossentropy: { labelSmoothing: 0.1 } }"),
    loss: "{ digit: { categorical-crossentropy: { labelSmoothing: 0.1 } }, again: binary-crossentropy }",
  },
};

describe("a training that names no loss", () => {
  it.each(Object.entries(cases))("has the usual one, as if it were written: %s", (_, one) => {
    const { load = "dataset: mnist", normalize = "{}", build, loss } = one;
    const pipeline = (train: string) =>
      loadOne(
        `name: a\nstages:\n  load: { ${load} }\n  normalize: ${normalize}\n  build: ${build}\n  train: { ${train}epochs: 1, validation: false }\n`,
        files,
      );
    const [without, written] = [pipeline(""), pipeline(`loss: ${loss}, `)];
    expect(paramsOf(written, "train")?.loss).toBeDefined();
    expect(paramsOf(without, "train")).toEqual(paramsOf(written, "train"));
  });

  it("is told which activation the loss takes that follows", () => {
    const text = `name: a\nstages:\n  load: { dataset: mnist }\n  normalize: {}\n  build: ${sequential(10, "relu")}\n  train: { epochs: 1 }\n`;
    expect(() => loadOne(text)).toThrow(/`categorical-crossentropy` takes probabilities.*the loss follows from/s);
  });
});
