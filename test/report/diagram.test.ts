import { describe, expect, it } from "vitest";
import { graphOfParts } from "../../src/artifact/codecs/model-1.js";
import type { LayerRecord } from "../../src/artifact/parts.js";
import type { Model } from "../../src/artifact/types.js";
import type { Block } from "../../src/report/block.js";
import { alignModels } from "../../src/report/draw/align.js";
import { drawDiagram } from "../../src/report/draw/diagram.js";
import { drawParts } from "../../src/report/parts.js";
import { dense, makeFixture, twoVariants, vaeModel } from "./fixture.js";

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
  it("connect the layers of a model as the model does", () => {
    const alignment = alignModels([convolutional, plain]);
    // Five boxes in a chain have four arrows, three have two: nothing bypasses the convolution.
    expect(alignment.edges.map((edges) => edges.length)).toEqual([4, 2]);
    const arrows = (which: number) => drawDiagram(alignment, which, "it").match(/fill="none" stroke="var\(--muted\)"/g);
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
