import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Manifest } from "../../src/artifact/codec.js";
import { fetchArtifact, storeArtifact } from "../../src/artifact/io.js";
import { tensorOf } from "../../src/artifact/tensor.js";
import { DamagedEntry } from "../../src/base/damaged.js";
import { digestBytes } from "../../src/base/digest.js";
import { openArtifactStore } from "../../src/store/index.js";
import { flipByte, open, sql, tempDir } from "./rig.js";

const MIB = 1 << 20;

/** Bytes in which every chunk differs from the others. */
function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 16)) & 255);
}

describe("bytes", () => {
  test.each([0, 1, MIB - 1, MIB, MIB + 1, 3 * MIB + 5])("%i bytes come back as they were", (length) => {
    const store = open();
    const bytes = pattern(length);
    const digest = store.putBlob(bytes);
    expect(digest).toBe(digestBytes(bytes));
    expect(Buffer.compare(store.readBlob(digest), bytes)).toBe(0);
  });

  test("any bytes come back, also from another connection, and equal bytes are stored once", () => {
    const dir = tempDir();
    const [one, two] = [open(dir), open(dir)];
    const seen = new Set<string>();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const digest = one.putBlob(bytes);
        seen.add(digest);
        expect(two.putBlob(bytes)).toBe(digest);
        expect(two.readBlob(digest)).toEqual(bytes);
      }),
      { numRuns: 50, seed: 2 },
    );
    expect(one.stats().blobs).toBe(seen.size);
  });

  test("a view into a larger buffer stores its own part, and what is read is aligned for float32", () => {
    const store = open();
    const floats = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
    const weights = {
      tensors: [{ name: "w", tensor: tensorOf("float32", [2], floats) }],
      epoch: 1,
      loss: { huber: {} },
    };
    const back = fetchArtifact(store, "weights", storeArtifact(store, "weights", weights).digest);
    const bytes = back.tensors[0]?.tensor.bytes.load() as Uint8Array;
    expect(bytes.byteOffset % 4).toBe(0);
    expect(new Float32Array(bytes.buffer, bytes.byteOffset, 2)).toEqual(Float32Array.of(2, 3));
  });

  test("workers see the same bytes through the path alone", () => {
    const store = open();
    const worker = openArtifactStore(store.path);
    if (!worker.ok) throw new Error("not opened");
    const digest = worker.value.putBlob(pattern(10));
    worker.value.close();
    expect(store.readBlob(digest)).toEqual(pattern(10));
  });
});

describe("damage", () => {
  const damages = {
    "a flipped bit": [
      "UPDATE chunk SET data = CAST(x'00' || substr(data, 2) AS BLOB) WHERE part = 1",
      "its bytes were changed",
    ],
    "a missing chunk": ["DELETE FROM chunk WHERE part = 1", `it has ${MIB} of ${MIB + 9} bytes`],
    "a chunk that says less than it holds": [
      "UPDATE chunk SET data = 'nine char' || char(0) || 'and more' WHERE part = 1",
      "offset is out of bounds",
    ],
    "a shortened chunk": [
      "UPDATE chunk SET data = substr(data, 2) WHERE part = 1",
      `it has ${MIB + 8} of ${MIB + 9} bytes`,
    ],
    "swapped lengths": ["UPDATE blob SET bytes = 1", `it has ${MIB + 9} of 1 bytes`],
    "a missing blob": ["DELETE FROM blob", "it is missing"],
  };
  test.each(Object.entries(damages))("%s is noticed at the next read", (_, [change, why]) => {
    const store = open();
    const digest = store.putBlob(pattern(MIB + 9));
    sql(store).exec(change as string);
    expect(() => store.readBlob(digest)).toThrow(DamagedEntry);
    expect(() => store.readBlob(digest)).toThrow(`${digest} is damaged: ${why}`);
  });

  test("a changed description is noticed", () => {
    const store = open();
    const { digest } = storeArtifact(store, "metrics", { splits: { test: { loss: 147 } }, about: {} });
    sql(store).exec("UPDATE manifest SET json = replace(json, '147', '140')");
    expect(() => fetchArtifact(store, "metrics", digest)).toThrow(new DamagedEntry(digest, "its text was changed"));
  });

  test("a manifest cannot name bytes that are not there", () => {
    const store = open();
    const digest = digestBytes("nowhere");
    const manifest: Manifest = { kind: "report", codec: 1, meta: {}, blobs: { html: { digest, bytes: 7 } } };
    expect(() => store.putManifest(manifest)).toThrow(new DamagedEntry(digest, "it is missing"));
    expect(sql(store).prepare("SELECT count(*) FROM manifest").pluck().get()).toBe(0);
  });

  test("what a deleted entry left behind hinders nothing", () => {
    const store = open();
    store.putBlob(pattern(MIB + 9));
    storeArtifact(store, "metrics", { splits: { test: { loss: 1 } }, about: {} });
    const file = sql(store);
    file.pragma("foreign_keys = OFF");
    file.exec("DELETE FROM blob; DELETE FROM manifest");
    const digest = store.putBlob(pattern(MIB + 8));
    expect(Buffer.compare(store.readBlob(digest), pattern(MIB + 8))).toBe(0);
    file.exec("DELETE FROM blob");
    store.collectGarbage();
    expect(file.prepare("SELECT count(*) FROM chunk").pluck().get()).toBe(0);
  });

  test("a changed description is mended when the same is stored again", () => {
    const store = open();
    const metrics = { splits: { test: { loss: 147 } }, about: {} };
    const { digest } = storeArtifact(store, "metrics", metrics);
    sql(store).exec("UPDATE manifest SET json = '{}'");
    storeArtifact(store, "metrics", metrics);
    expect(fetchArtifact(store, "metrics", digest)).toEqual(metrics);
  });

  test.each(Object.entries(damages))("%s is mended when the same bytes are stored again", (_, [change]) => {
    const store = open();
    const digest = store.putBlob(pattern(MIB + 9));
    sql(store).exec(change as string);
    store.putBlob(pattern(MIB + 9));
    expect(Buffer.compare(store.readBlob(digest), pattern(MIB + 9))).toBe(0);
  });

  test("after a damaged entry is dropped, the same bytes can be stored anew", () => {
    const store = open();
    const bytes = pattern(100);
    const digest = store.putBlob(bytes);
    flipByte(store, digest);
    expect(() => store.readBlob(digest)).toThrow(DamagedEntry);
    store.dropDamaged(digest);
    expect(store.hasBlob(digest)).toBe(false);
    store.putBlob(bytes);
    expect(store.readBlob(digest)).toEqual(bytes);
  });
});
