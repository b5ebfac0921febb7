import { decode } from "fast-png";
import { describe, expect, it } from "vitest";
import { graphOfParts } from "../../src/artifact/codecs/model-1.js";
import { tensorOf } from "../../src/artifact/tensor.js";
import type { Dataset } from "../../src/artifact/types.js";
import { collectFigures } from "../../src/report/collect.js";
import { errorSheet, noPicture, pictureFormat, sheetOf } from "../../src/report/draw/pictures.js";
import { readSprite, spriteOf } from "../../src/report/image.js";
import { datasetOfArrays, splitOf } from "../datasets.js";
import { dense } from "./fixture.js";

/** Items of a shape, flattened or not, value k of item i being i + k. */
function dataset(shape: readonly number[], flattened = false, items = 4): Dataset {
  const size = shape.reduce((a, b) => a * b, 1);
  const bytes = Uint8Array.from({ length: items * size }, (_, k) => (k % size) + Math.floor(k / size));
  const x = tensorOf("uint8", [items, ...(flattened ? [size] : shape)], bytes);
  const step = (kind: string, item: readonly number[]) => ({
    kind,
    shapes: { train: [items, ...item] },
    dtype: "uint8",
    range: [0, 255] as const,
  });
  return datasetOfArrays({
    name: "items",
    classes: null,
    splits: { train: { x, y: null } },
    sources: [],
    steps: [step("load", shape), ...(flattened ? [step("flatten", [size])] : [])],
  });
}

describe("what is a picture", () => {
  it.each([
    [[28, 28], { width: 28, height: 28, channels: 1 }],
    [[28, 28, 1], { width: 28, height: 28, channels: 1 }],
    [[24, 32, 3], { width: 32, height: 24, channels: 3 }],
    [[32, 24], { width: 24, height: 32, channels: 1 }],
    [[32, 32, 3], { width: 32, height: 32, channels: 3 }],
  ])("is one of %j, flattened too", (shape, expected) => {
    for (const flattened of [false, true]) {
      expect(pictureFormat(dataset(shape, flattened))).toEqual({ ...expected, low: 0, high: 255 });
    }
  });

  // 2304 = 48², 16 = 4²: the length of a row says nothing.
  it.each([[[16]], [[2304]], [[784]], [[]], [[1, 1]], [[1, 100]], [[8, 8, 2]], [[8, 8, 5]], [[4, 8, 8, 3]]])(
    "is none of %j, and why",
    (shape) => {
      expect(pictureFormat(dataset(shape))).toBeNull();
      expect(noPicture(dataset(shape))).toMatch(/^items of .+ are no pictures: those are height × width/);
    },
  );

  it("is what was flattened, not what happens to be as long", () => {
    expect(pictureFormat(dataset([4, 9], true))).toMatchObject({ height: 4, width: 9 });
    expect(pictureFormat(dataset([36], true))).toBeNull();
  });

  it("is drawn smaller where it is large", () => {
    const format = pictureFormat(dataset([130, 100, 3]));
    expect(format).toMatchObject({ width: 34, height: 44, shrink: 3, full: { width: 100, height: 130 } });
  });
});

describe("drawings", () => {
  it("keep every pixel of every channel where it is", () => {
    const format = { width: 3, height: 2, channels: 3 as const, low: 0, high: 255 };
    const values = Float32Array.from({ length: 2 * 18 }, (_, k) => 7 * k);
    const sheet = decode(sheetOf(values, format, 2, 256));
    expect([sheet.width, sheet.height, sheet.channels]).toEqual([6, 2, 3]);
    const at = (item: number, y: number, x: number) =>
      [0, 1, 2].map((c) => sheet.data[(y * 6 + item * 3 + x) * 3 + c] as number);
    expect(at(0, 0, 0)).toEqual([0, 7, 14]);
    expect(at(0, 1, 2)).toEqual([105, 112, 119]);
    expect(at(1, 1, 0)).toEqual([189, 196, 203]);
  });

  it("can be read back", () => {
    for (const channels of [1, 3] as const) {
      const pixels = Uint8Array.from({ length: 5 * 2 * 3 * channels }, (_, k) => k);
      const tiles = { width: 3, height: 2, channels, count: 5 };
      expect(readSprite(spriteOf({ ...tiles, pixels }, 2), tiles).pixels).toEqual(pixels);
    }
  });

  it("shrink by means, at the edges too", () => {
    const format = {
      width: 2,
      height: 1,
      channels: 1 as const,
      shrink: 2,
      full: { width: 3, height: 2 },
      low: 0,
      high: 255,
    };
    const values = Float32Array.of(10, 20, 100, 30, 40, 50);
    expect([...decode(sheetOf(values, format, 1, 256)).data]).toEqual([25, 75]);
  });

  it("have the mean of a pixel's channels for its error", () => {
    const format = { width: 1, height: 1, channels: 3 as const, low: 0, high: 1 };
    const black = [...decode(errorSheet(Float32Array.of(1, 0, 1), Float32Array.of(1, 0, 1), format, 1)).data];
    const whole = [...decode(errorSheet(Float32Array.of(1, 0, 1), Float32Array.of(0, 1, 0), format, 1)).data];
    expect([black, whole]).toEqual([
      [0, 0, 4],
      [252, 255, 164],
    ]);
  });
});

describe("charts of items", () => {
  const KINDS = ["reconstructions", "data-card", "generated", "decoder-grid", "latent-scatter", "mistakes"];
  const options = { items: 4, samples: 2, size: 3, spacing: "linear", range: [-1, 1] };

  async function figures(shape: readonly number[]) {
    const data = dataset(shape, true);
    const { x } = splitOf(data, "train");
    const size = x.shape[1] as number;
    const part = (name: string, from: number, to: number) => ({
      name,
      layers: [dense(`${name}/dense`, from, to, "linear")],
      inputShape: [from],
      outputShape: [to],
      parameters: 0,
    });
    const latent = tensorOf("float32", [4, 2], Float32Array.of(0, 1, 1, 0, 0, 0, 1, 1));
    const predictions = { split: "train", items: 4, latent, reconstruction: x, itemLoss: {} };
    const model = graphOfParts({
      family: "autoencoder",
      parts: [part("encoder", size, 2), part("decoder", 2, size)],
      inputShape: [size],
      outputShape: [size],
      parameters: 0,
    });
    const decode = async (_: Float32Array, items: number) => new Float32Array(items * size).fill(128);
    return collectFigures(
      KINDS.map((kind) => ({ kind, options: kind === "latent-scatter" ? { points: 100 } : options, named: true })),
      { artifacts: { dataset: data, predictions, model }, seed: 1, decode },
    );
  }

  it("draw colour, and what is no square", async () => {
    const { charts } = await figures([4, 6, 3]);
    const of = (id: string) => charts.find((each) => each.id === id);
    const size = (id: string, name: string) => {
      const png = decode(of(id)?.images[name] as Uint8Array);
      return [png.width, png.height, png.channels];
    };
    expect(size("generated", "generated")).toEqual([9 * 6, 4, 3]);
    expect(size("decoder-grid", "grid")).toEqual([3 * 6, 3 * 4, 3]);
    expect(size("data-card", "samples")).toEqual([2 * 6, 4, 3]);
    expect(size("latent-scatter", "items")).toEqual([50 * 6, 4, 3]);
    expect(of("reconstructions")?.data).toMatchObject({ picture: { width: 6, height: 4, channels: 3 } });
  });

  it("draw no row of numbers, and say why", async () => {
    const { charts } = await figures([16]);
    const why = expect.stringMatching(/^items of 16 values in a row are no pictures/);
    for (const id of ["reconstructions", "generated", "decoder-grid"]) {
      expect(charts.find((each) => each.id === id)?.data).toEqual({ absent: why });
    }
    expect(charts.find(({ id }) => id === "data-card")).toMatchObject({
      data: { samples: null, undrawn: why },
      images: {},
    });
    expect(charts.find(({ id }) => id === "latent-scatter")).toMatchObject({ data: { picture: null }, images: {} });
  });
});
