import { describe, expect, it } from "vitest";
import { didYouMean, oneOf, orList, suggest, withArticle } from "../../src/base/suggest.js";

describe("suggest", () => {
  it.each([
    ["lerningRate", ["learningRate", "beta1"], ["learningRate"]],
    ["MaxPooling2D", ["max_pooling2d", "max_pooling1d"], ["max_pooling2d", "max_pooling1d"]],
    ["bce", ["binary-crossentropy", "huber"], []],
    ["dec", ["decoder", "encoder"], ["decoder"]],
    ["", ["a", "bb", "ccc"], ["a"]],
    ["x".repeat(10_000), ["x"], []],
  ])("finds what %s may mean", (word, candidates, expected) => {
    expect(suggest(word, candidates)).toEqual(expected);
  });

  it("names three at most, the nearest first, then by the alphabet", () => {
    expect(suggest("conv3d", ["conv1d", "conv2d", "conv4d", "conv3", "dense"])).toEqual(["conv1d", "conv2d", "conv3"]);
  });
});

it("makes sentences", () => {
  expect(didYouMean("trian", ["train", "load"])).toBe("Did you mean train?");
  expect(didYouMean("zzzz", ["train", "load"])).toBeUndefined();
  expect([orList([]), orList(["a"]), orList(["a", "b"]), orList(["a", "b", "c"])]).toEqual([
    "",
    "a",
    "a or b",
    "a, b or c",
  ]);
  expect([oneOf(["a"]), oneOf(["a", "b"])]).toEqual(["a", "one of a, b"]);
  expect([withArticle("layer"), withArticle("optimizer"), withArticle("weights"), withArticle("loss")]).toEqual([
    "a layer",
    "an optimizer",
    "weights",
    "a loss",
  ]);
});
