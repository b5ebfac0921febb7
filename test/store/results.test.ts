import { describe, expect, test } from "vitest";
import { storeArtifact } from "../../src/artifact/io.js";
import { tensorOf } from "../../src/artifact/tensor.js";
import { digestBytes, digestJson } from "../../src/base/digest.js";
import { datasetOfArrays } from "../datasets.js";
import { commitBytes, flipByte, label, open, sql, tempDir } from "./rig.js";

const HTML = new Uint8Array([1, 2, 3]);

describe("a result", () => {
  test("is there for every process once it is committed", () => {
    const dir = tempDir();
    const { fingerprint, parts, output } = commitBytes(open(dir), "a", HTML);
    expect(open(dir).lookup(fingerprint)).toEqual({
      fingerprint,
      kind: "report",
      parts,
      outputs: [output],
      durationMs: 12.5,
    });
    expect(open(dir).lookup(digestJson("other"))).toBeUndefined();
  });

  test("is not visible when a process dies between its bytes and its commit", () => {
    const dir = tempDir();
    const store = open(dir);
    const output = storeArtifact(store, "report", { html: HTML });
    // The process ends here: bytes and manifest are stored, the result is not.
    store.close();
    const after = open(dir);
    expect(after.stats()).toMatchObject({ blobs: 1, results: 0 });
    expect(after.verify()).toEqual([]);
    expect(after.collectGarbage({ graceMs: 0 })).toMatchObject({ blobs: 1, bytes: 3 });
    expect(() => after.readManifest(output.digest)).toThrow("missing");
  });

  test("is stored as a whole or not at all", () => {
    const store = open();
    const good = storeArtifact(store, "report", { html: HTML });
    const bad = { ...good, name: "second", digest: digestBytes("never stored") };
    const parts = { kind: "report" };
    const result = { fingerprint: digestJson(parts), kind: "report", parts, outputs: [good, bad], durationMs: 1 };
    expect(() => store.commit(result, [label])).toThrow("FOREIGN KEY");
    expect(store.lookup(result.fingerprint)).toBeUndefined();
    expect(store.lastParts(label)).toBeUndefined();
    expect(sql(store).prepare("SELECT count(*) FROM fingerprint").pluck().get()).toBe(0);
  });

  test("replaces the outputs of the same fingerprint", () => {
    const store = open();
    const { fingerprint } = commitBytes(store, "a", HTML);
    const { output } = commitBytes(store, "a", new Uint8Array([9]));
    expect(store.lookup(fingerprint)?.outputs).toEqual([output]);
  });

  test("keeps its outputs in their order", () => {
    const store = open();
    const outputs = ["z", "a", "m"].map((name, i) => storeArtifact(store, "report", { html: Uint8Array.of(i) }, name));
    store.commit({ fingerprint: digestJson(1), kind: "x", parts: {}, outputs, durationMs: 0 }, []);
    expect(store.lookup(digestJson(1))?.outputs.map(({ name }) => name)).toEqual(["z", "a", "m"]);
  });

  test("is gone after a drop, but what it was made from is remembered", () => {
    const store = open();
    const { fingerprint, parts } = commitBytes(store, "a", HTML);
    store.drop(fingerprint);
    expect(store.lookup(fingerprint)).toBeUndefined();
    expect(store.lastParts(label)).toEqual(parts);
  });
});

describe("the last result that a stage used", () => {
  test("is the one committed or touched last", () => {
    const store = open();
    const a = commitBytes(store, "a", HTML);
    const b = commitBytes(store, "b", HTML);
    expect(store.lastParts(label)).toEqual(b.parts);
    const other = { pipeline: "vae-16", stage: "train" };
    store.touch(a.fingerprint, [label, other]);
    expect(store.lastParts(label)).toEqual(a.parts);
    expect(store.lastParts(other)).toEqual(a.parts);
    expect(store.lastParts({ pipeline: "vae-16", stage: "load" })).toBeUndefined();
  });
});

describe("damage", () => {
  test("takes every result with it that needs the bytes, and no other", () => {
    const store = open();
    const train = { x: tensorOf("uint8", [HTML.length], HTML), y: null };
    const dataset = (name: string) =>
      storeArtifact(store, "dataset", datasetOfArrays({ name, classes: null, splits: { train } }));
    const [raw, flat] = [dataset("raw"), dataset("flat")];
    for (const output of [raw, flat]) {
      const fingerprint = digestJson(output.digest);
      store.commit({ fingerprint, kind: "load", parts: {}, outputs: [output], durationMs: 1 }, []);
    }
    const other = commitBytes(store, "other", new Uint8Array([4]));
    flipByte(store, digestBytes(HTML));
    expect(new Set(store.dropDamaged(digestBytes(HTML)))).toEqual(
      new Set([raw, flat].map((o) => digestJson(o.digest))),
    );
    expect(store.lookup(digestJson(raw.digest))).toBeUndefined();
    expect(store.lookup(other.fingerprint)).toBeDefined();
    expect(store.verify()).toEqual([]);
  });

  test("of a description takes the results that name it", () => {
    const store = open();
    const { fingerprint, output } = commitBytes(store, "a", HTML);
    expect(store.dropDamaged(output.digest)).toEqual([fingerprint]);
    expect(store.lookup(fingerprint)).toBeUndefined();
    expect(commitBytes(store, "a", HTML).fingerprint).toBe(fingerprint);
    expect(store.lookup(fingerprint)).toBeDefined();
  });

  test.each(["DELETE FROM blob", "DELETE FROM manifest"])("by hand (%s) makes a result count as not stored", (harm) => {
    const store = open();
    const { fingerprint } = commitBytes(store, "a", HTML);
    sql(store).exec(harm);
    expect(store.lookup(fingerprint)).toBeUndefined();
    const damaged = store.verify().map(({ digest }) => digest);
    expect(damaged).not.toEqual([]);
    for (const digest of damaged) store.dropDamaged(digest);
    expect(store.verify()).toEqual([]);
  });
});
