import { expect, it } from "vitest";
import { compareSettings } from "../../src/cli/actions/settings.js";

const file = (letter: string) => ({ file: letter.repeat(64) });

it.each([
  ["a number", { train: { batchSize: 64 } }, { train: { batchSize: 128 } }, [["train.batchSize", 64, 128]]],
  [
    "what one side alone has",
    { a: 1 },
    { b: { c: null } },
    [
      ["a", 1, null],
      ["b", null, { c: null }],
    ],
  ],
  ["a layer that was put in", { l: ["a", "b", "c"] }, { l: ["a", "x", "b", "c"] }, [["l[1]", null, "x"]]],
  ["a layer that was taken away", { l: ["a", "b", "c"] }, { l: ["b", "c"] }, [["l[0]", "a", null]]],
  ["a layer's width", { l: [{ d: { u: 1 } }, "f"] }, { l: [{ d: { u: 2 } }, "f"] }, [["l[0].d.u", 1, 2]]],
  [
    "a layer changed and one put in",
    { l: ["a", "b"] },
    { l: ["c", "d", "b"] },
    [
      ["l[0]", "a", "c"],
      ["l[1]", null, "d"],
    ],
  ],
  ["repeated layers", { l: ["a", "a"] }, { l: ["a", "a", "a"] }, [["l[2]", null, "a"]]],
  [
    "a kind for another",
    { o: { adam: { r: 1 } } },
    { o: { sgd: {} } },
    [
      ["o.adam", { r: 1 }, null],
      ["o.sgd", null, {}],
    ],
  ],
  ["the content of a file", { f: file("a") }, { f: file("b") }, [["f", file("a"), file("b")]]],
  ["a list for a text", { s: "x" }, { s: ["x"] }, [["s", "x", ["x"]]]],
  ["names of every object", { toString: 1 }, {}, [["toString", 1, null]]],
  ["nothing", { a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, []],
])("tells %s", (_, a, b, expected) => {
  expect(compareSettings(a, b).map((found) => [found.name, found.a, found.b])).toEqual(expected);
});
