import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nodeDisk } from "../../src/base/disk.js";
import { numbersOf } from "../../src/base/dtype.js";
import { catalogueNames, cataloguePath, findInCatalogue } from "../../src/data/catalogue.js";
import { inspectIdx, inspectPack, parseIdx } from "../../src/data/idx.js";
import { idxRange } from "../../src/data/idx-range.js";
import { IdxStream } from "../../src/data/idx-stream.js";
import { fakeDisk, idx } from "../spec/fake-disk.js";

describe("parseIdx", () => {
  it("reads shape and bytes, raw and packed", () => {
    const file = idx([2, 2, 3], (i) => i * 7);
    for (const bytes of [file, gzipSync(file)]) {
      const array = parseIdx(bytes);
      if (!array.ok) throw new Error(array.error.message);
      expect(array.value.header).toMatchObject({ shape: [2, 2, 3], dtype: "uint8", itemBytes: 6 });
      expect([...array.value.data]).toEqual(Array.from({ length: 12 }, (_, i) => i * 7));
    }
  });

  it("reads a view that does not begin at its buffer's start", () => {
    const file = idx([3]);
    const padded = new Uint8Array(file.length + 5);
    padded.set(file, 5);
    expect(parseIdx(padded.subarray(5))).toMatchObject({ ok: true, value: { header: { shape: [3] } } });
  });

  const whole = idx([3, 2, 2]);
  it.each([
    ["idx-magic", new Uint8Array(0)],
    ["idx-magic", new TextEncoder().encode("no idx file at all")],
    ["idx-magic", Uint8Array.of(0, 0, 8, 0)],
    ["idx-magic", Uint8Array.of(0, 0, 8, 200, 0, 0, 0, 1)],
    ["idx-magic", Uint8Array.of(0, 0, 10, 1, 0, 0, 0, 1, 0)],
    ["idx-truncated", Uint8Array.of(0, 0, 13, 1, 0, 0, 0, 1, 0, 0, 0)],
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

  it("leaves packed data that is more than an array can hold to loading, which needs none", () => {
    const header = idx([1]).slice(0, 8);
    new DataView(header.buffer).setUint32(4, 3_000_000_000);
    const packed = gzipSync(header);
    expect(parseIdx(packed)).toMatchObject({ ok: false, error: { code: "idx-too-large", fix: "Unpack the file." } });
    const disk = fakeDisk({ "/f": packed });
    expect(inspectIdx(disk, "/f")).toMatchObject({ ok: true, value: { shape: [3_000_000_000] } });
    expect(inspectPack(disk, "/f")).toEqual({ ok: true, value: null });
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
        if (array.ok && seen.ok) expect(seen.value).toEqual(array.value.header);
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});

/** Its chunks and what it says at the end, given a file in pieces of some bytes. */
async function streamed(file: Uint8Array, pieceBytes: number, options: { items?: number } = {}) {
  const chunks: { bytes: Uint8Array; items: number }[] = [];
  const stream = new IdxStream({
    ...(options.items === undefined ? {} : { items: options.items }),
    itemsPerChunk: (itemBytes) => (itemBytes > 1000 ? 1 : 2),
    chunk: (bytes, items) => chunks.push({ bytes, items }),
  });
  for (let from = 0; from < file.length; from += pieceBytes) await stream.push(file.slice(from, from + pieceBytes));
  return { chunks, end: await stream.end() };
}

describe("IdxStream", () => {
  const file = idx([5, 3], (i) => i * 7);

  it("gives whole items in chunks, however the file is cut, raw and packed", async () => {
    for (const bytes of [
      file,
      gzipSync(file),
      Buffer.concat([gzipSync(file.subarray(0, 9)), gzipSync(file.subarray(9))]),
    ]) {
      for (const pieceBytes of [1, 4, 11, 1000]) {
        const { chunks, end } = await streamed(bytes, pieceBytes);
        expect(end).toMatchObject({ ok: true, value: { shape: [5, 3], dtype: "uint8" } });
        expect(chunks.map(({ items }) => items)).toEqual([2, 2, 1]);
        expect(Buffer.concat(chunks.map((chunk) => chunk.bytes))).toEqual(Buffer.from(file.subarray(12)));
      }
    }
  });

  it("gives as many items as are wanted, and checks the rest", async () => {
    const { chunks, end } = await streamed(file, 5, { items: 3 });
    expect(chunks.map(({ items }) => items)).toEqual([2, 1]);
    expect(end.ok).toBe(true);
    expect((await streamed(file.subarray(0, -1), 5, { items: 3 })).end).toMatchObject({
      error: { code: "idx-truncated" },
    });
  });

  it.each([
    [9, "int8", (view: DataView) => [view.setInt8(8, -5), view.setInt8(9, 127)], 1, [-5, 127]],
    [11, "int16", (view: DataView) => [view.setInt16(8, -300), view.setInt16(10, 4000)], 2, [-300, 4000]],
    [
      12,
      "int32",
      (view: DataView) => [view.setInt32(8, -70_000), view.setInt32(12, 2 ** 31 - 1)],
      4,
      [-70_000, 2 ** 31 - 1],
    ],
    [13, "float32", (view: DataView) => [view.setFloat32(8, -0.5), view.setFloat32(12, 3.25)], 4, [-0.5, 3.25]],
    [
      14,
      "float64",
      (view: DataView) => [view.setFloat64(8, Math.PI), view.setFloat64(16, -1e300)],
      8,
      [Math.PI, -1e300],
    ],
  ] as const)("reads type %i, big-endian, as %s", async (type, dtype, set, each, values) => {
    const bytes = new Uint8Array(8 + 2 * each);
    bytes.set([0, 0, type, 1, 0, 0, 0, 2]);
    set(new DataView(bytes.buffer));
    const { chunks, end } = await streamed(bytes, 7);
    expect(end).toMatchObject({ ok: true, value: { dtype, itemBytes: each } });
    expect([...numbersOf(dtype, (chunks[0] as { bytes: Uint8Array }).bytes)]).toEqual(values);
    expect(idxRange(fakeDisk({ "/f": bytes, "/g": gzipSync(bytes) }), "/g")).toEqual({
      ok: true,
      value: { low: Math.min(...values), high: Math.max(...values), whole: each < 4 || type === 12 },
    });
  });

  it("never throws, whatever the bytes, and comes to the same end as reading at once", async () => {
    const start = fc.constantFrom(
      Uint8Array.of(),
      Uint8Array.of(0, 0, 8, 1),
      Uint8Array.of(0, 0, 11, 2),
      Uint8Array.of(31, 139, 8),
    );
    const bytes = fc.tuple(start, fc.uint8Array({ maxLength: 40 })).map(([a, b]) => Uint8Array.of(...a, ...b));
    await fc.assert(
      fc.asyncProperty(bytes, fc.integer({ min: 1, max: 50 }), fc.boolean(), async (some, pieceBytes, packed) => {
        const whole = packed ? gzipSync(some) : some;
        const [once, { end }] = [parseIdx(whole), await streamed(whole, pieceBytes)];
        expect(end.ok).toBe(once.ok);
        if (end.ok || once.ok) return;
        // What cannot be unpacked at once can be gone through, and then is found to be cut short.
        if (once.error.code !== "idx-too-large") expect(end.error.code).toBe(once.error.code);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it("stops unpacking where there is more than the header says", async () => {
    const bomb = gzipSync(Buffer.concat([file, new Uint8Array(1 << 24)]));
    expect((await streamed(bomb, 1000)).end).toMatchObject({ error: { code: "idx-too-long", received: "more bytes" } });
  });
});

describe("the catalogue", () => {
  it.each(catalogueNames())("has the files of %s, with the shapes that it says", (name) => {
    const entry = findInCatalogue(name);
    if (!entry) throw new Error("not there");
    for (const { images, labels, shape } of Object.values(entry.splits)) {
      expect(inspectIdx(nodeDisk, cataloguePath(entry, images))).toMatchObject({ ok: true, value: { shape } });
      expect(inspectIdx(nodeDisk, cataloguePath(entry, labels))).toMatchObject({
        ok: true,
        value: { shape: shape.slice(0, 1) },
      });
    }
  });
});
