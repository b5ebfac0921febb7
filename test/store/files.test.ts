import { renameSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { digestBytes } from "../../src/base/digest.js";
import { open, sql, tempDir } from "./rig.js";

/** A file whose last change lies long back. */
function oldFile(path: string, content: string): void {
  writeFileSync(path, content);
  utimesSync(path, 1_000_000_000, 1_000_000_000);
}

test("the digest is of the content", () => {
  const store = open();
  const path = join(tempDir(), "images.idx");
  writeFileSync(path, Buffer.alloc(3_000_000, 7));
  expect(store.fileDigest(path)).toBe(digestBytes(Buffer.alloc(3_000_000, 7)));
});

test("an unchanged file is hashed once, a changed one again", () => {
  const store = open();
  const path = join(tempDir(), "images.idx");
  oldFile(path, "one");
  expect(store.fileDigest(path)).toBe(digestBytes("one"));
  // What is remembered is believed: the file is not read again.
  sql(store).exec("UPDATE file_digest SET digest = 'remembered'");
  expect(store.fileDigest(path)).toBe("remembered");

  utimesSync(path, 1_000_000_000, 1_000_000_001);
  expect(store.fileDigest(path)).toBe(digestBytes("one"));
  oldFile(path, "three");
  expect(store.fileDigest(path)).toBe(digestBytes("three"));
});

test("another file of the same size and time in its place is noticed", () => {
  const store = open();
  const dir = tempDir();
  const path = join(dir, "a");
  oldFile(path, "one");
  expect(store.fileDigest(path)).toBe(digestBytes("one"));
  oldFile(join(dir, "b"), "two");
  renameSync(join(dir, "b"), path);
  expect(store.fileDigest(path)).toBe(digestBytes("two"));
});

test("a file that was changed a moment ago is not remembered: it may change again within one tick of its clock", () => {
  const store = open();
  const path = join(tempDir(), "fresh");
  writeFileSync(path, "one");
  store.fileDigest(path);
  expect(sql(store).prepare("SELECT count(*) FROM file_digest").pluck().get()).toBe(0);
});
