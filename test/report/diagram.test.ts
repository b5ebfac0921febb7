import { describe, expect, it } from "vitest";
import type { LayerRecord } from "../../src/artifact/codecs/model-1.js";
import { graphOfParts } from "../../src/artifact/codecs/model-1.js";
import type { Model } from "../../src/artifact/types.js";
import type { Block } from "../../src/report/block.js";
import { alignModels, haveCommonLayer } from "../../src/report/draw/align.js";
import { drawDiagram } from "../../src/report/draw/diagram.js";
import { multiplyAdds } from "../../src/report/math/cost.js";
import { drawParts } from "../../src/report/parts.js";
import { dense, makeFixture, twoVariants, vaeModel } from "./fixture.js";
import { residualNetwork, transformer, twoByTwo } from "./graph-models.js";

function layer(kind: string, inputShape: number[], outputShape: number[]): LayerRecord {
  return { name: `model/${kind}`, kind, params: {}, inputShape, outputShape, parameters: 0 };
}

function sequential(layers: LayerRecord[]): Model {
  const part = { name: "model", layers, inputShape: [28, 28, 1], outputShape: [10], parameters: 0 };
  return graphOfParts({
    family: "sequential",
    parts: [part],
    inputShape: [28, 28, 1],
    outputShape: [10],
    parameters: 0,
  });
}

const convolutional = sequential([
  layer("conv2d", [28, 28, 1], [26, 26, 8]),
  layer("max_pooling2d", [26, 26, 8], [13, 13, 8]),
  layer("flatten", [13, 13, 8], [1352]),
  dense("model/dense", 1352, 10, "softmax"),
]);
const plain = sequential([layer("flatten", [28, 28, 1], [784]), dense("model/dense", 784, 10, "softmax")]);

describe("diagrams side by side", () => {
  it("are of models that have more than their input in common", () => {
    expect(haveCommonLayer(plain, convolutional)).toBe(true);
    expect(haveCommonLayer(plain, vaeModel(8))).toBe(false);
  });

  it("connect the layers of a model as the model does", () => {
    const alignment = alignModels([convolutional, plain]);
    // Five boxes in a chain have four arrows, three have two: nothing bypasses the convolution.
    expect(alignment.edges.map((edges) => edges.length)).toEqual([4, 2]);
    const arrows = (which: number) =>
      drawDiagram(alignment, which, "it").svg.match(/fill="none" stroke="var\(--muted\)"/g);
    expect(arrows(0)).toHaveLength(4);
    expect(arrows(1)).toHaveLength(2);
  });

  it("mark a layer that one alone has, on either side", () => {
    const alone = (models: Model[], which: number) =>
      alignModels(models).boxes[which]?.flatMap(({ title, change }) => (change === "only here" ? [title] : []));
    expect(alone([convolutional, plain], 0)).toEqual(["conv2d", "max_pooling2d"]);
    expect(alone([plain, convolutional], 1)).toEqual(["conv2d", "max_pooling2d"]);
    expect(alignModels([plain, convolutional, convolutional]).boxes[1]?.[1]?.change).toBe("added");
    expect(alignModels([vaeModel(8)]).boxes[0]?.every(({ change }) => change === null)).toBe(true);
  });

  it("are held against the baseline, and leave out the worst", async () => {
    const texts = async (names: readonly string[], baseline: string) => {
      const variants = names.map((name, i) => ({ ...twoVariants[1]!, name, hidden: 8 + i, offset: 10 - i }));
      const architecture = [{ kind: "architecture", options: {}, named: true }];
      const charted = variants.map((variant) => ({ ...variant, charts: architecture }));
      const { input, store } = await makeFixture(charted, { baseline });
      const { sections } = await drawParts(input, store);
      return sections.find(({ id }) => id === "architecture")?.blocks as readonly Block[];
    };
    const blocks = await texts(["a", "b", "c", "d", "e", "f"], "c");
    const [text, diagrams] = blocks;
    expect(text?.type === "text" && text.text).toContain("differs from that of the baseline, the box is marked");
    const drawn = diagrams?.type === "group" ? diagrams.blocks : [];
    expect(drawn.map((block) => block.type === "svg" && block.title)).toEqual(["c", "d", "e", "f"]);
    expect(drawn.map((block) => block.type === "svg" && block.svg.includes("was "))).toEqual([false, true, true, true]);
  });
});

describe("diagrams of graphs", () => {
  const titles = (model: Model) => alignModels([model]).boxes[0]?.map(({ title }) => title);
  const framesOf = (model: Model) => alignModels([model]).frames[0]?.map(({ id, times }) => [id, times]);

  it("draw blocks that follow each other with equal contents once, with how often they come", () => {
    expect(titles(residualNetwork(3))).toEqual([
      "input",
      "stem: conv2d",
      "conv2d relu",
      "conv2d",
      "add",
      "activation relu",
      "pool",
      "dense softmax",
    ]);
    expect(framesOf(residualNetwork(3))).toEqual([["/residual", "×3"]]);
    expect(framesOf(residualNetwork(1))).toEqual([["/residual", ""]]);
    expect(framesOf(transformer(12))).toEqual([
      ["/encoder_block", "×12"],
      ["/encoder_block/feed_forward", ""],
    ]);
    expect(titles(transformer(12))).toEqual(titles(transformer(2)));
    expect(alignModels([residualNetwork(3), residualNetwork(5)]).frames[1]?.[0]?.change).toBe("was ×3");
  });

  it("draw every one of them where something takes what one in between gives, or where one is otherwise", () => {
    const model = residualNetwork(3);
    const nodes = model.nodes.map((node) =>
      node.name === "pool" ? { ...node, from: ["residual_1/activation"] } : node,
    );
    expect(framesOf({ ...model, nodes })?.map(([, times]) => times)).toEqual(["×2", ""]);
    const named = { name: "middle", node: "residual/activation", shape: [28, 28, 16] };
    expect(framesOf({ ...model, outputs: [...model.outputs, named] })?.map(([, times]) => times)).toEqual(["", "×2"]);
    const inside = model.nodes.map((node) => (node.name === "pool" ? { ...node, from: ["residual/conv2d"] } : node));
    expect(framesOf({ ...model, nodes: inside })).toHaveLength(2);
    const other = model.nodes.map((node) =>
      node.name === "residual_1/conv2d" ? { ...node, params: { activation: "tanh" } } : node,
    );
    expect(framesOf({ ...model, nodes: other })).toHaveLength(3);
  });

  it("collect four equal layers and more, and say when blocks share their weights", () => {
    const chain = (count: number): Model => {
      const names = Array.from({ length: count }, (_, i) => `model/dense${i === 0 ? "" : `_${i}`}`);
      const nodes = names.map((name, i) => ({
        ...{ name, kind: "dense", params: {}, from: [i === 0 ? "x" : (names[i - 1] as string)], shape: [8] },
        ...{ parameters: 72, trainable: true },
      }));
      const output = { name: "output", node: names.at(-1) as string, target: "y", shape: [8] };
      return { inputs: [{ name: "x", column: null, shape: [8] }], nodes, outputs: [output], groups: [], parameters: 1 };
    };
    expect(titles(chain(4))).toEqual(["input", "dense ×4"]);
    expect(titles(chain(3))).toEqual(["input", "dense", "dense", "dense"]);
    const model = residualNetwork(3);
    const nodes = model.nodes.map((node) => {
      const first = node.name.replace(/^residual_\d/, "residual");
      return first === node.name ? node : { ...node, parameters: 0, sharedWith: first };
    });
    expect(framesOf({ ...model, nodes })).toEqual([["/residual", "×3, shared"]]);
  });

  it("name inputs and outputs where there are several, and say what is shared and what is frozen", () => {
    const [boxes] = alignModels([twoByTwo()]).boxes;
    const texts = boxes?.map(({ title, detail }) => `${title} | ${detail}`);
    expect(texts).toEqual([
      "input picture | ",
      "input measurements | ",
      "left_tower: conv2d | relu, 80 parameters",
      "pooled_over_the_whole_of_the_picture | global_average_pooling2d",
      "table_features: dense | relu, 112 parameters, frozen",
      "shared: dense | relu, 144 parameters",
      "shared_again: dense | relu, weights of shared",
      "both: concatenate | ",
      "kind: dense | softmax, 99 parameters",
      "price: dense | 33 parameters",
      "output kind | sparse-categorical-crossentropy",
      "output price | mean-squared-error, weight 0.5",
    ]);
  });

  it("lead arrows past the boxes between", () => {
    const { svg } = drawDiagram(alignModels([residualNetwork(1)]), 0, "it");
    const boxes = [...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="204" height="([\d.]+)"/g)];
    const areas = boxes.map(([, x, y, height]) => ({
      left: Number(x),
      top: Number(y),
      bottom: Number(y) + Number(height),
    }));
    const upright = [...svg.matchAll(/ ([\d.]+),([\d.]+)C\1,[\d.]+ \1,[\d.]+ \1,([\d.]+)/g)];
    expect(upright.length).toBeGreaterThan(0);
    for (const [, x, from, to] of upright) {
      const hit = areas.filter(({ left, top, bottom }) => {
        return Number(x) > left && Number(x) < left + 204 && Number(from) < bottom && Number(to) > top;
      });
      expect(hit).toEqual([]);
    }
  });

  it("count the work of a layer that computes with another's weights", () => {
    const model = twoByTwo();
    // The convolution, the frozen layer, 8 × 16 twice, and the two that end.
    expect(multiplyAdds(model)).toBe(26 * 26 * 72 + 13 * 8 + 2 * 8 * 16 + 32 * 3 + 32);
  });
});
