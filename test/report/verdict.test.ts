import { beforeAll, describe, expect, it } from "vitest";
import type { Block, Section } from "../../src/report/block.js";
import { drawParts } from "../../src/report/parts.js";
import { makeClassifiers, twoClassifiers } from "./classifiers.js";
import {
  type Fixture,
  type FixtureVariant,
  makeFixture,
  reportInput,
  together,
  twoVariants,
  variantInput,
} from "./fixture.js";

const bare = { charts: [] };
const wide: FixtureVariant = { ...twoVariants[0]!, ...bare };
const narrow: FixtureVariant = { ...twoVariants[1]!, ...bare };

async function answer({ input, shelf }: Fixture): Promise<string> {
  const { sections } = await drawParts(input, shelf);
  return words((sections.find(({ id }) => id === "answer") as Section).blocks).join("\n");
}

function words(blocks: readonly Block[]): string[] {
  return blocks.flatMap((block) => {
    if (block.type === "text") return [block.text];
    if (block.type === "list") return [...block.items];
    if (block.type === "notice") return [`${block.title ?? ""} ${block.text}`];
    return block.type === "group" ? words(block.blocks) : [];
  });
}

describe("the verdict", () => {
  let first: string;
  beforeAll(async () => {
    first = await answer(await makeFixture(twoVariants));
  });

  it("says who is better, by how much, and how sure that is", () => {
    expect(first).toMatch(
      /^vae-64 is better than vae-16: test loss [\d.]+ nats\/example against [\d.]+, [\d.]+ lower \(95 % interval [\d.]+ to [\d.]+, paired over the same 400 test items\)\./,
    );
    expect(first).toContain("Each variant was trained once, with seed 1.");
    expect(first).toContain("Recommendation: take vae-64.");
  });

  it("weighs clusters, reconstructions and cost", () => {
    expect(first).toContain("The classes are better separated in the latent space: all 4 measures agree");
    expect(first).toMatch(/Reconstruction on the test data is [\d.]+ lower/);
    expect(first).toContain(
      "Against it: it has 3.91 times the parameters (101 652 against 26 004)"
        .replaceAll(" 652", "\u202f652")
        .replaceAll(" 004", "\u202f004"),
    );
  });

  it("follows when the variants are swapped, in order and in quality", async () => {
    const order = await answer(await makeFixture([...twoVariants].reverse()));
    expect(order).toContain("vae-64 is better than vae-16");
    const quality = await answer(
      await makeFixture([
        { ...wide, offset: 7 },
        { ...narrow, offset: -60 },
      ]),
    );
    expect(quality).toContain("vae-16 is better than vae-64");
    expect(quality).toContain("Recommendation: take vae-16.");
    expect(quality).toContain("fewer parameters");
    expect(quality).not.toContain("Against it");
  });

  it("calls equal what is equal", async () => {
    const { input, shelf } = await makeFixture([narrow]);
    const twin = { ...input.variants[0]!, name: "twin" };
    const same = await answer({ shelf, input: { ...input, variants: [input.variants[0]!, twin] } });
    expect(same).toMatch(/^vae-16 and twin are equal: test loss [\d.]+ nats\/example for both\./);
    expect(same).toContain("Recommendation: take either of vae-16 and twin");
    expect(same).toContain("Nothing differs.");
    expect(same).not.toMatch(/better than/);
  });

  it("does not tell apart what noise can explain, and then prefers the smaller", async () => {
    const text = await answer(
      await makeFixture([
        { ...narrow, offset: 0 },
        { ...narrow, name: "other", offset: 0.001 },
      ]),
    );
    expect(text).toMatch(
      /are not distinguishable: test loss [\d.]+ nats\/example against [\d.]+, [\d.·⁻¹²³⁴]+ (lower|higher) \(95 % interval −/,
    );
  });

  it("speaks of many variants, their runner-up and their baseline", async () => {
    const variants = [60, 20, 0, 40].map((offset, i) => ({ ...narrow, name: `v${i}`, hidden: 8 + 4 * i, offset }));
    const text = await answer(await makeFixture(variants, { baseline: "v0" }));
    expect(text).toContain("v2 is the best of 4 variants, v1 comes next");
    expect(text).toContain("The baseline v0 has");
  });

  it("says what is missing", async () => {
    expect(await answer(await makeFixture([narrow]))).toContain(
      "With one variant there is nothing to compare it with.",
    );
    const { input, shelf } = await makeFixture([narrow]);
    const failed = { ...variantInput({ name: "gone", hidden: 3 }), status: "failed" as const, artifacts: {} };
    const text = await answer({ shelf, input: reportInput([...input.variants, failed]) });
    expect(text).toContain("gone has no result to compare it with.");
  });

  it("judges classifiers by accuracy, in points", async () => {
    expect(await answer(await makeClassifiers())).toMatch(
      /^wide is better than narrow: test accuracy [\d.]+.% against [\d.]+.%, [\d.]+ points higher \(95 % interval [\d.]+ to [\d.]+ points/,
    );
    const reversed = twoClassifiers.map((each) => ({ ...each, margin: each.name === "wide" ? 1 : 4 }));
    expect(await answer(await makeClassifiers(reversed))).toContain("narrow is better than wide");
  });
});

describe("what cannot be compared", () => {
  it("is another loss", async () => {
    const fixture = together([await makeFixture([wide]), await makeClassifiers()], { baseline: "vae-64" });
    const [first] = (await answer(fixture)).split("\n");
    expect(first).toMatch(/^vae-64 has test loss [\d.]+ nats\/example/);
    expect(first).toContain("Not compared: wide and narrow, measured by another loss.");
    expect(first).not.toContain("better");
    const beta = { ...narrow, name: "beta-4", loss: { reconstruction: { "binary-crossentropy": {} }, kl: 4 } };
    const text = await answer(await makeFixture([wide, narrow, beta]));
    expect(text).toContain("Not compared: vae-64 and vae-16, measured by another loss.");
  });

  it("is other data, whatever its size", async () => {
    const elsewhere = await makeFixture([{ ...wide, name: "elsewhere" }], {}, { train: 600, test: 400, draw: 2 });
    const text = await answer(together([await makeFixture([wide, narrow]), elsewhere], { baseline: "vae-16" }));
    expect(text).toMatch(/^vae-64 is better than vae-16/);
    expect(text).toContain("Not compared: elsewhere, measured on other test data.");
  });

  it("has no difference to the baseline, and no test of pairs", async () => {
    const tables = async (fixture: Fixture) => {
      const { sections } = await drawParts(fixture.input, fixture.shelf);
      return new Set(JSON.stringify(sections).match(/"id":"[^"]+"/g));
    };
    const [first, second] = await Promise.all(
      [1, 2].map((draw) => makeClassifiers([twoClassifiers[draw - 1]!], 400, draw)),
    );
    const other = await tables(together([first!, second!]));
    expect(other).toContain('"id":"confusion-accuracy"');
    const same = await tables(await makeClassifiers());
    for (const id of ["confusion-mcnemar", "item-errors-paired", "mistakes-disagreements"]) {
      expect(same).toContain(`"id":"${id}"`);
      expect(other).not.toContain(`"id":"${id}"`);
    }
  });
});

describe("what differs", () => {
  it("warns of more than one factor", async () => {
    const text = await answer(await makeFixture([wide, { ...narrow, epochs: 5, seed: 2 }]));
    expect(text).toContain("3 factors differ between the variants: hidden, epochs and seed.");
    expect(await answer(await makeFixture([wide, narrow]))).not.toContain("factors differ");
  });
});
