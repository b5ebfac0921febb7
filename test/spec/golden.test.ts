import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { nodeDisk } from "../../src/base/disk.js";
import { formatDiagnostic } from "../../src/base/format.js";
import { loadExperiment } from "../../src/spec/load.js";
import { fakeDisk, idx } from "./fake-disk.js";

/**
 * Every bad input beside all that is said about it: golden/<case>.yaml and golden/<case>.txt. Comment lines that begin with
 * `# --set` are the command line's. `npx vitest run test/spec -u` writes the expected texts anew; read them then.
 */
const folder = join(import.meta.dirname, "golden");

const images = idx([3, 2, 2]);
const dataFiles = {
  images,
  "images-3x3": idx([3, 3, 3]),
  labels: idx([3], (i) => i),
  "labels-4": idx([4], (i) => i),
  magic: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  floats: Uint8Array.of(0, 0, 13, 1, 0, 0, 0, 0),
  cut: images.slice(0, -1),
  "packed-cut": gzipSync(idx([3])).subarray(0, 15),
  long: Uint8Array.of(...images, 0),
  empty: idx([0, 2, 2]),
};
const virtual = Object.fromEntries(
  Object.entries(dataFiles).map(([name, bytes]) => [join(folder, "idx", name), bytes]),
);
const disk = fakeDisk(virtual, nodeDisk);

function complaintsAbout(file: string): string {
  const sets = [...readFileSync(join(folder, file), "utf8").matchAll(/^# (--set .*)$/gm)]
    .flatMap(([, line]) => (line as string).split(" "))
    .filter((word) => word !== "--set");
  const loaded = loadExperiment([file], { cwd: folder, sets, disk });
  const list = loaded.ok ? loaded.value.warnings : loaded.error;
  return `${list.map((diagnostic) => formatDiagnostic(diagnostic)).join("\n\n")}\n`;
}

describe("complaints", () => {
  const cases = readdirSync(folder).filter((name) => name.endsWith(".yaml"));

  it.each(cases)("about %s are as expected", async (file) => {
    await expect(complaintsAbout(file)).toMatchFileSnapshot(join(folder, file.replace(/\.yaml$/, ".txt")));
  });

  it("have no expected text without its input", () => {
    const texts = readdirSync(folder).filter((name) => name.endsWith(".txt"));
    expect(texts.filter((name) => !cases.includes(name.replace(/\.txt$/, ".yaml")))).toEqual([]);
  });
});
