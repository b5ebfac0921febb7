import { beforeAll, describe, expect, it } from "vitest";
import type { Json } from "../../src/base/json.js";
import type { Block, Section } from "../../src/report/block.js";
import { reasons } from "../../src/report/overview/reasons.js";
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

async function answer({ input, store }: Fixture): Promise<string> {
  const { sections } = await drawParts(input, store);
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
    expect(first).toMatch(/ and takes 4 times the multiply-adds an item \(/);
  });

  it("begins with what was chosen on the items that decide", async () => {
    const stopped = { ...wide, chosenOn: "test" };
    expect(await answer(await makeFixture([stopped, narrow]))).toMatch(
      /^vae-64 has chosen its epoch on the test items themselves \(early stopping\), so its test loss is better than new data would show\. vae-64 is better/,
    );
    const both = await answer(await makeFixture([stopped, { ...narrow, chosenOn: "test" }]));
    expect(both).toMatch(/^vae-64 and vae-16 have chosen their epoch on the test items/);
    expect(await answer(await makeFixture([stopped]))).toMatch(/^vae-64 has chosen its epoch on the test items/);
    expect(await answer(await makeFixture([{ ...wide, chosenOn: "validation" }, narrow]))).toMatch(/^vae-64 is better/);
  });

  it("repeats what an evaluation warned of", async () => {
    const caution = "The split test has values from 0 to 1.3.";
    const text = await answer(await makeFixture([wide, narrow].map((one) => ({ ...one, caution }))));
    expect(text).toContain(`vae-64 and vae-16: ${caution}`);
  });

  it("says how long training took where times were measured, and has none of them otherwise", async () => {
    const { input, store } = await makeFixture();
    expect(JSON.stringify((await drawParts(input, store)).sections)).not.toContain("Training time");
    const timed = input.variants.map((variant, i) => ({
      ...variant,
      stages: variant.stages.map((stage) =>
        stage.name === "train" ? { ...stage, timing: { status: "ran", durationMs: 30_000 - 10_000 * i } } : stage,
      ),
    }));
    const measured = { store, input: { ...input, variants: timed } };
    expect(await answer(measured)).toContain("trains 1.50 times as long (30 s against 20 s)");
    const { sections } = await drawParts(measured.input, store);
    const cost = sections.find(({ id }) => id === "cost")?.blocks[0];
    const { columns, rows } = cost?.type === "table" ? cost.table : { columns: [], rows: [] };
    const at = (label: string) => columns.findIndex((column) => column.label === label);
    expect(rows.map((row) => [row[at("Training time")], row[at("Seconds per epoch")]])).toEqual([
      [30, 1.5],
      [20, 1],
    ]);
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
    const { input, store } = await makeFixture([narrow]);
    const twin = { ...input.variants[0]!, name: "twin" };
    const same = await answer({ store, input: { ...input, variants: [input.variants[0]!, twin] } });
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

  it("holds the leader against the next, and names those behind that scatter too much to be told from it", async () => {
    const text = await answer(
      await makeFixture([
        { ...narrow, name: "lead", offset: 0 },
        { ...narrow, name: "second", offset: 2 },
        { ...narrow, name: "noisy", offset: 2, noise: 80 },
      ]),
    );
    expect(text).toMatch(/^lead is the best of 3 variants, second comes next: test loss/);
    expect(text).toContain("That lead is better than noisy too is not sure");
  });

  it("recommends the smallest of equals, and every one of those", async () => {
    const tied = (hiddens: readonly number[]) =>
      makeFixture(
        hiddens.map((hidden, i) => ({ ...narrow, name: `v${i}`, hidden: 16, offset: 0, parameters: hidden })),
      );
    const nothing = "; nothing measured here speaks for one of them.";
    expect(await answer(await tied([500, 500, 50_000]))).toContain(`take either of v0 and v1${nothing}`);
    // One per cent more is not more.
    expect(await answer(await tied([500, 505]))).toContain(`take either of v0 and v1${nothing}`);
    expect(await answer(await tied([500, 600]))).toContain(
      "take v0, the smallest of those that do not differ significantly",
    );
    expect(await answer(await tied([5, 5, 5, 5, 5, 5]))).toMatch(/take any of v\d, v\d, v\d and 3 others; nothing/);
  });

  it("counts the measures of the latent space that favour either, and those that are level", async () => {
    const latent = (neighbors: number, silhouette: number, index: number) => ({
      clusters: { items: 1000, neighborsCorrect: neighbors, probeCorrect: 500, silhouette, daviesBouldin: index },
      variant: { look: { name: neighbors > 500 ? "near" : "far" }, artifacts: {} },
      train: null,
      parameters: null,
      multiplyAdds: null,
    });
    const between = (one: object, other: object) =>
      reasons({ metric: "loss", split: "test", info: {} } as never, one as never, other as never);
    expect(between(latent(600, -0.0261, 2), latent(500, -0.0262, 2))).toMatchObject({
      inFavour: [
        expect.stringContaining("better separated in the latent space: of 4 measures 1 favours near and 3 are level"),
      ],
    });
    expect(between(latent(600, 0.1, 3), latent(500, 0.2, 2))).toMatchObject({
      inFavour: [],
      against: [],
      level: [expect.stringContaining("of 4 measures 1 favours near, 2 favour far and 1 is level")],
    });
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
    const { input, store } = await makeFixture([narrow]);
    const failed = { ...variantInput({ name: "gone", hidden: 3 }), status: "failed" as const };
    const text = await answer({ store, input: reportInput([...input.variants, failed]) });
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

  it("stands on no common axis", async () => {
    const charts = [{ kind: "item-errors", options: { bins: 40 }, named: true }];
    const mixed = together([await makeFixture([{ ...wide, charts }]), await makeClassifiers()], { baseline: "vae-64" });
    const { page, sections } = await drawParts(mixed.input, mixed.store);
    expect(new Set(page.datasets["item-errors-distribution"]?.variant)).toEqual(new Set(["vae-64"]));
    expect(JSON.stringify(sections.find(({ id }) => id === "item-errors"))).toContain(
      "Not drawn, measured by another loss, another form of it or on other data: wide and narrow.",
    );
  });

  it("has no difference to the baseline, and no test of pairs", async () => {
    const tables = async (fixture: Fixture) => {
      const { sections } = await drawParts(fixture.input, fixture.store);
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
  it("warns of more than one factor between those that the verdict compares", async () => {
    const text = await answer(await makeFixture([wide, { ...narrow, epochs: 5, seed: 2 }]));
    expect(text).toContain("3 factors differ between vae-64 and vae-16: hidden, epochs and seed.");
    expect(await answer(await makeFixture([wide, narrow]))).not.toContain("factors differ");
    const far = { ...narrow, name: "far", offset: 90, epochs: 5, seed: 2 };
    expect(await answer(await makeFixture([wide, narrow, far], { baseline: "vae-16" }))).not.toContain(
      "factors differ",
    );
  });

  it("counts other layers, and another kind of anything, as one", async () => {
    const { input, store } = await makeFixture([wide, narrow]);
    const layers = [
      [{ conv2d: { filters: 8 } }, { pool: {} }, { conv2d: { filters: 9 } }, { flatten: {} }, { dense: { units: 10 } }],
      [{ flatten: {} }, { dense: { units: 10 } }],
    ];
    const optimizers = [{ adam: { learningRate: 0.003 } }, { sgd: { learningRate: 0.1, momentum: 0.9 } }];
    const variants = input.variants.map((variant, i) => ({
      ...variant,
      params: {},
      stages: variant.stages.map((stage) => {
        const settings = {
          build: { layers: layers[i] as Json },
          train: { optimizer: optimizers[i] as Json },
          evaluate: { splits: [String(i)] },
        }[stage.name];
        return { ...stage, settings: settings ?? {} };
      }),
    }));
    const { sections } = await drawParts({ ...input, variants }, store);
    const blocks = sections.find(({ id }) => id === "answer")?.blocks ?? [];
    const table = blocks.find((block) => block.type === "table" && block.id === "differences");
    expect(table?.type === "table" && table.table.rows).toEqual([
      ["build.layers", "conv2d (filters 8), pool, conv2d (filters 9)", "–"],
      ["train.optimizer", "adam (learningRate 0.003)", "sgd (learningRate 0.1, momentum 0.9)"],
    ]);
  });

  it("is shown as it was written", async () => {
    const { input, store } = await makeFixture([wide, narrow]);
    const variants = input.variants.map((variant, i) => ({ ...variant, params: { rate: 0.003 + i } }));
    const { sections } = await drawParts({ ...input, variants }, store);
    const [table] = sections.find(({ id }) => id === "metrics")?.blocks ?? [];
    expect(table?.type === "table" && table.table.rows[0]?.[1]).toEqual({ value: 0.003, text: "0.003" });
  });
});

describe("autoencoders of other noise", () => {
  const latent = (noise: number, scale: "exp" | "exp-half" = "exp") => ({ units: 2, noise, scale });
  const sizes = { train: 60, test: 60 };

  it("are not ranked by their losses, which are other quantities", async () => {
    const fixture = await makeFixture(
      [
        { name: "still", hidden: 4, latent: latent(0.1) },
        { name: "noisy", hidden: 4, offset: -60, latent: latent(1) },
        { name: "halved", hidden: 4, offset: -30, latent: latent(0.1, "exp-half") },
      ],
      { baseline: "still" },
      sizes,
    );
    const text = await answer(fixture);
    expect(text).not.toMatch(/noisy is|halved is/);
    expect(text).toMatch(/^still has test loss/);
    expect(text).toContain(
      "Not compared: noisy and halved, measured by a loss with another form of the KL divergence, as noise or scale differ.",
    );
    const { sections } = await drawParts(fixture.input, fixture.store);
    const said = sections.flatMap(({ blocks }) => words(blocks)).join("\n");
    expect(said).toContain("still: The KL divergence is −½ Σ (1 + s − m² − exp(s))");
    expect(said).toContain("their curves cannot be held against each other");
    expect(said).toContain(
      "Not drawn, with another form of the KL divergence or measured otherwise: noisy and halved.",
    );
    expect(said).toContain(
      "Not drawn, measured by another loss, another form of it or on other data: noisy and halved.",
    );
  });

  it("are ranked where the divergence has no weight, and where the noise is the same", async () => {
    const loss = { reconstruction: { "binary-crossentropy": {} }, kl: 0 };
    for (const [a, b, weight] of [
      [0.1, 1, loss],
      [0.5, 0.5, undefined],
    ] as const) {
      const of = (name: string, offset: number, noise: number) => ({
        name,
        hidden: 4,
        offset,
        latent: latent(noise),
        ...(weight && { loss: weight }),
      });
      const fixture = await makeFixture([of("one", 0, a), of("two", 40, b)], { baseline: "two" }, sizes);
      expect(await answer(fixture)).toMatch(/^one is better than two/);
    }
  });
});
