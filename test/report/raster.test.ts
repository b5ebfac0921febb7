import { decode } from "fast-png";
import { beforeAll, describe, expect, it } from "vitest";
import type { Diagnostic } from "../../src/base/diagnostic.js";
import { exportReport } from "../../src/report/index.js";
import { type Rasterizer, rasterizer } from "../../src/report/raster.js";
import { makeClassifiers } from "./classifiers.js";
import { makeFixture, twoVariants } from "./fixture.js";

let raster: Rasterizer;
beforeAll(async () => {
  const made = await rasterizer();
  if (!made.ok) throw new Error(made.error[0]?.message);
  raster = made.value;
});

const drawing = (text: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20"><text x="4" y="15" font-family="system-ui, sans-serif" font-size="12">${text}</text></svg>`;

/** Dark pixels. */
const ink = (svg: string) => [...decode(raster.draw(svg)).data].filter((value) => value < 128).length;

describe("the font of pictures", () => {
  it("has the scripts that it is said to have", () => {
    expect(raster.lacking(drawing("Ärger Łódź Việt ελληνικά Українська עברית 12 345−²×…"))).toEqual([]);
  });

  it("lacks others, which are never taken from the machine", () => {
    expect(raster.lacking(drawing("a 中文 б عربي 😀"))).toEqual(["中", "文", "ع", "ر", "ب", "ي", "😀"]);
    // One empty box like the other: no font of the machine has drawn them.
    expect(ink(drawing("中"))).toBe(ink(drawing("文")));
    expect(ink(drawing("中"))).toBe(ink(drawing("한")));
    expect(ink(drawing("a"))).not.toBe(ink(drawing("b")));
  });

  it("takes joiners, spaces and entities for no letters", () => {
    expect(raster.lacking(drawing("a&lt;b\u2060\u200d\u202fc&#x4e2d;"))).toEqual([]);
    expect(raster.lacking(`<svg><title>中</title><path d="M0,0"/></svg>`)).toEqual([]);
  });
});

describe("an export of pictures", () => {
  async function warnings(fixture: Awaited<ReturnType<typeof makeFixture>>): Promise<Diagnostic[]> {
    const said: Diagnostic[] = [];
    const result = await exportReport(fixture.input, fixture.store, "png", (warning) => said.push(warning));
    expect(result.ok).toBe(true);
    return said;
  }

  it("lacks no sign that the report itself writes", async () => {
    expect(await warnings(await makeFixture(twoVariants, {}, { train: 60, test: 40 }))).toEqual([]);
    expect(await warnings(await makeClassifiers())).toEqual([]);
  });

  it("names the letters that are missing", async () => {
    const fixture = await makeClassifiers([{ name: "网络", hidden: 4, margin: 3 }], 60);
    expect(await warnings(fixture)).toEqual([
      {
        code: "missing-letters",
        severity: "warning",
        message: expect.stringMatching(/^\d+ pictures have empty boxes for letters that their font lacks$/),
        received: "网 络",
        expected: "Latin, Greek, Cyrillic and Hebrew letters",
        fix: expect.stringContaining("--format svg"),
      },
    ]);
  });
});
