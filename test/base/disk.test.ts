import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { makeFolder, nodeDisk } from "../../src/base/disk.js";

const folder = mkdtempSync(join(tmpdir(), "pipe-disk-"));
const file = join(folder, "file");
writeFileSync(file, "0123456789");
afterAll(() => rmSync(folder, { recursive: true }));

describe("nodeDisk", () => {
  it("reads a file and parts of it", () => {
    expect(nodeDisk.size(file)).toEqual({ ok: true, value: 10 });
    const text = (slice?: { from: number; length: number }) => {
      const bytes = nodeDisk.read(file, slice);
      return bytes.ok ? Buffer.from(bytes.value).toString() : bytes.error.why;
    };
    expect([text(), text({ from: 3, length: 2 }), text({ from: 8, length: 9 }), text({ from: 99, length: 1 })]).toEqual(
      ["0123456789", "34", "89", ""],
    );
  });

  it.each([
    ["missing", join(folder, "nothing")],
    ["missing", join(file, "below")],
    ["missing", `${folder}/\0`],
    ["missing", join(folder, "x".repeat(300))],
    ["directory", folder],
    ...(existsSync("/dev/zero") ? [["other", "/dev/zero"]] : []),
  ])("says %s for %j", (why, path) => {
    for (const result of [nodeDisk.size(path), nodeDisk.read(path)]) {
      expect(result.ok).toBe(false);
      expect(!result.ok && result.error.why).toBe(why);
    }
  });

  it.skipIf(process.getuid?.() === 0)("says that a file may not be read", () => {
    const secret = join(folder, "secret");
    writeFileSync(secret, "");
    chmodSync(secret, 0o000);
    const result = nodeDisk.read(secret);
    expect(!result.ok && result.error.why).toBe("denied");
  });
});

describe("makeFolder", () => {
  it("makes what is missing on the way, and leaves what is there", () => {
    const deep = join(folder, "a", "b", "c");
    makeFolder(deep);
    makeFolder(deep);
    expect(existsSync(deep)).toBe(true);
  });

  it("throws where a file is in the way", () => {
    expect(() => makeFolder(file)).toThrow("EEXIST");
    expect(() => makeFolder(join(file, "x"))).toThrow("ENOTDIR");
  });

  it.skipIf(!existsSync("/proc/self"))("throws where the system takes no folders", () => {
    expect(() => makeFolder("/proc/nowhere/x")).toThrow("ENOENT");
  });
});
