import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nodeDisk } from "../../src/base/disk.js";
import { catalogueNames, cataloguePath, findInCatalogue } from "../../src/data/catalogue.js";
import { inspectIdx, inspectPack, parseIdx } from "../../src/data/idx.js";
import { fakeDisk, idx } from "../spec/fake-disk.js";

describe("parseIdx", () => {
  it("reads shape and bytes, raw and packed", () => {
    const file = idx([2, 2, 3], (i) => i * 7);
    for (const bytes of [file, gzipSync(file)]) {
      const array = parseIdx(bytes);
      if (!array.ok) throw new Error(array.error.message);
      expect(array.value.shape).toEqual([2, 2, 3]);
      expect([...array.value.data]).toEqual(Array.from({ length: 12 }, (_, i) => i * 7));
    }
  });

  it("reads a view that does not begin at its buffer's start", () => {
    const file = idx([3]);
    const padded = new Uint8Array(file.length + 5);
    padded.set(file, 5);
    expect(parseIdx(padded.subarray(5))).toMatchObject({ ok: true, value: { shape: [3] } });
  });

  const whole = idx([3, 2, 2]);
  it.each([
    ["idx-magic", new Uint8Array(0)],
    ["idx-magic", new TextEncoder().encode("no idx file at all")],
    ["idx-magic", Uint8Array.of(0, 0, 8, 0)],
    ["idx-magic", Uint8Array.of(0, 0, 8, 200, 0, 0, 0, 1)],
    ["idx-type", Uint8Array.of(0, 0, 13, 1, 0, 0, 0, 1, 0, 0, 0, 0)],
    ["idx-truncated", whole.subarray(0, whole.length - 1)],
    ["idx-truncated", whole.subarray(0, 9)],
    ["idx-too-long", Uint8Array.of(...whole, 0)],
    ["idx-gzip", gzipSync(whole).subarray(0, 20)],
  ])("complains with %s", (code, bytes) => {
    const array = parseIdx(bytes);
    expect(array).toMatchObject({ ok: false, error: { code } });
    // Looking at the header alone comes to the same conclusion.
    const seen = inspectIdx(fakeDisk({ "/f": bytes }), "/f");
    expect(seen).toMatchObject({ ok: false, error: { code } });
  });

  it("unpacks no more than the header says", () => {
    const bomb = gzipSync(Buffer.concat([whole, new Uint8Array(1 << 24)]));
    const array = parseIdx(bomb);
    expect(array).toMatchObject({ ok: false, error: { code: "idx-too-long", received: "more bytes" } });
  });

  it("finds damage in the middle of a packed file by reading all of it", () => {
    const noise = createHash("shake256", { outputLength: 36_000 }).digest();
    const packed = gzipSync(idx([40, 30, 30], (i) => noise[i] as number));
    const middle = packed.length >> 1;
    packed[middle] = (packed[middle] as number) ^ 255;
    const disk = fakeDisk({ "/damaged": packed, "/whole": gzipSync(whole), "/raw": whole });
    expect(inspectIdx(disk, "/damaged").ok).toBe(true);
    expect(inspectPack(disk, "/damaged")).toMatchObject({ ok: false, error: { code: "idx-gzip" } });
    for (const path of ["/whole", "/raw"]) expect(inspectPack(disk, path).ok).toBe(true);
  });

  it("refuses packed data that is more than can be held, before it unpacks it", () => {
    const header = idx([1]).slice(0, 8);
    new DataView(header.buffer).setUint32(4, 3_000_000_000);
    const packed = gzipSync(header);
    expect(parseIdx(packed)).toMatchObject({ ok: false, error: { code: "idx-too-large" } });
    expect(inspectIdx(fakeDisk({ "/f": packed }), "/f")).toMatchObject({ ok: false, error: { code: "idx-too-large" } });
    expect(parseIdx(packed.subarray(0, 20), 3_000_000_000)).toMatchObject({
      ok: false,
      error: { code: "idx-too-large" },
    });
  });

  it("never throws, whatever the bytes, and both ways of looking agree", () => {
    const start = fc.constantFrom(
      Uint8Array.of(),
      Uint8Array.of(0, 0, 8, 1),
      Uint8Array.of(0, 0, 8, 2),
      Uint8Array.of(31, 139, 8),
    );
    const bytes = fc.tuple(start, fc.uint8Array({ maxLength: 40 })).map(([a, b]) => Uint8Array.of(...a, ...b));
    fc.assert(
      fc.property(bytes, (file) => {
        const array = parseIdx(file);
        const seen = inspectIdx(fakeDisk({ "/f": file }), "/f");
        expect(seen.ok).toBe(array.ok);
        if (array.ok && seen.ok) expect(seen.value).toEqual(array.value.shape);
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});

describe("the catalogue", () => {
  it.each(catalogueNames())("has the files of %s, with the shapes that it says", (name) => {
    const entry = findInCatalogue(name);
    if (!entry) throw new Error("not there");
    for (const { images, labels, shape } of Object.values(entry.splits)) {
      expect(inspectIdx(nodeDisk, cataloguePath(entry, images))).toEqual({ ok: true, value: shape });
      expect(inspectIdx(nodeDisk, cataloguePath(entry, labels))).toEqual({ ok: true, value: shape.slice(0, 1) });
    }
  });
});
