import { closeSync, openSync, readFileSync, renameSync, statSync, utimesSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { digestBytes } from "../../src/base/digest.js";
import { open, sql, tempDir } from "./rig.js";

afterEach(() => vi.restoreAllMocks());

/** The clock of this process runs ahead, as if what was written a moment ago lay long back. */
function later(seconds: number): void {
  const now = Date.now();
  vi.spyOn(Date, "now").mockReturnValue(now + seconds * 1000);
}

function fresh(content: string): string {
  const path = join(tempDir(), "images.idx");
  writeFileSync(path, content);
  return path;
}

test("the digest is of the content, of files of any length", async () => {
  const store = open();
  for (const length of [0, 1, (1 << 22) - 1, 1 << 22, (1 << 22) + 1, 9_000_000]) {
    const bytes = Buffer.from(Array.from({ length: 1000 }, (_, i) => (i * 7) % 251)).toString("latin1");
    const content = Buffer.alloc(length, bytes, "latin1");
    const path = join(tempDir(), "images.idx");
    writeFileSync(path, content);
    expect(await store.fileDigest(path)).toBe(digestBytes(content));
  }
});

test("an unchanged file is hashed once, a changed one again", async () => {
  const store = open();
  const path = fresh("one");
  later(10);
  expect(await store.fileDigest(path)).toBe(digestBytes("one"));
  // What is remembered is believed: the file is not read again.
  sql(store).exec("UPDATE file_digest SET digest = 'remembered'");
  expect(await store.fileDigest(path)).toBe("remembered");
  writeFileSync(path, "three");
  expect(await store.fileDigest(path)).toBe(digestBytes("three"));
});

test("an edit in place that keeps length, inode and modification time is noticed", async () => {
  const store = open();
  const path = fresh("one");
  utimesSync(path, 1_000_000_000, 1_000_000_000);
  later(10);
  expect(await store.fileDigest(path)).toBe(digestBytes("one"));
  const before = statSync(path);
  const file = openSync(path, "r+");
  writeSync(file, "two", 0);
  closeSync(file);
  utimesSync(path, before.atime, before.mtime);
  expect([statSync(path).ino, statSync(path).size, statSync(path).mtimeMs]).toEqual([before.ino, 3, before.mtimeMs]);
  expect(readFileSync(path, "utf8")).toBe("two");
  expect(await store.fileDigest(path)).toBe(digestBytes("two"));
});

test("another file of the same size and time in its place is noticed", async () => {
  const store = open();
  const [one, two] = [fresh("one"), fresh("two")];
  for (const path of [one, two]) utimesSync(path, 1_000_000_000, 1_000_000_000);
  later(10);
  expect(await store.fileDigest(one)).toBe(digestBytes("one"));
  renameSync(two, one);
  expect(await store.fileDigest(one)).toBe(digestBytes("two"));
});

test.each([
  ["now", 0],
  ["in the future, by another machine's clock", -60],
])(
  "a file that was changed %s is not remembered: it may change again within one tick of its clock",
  async (_, ahead) => {
    const store = open();
    const path = fresh("one");
    later(ahead);
    await store.fileDigest(path);
    expect(sql(store).prepare("SELECT count(*) FROM file_digest").pluck().get()).toBe(0);
  },
);

test("a file that was changed shortly before a long hashing is not remembered", async () => {
  const store = open();
  const path = fresh("one");
  const begin = Date.now();
  const clock = vi
    .spyOn(Date, "now")
    .mockReturnValueOnce(begin)
    .mockReturnValue(begin + 60_000);
  await store.fileDigest(path);
  expect(clock).toHaveBeenCalled();
  expect(sql(store).prepare("SELECT count(*) FROM file_digest").pluck().get()).toBe(0);
});

test("what is forgotten is read again", async () => {
  const store = open();
  const path = fresh("one");
  later(10);
  await store.fileDigest(path);
  sql(store).exec("UPDATE file_digest SET digest = 'wrong'");
  store.forgetFile(path);
  expect(await store.fileDigest(path)).toBe(digestBytes("one"));
});

test("hashing tells how far it is, and stops when it is told to", async () => {
  const store = open();
  const path = fresh("x".repeat(3 << 22));
  const seen: number[] = [];
  await store.fileDigest(path, { onProgress: ({ done, total }) => seen.push(done / total) });
  expect(seen).toEqual([0, 1 / 3, 2 / 3, 1]);
  const stop = new AbortController();
  const stopped = store.fileDigest(path, { stop: stop.signal, onProgress: () => stop.abort() });
  await expect(stopped).rejects.toThrow("abort");
});
