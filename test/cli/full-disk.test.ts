/** What every place that writes says when the disk does not take it. A small disk of its own needs root, and Linux. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ScratchFile, withScratch } from "../../src/artifact/scratch.js";
import { diskAdvice, diskFailure } from "../../src/base/disk-failure.js";
import { Project } from "../rig/rig.js";

const project = new Project();
const disk = join(project.dir, "disk");
mkdirSync(disk);
const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", disk]).status === 0;

beforeAll(async () => {
  project.writeTinyExperiment();
  await project.pipe("run", "narrow.yaml");
});
afterAll(() => {
  if (mounted) spawnSync("umount", [disk]);
  project.remove();
});

it.skipIf(!mounted)("names the folder of a temporary file that finds no room, and leaves nothing there", async () => {
  const write = () => withScratch(disk, async () => new ScratchFile().append(new Uint8Array(8 * 2 ** 20)));
  const error = await write().catch((thrown: unknown) => thrown);
  expect(diskFailure("train", error)).toMatchObject({
    code: "disk-failed",
    message: expect.stringContaining(`a temporary file in ${disk}: ENOSPC`),
    fix: expect.stringContaining("Free some space"),
  });
  expect(readdirSync(disk).filter((name) => name.startsWith(".scratch"))).toEqual([]);
  expect(statfsSync(disk).bavail).toBe(statfsSync(disk).blocks);
});

/** Fills the disk but for so many bytes. */
function leaveFree(bytes: number): void {
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(join(disk, "filler"), Buffer.alloc(Math.max(0, bavail * bsize - bytes)));
}

const NAMED =
  /error\[(cache-disk-full|cache-io|runs-not-created|runs-not-writable|runs-dir-unusable|disk-failed)\]: .*disk\/runs/;

describe.skipIf(!mounted)("a run on a disk that is full", () => {
  // From the first file that is made to what `visualize` and the report leave last.
  it.each([0, 8, 60, 90, 120, 180, 260])("with %i KB left names the disk and says what to do", async (kilobytes) => {
    rmSync(join(disk, "runs"), { recursive: true, force: true });
    rmSync(join(disk, "filler"), { force: true });
    leaveFree(kilobytes * 1024);
    const { code, stderr } = await project.pipe("run", "narrow.yaml", "--runs", "disk/runs");
    expect(stderr).not.toContain("internal-error");
    expect(stderr).not.toContain("PIPE_DEBUG");
    expect([1, 2]).toContain(code);
    expect(stderr).toMatch(NAMED);
    expect(stderr).toMatch(/fix: .*([Ff]ree some|space)/);
  });

  it("goes on where only its log of events does not fit", async () => {
    rmSync(join(disk, "filler"), { force: true });
    rmSync(join(disk, "runs"), { recursive: true, force: true });
    mkdirSync(join(disk, "runs"));
    // The cache lies elsewhere.
    symlinkSync(join(project.dir, "runs/cache.db"), join(disk, "runs/cache.db"));
    leaveFree(4096);
    const { code, stderr } = await project.pipe("run", "narrow.yaml", "--no-report", "--runs", "disk/runs", "--force");
    expect(stderr).toMatch(/warning\[runs-dir-unusable\]: cannot write .*disk\/runs\/.*\/events\.jsonl: ENOSPC/);
    expect(code).toBe(0);
  });

  it.each([["list"], ["show", "latest"], ["cache", "gc"], ["cache", "stats"]])(
    "%s %s says that it is full",
    async (...args) => {
      rmSync(join(disk, "filler"), { force: true });
      rmSync(join(disk, "runs"), { recursive: true, force: true });
      mkdirSync(join(disk, "runs"));
      copyFileSync(join(project.dir, "runs/cache.db"), join(disk, "runs/cache.db"));
      leaveFree(0);
      const { code, stderr } = await project.pipe(...args, "--runs", "disk/runs");
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /error\[cache-disk-full\]: no space is left to write .*disk\/runs\/cache\.db\n {2}fix: Free some space/,
      );
    },
  );

  it.each([
    ["report", ["report", "latest", "-o", "disk/page.html"], /cannot write disk\/page\.html: ENOSPC/],
    ["export", ["export", "latest", "-f", "csv", "-o", "disk/tables"], /cannot write disk\/tables.*: ENOSPC/],
    ["init", ["init", "disk/new"], /cannot write to disk\/new: ENOSPC/],
  ])("%s leaves no half of a file, and one that was there", async (_, args, message) => {
    rmSync(join(disk, "filler"), { force: true });
    rmSync(join(disk, "runs"), { recursive: true, force: true });
    writeFileSync(join(disk, "page.html"), "of yesterday");
    leaveFree(4096);
    const { code, stderr } = await project.pipe(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/fix: Free some space on that disk, or choose another/);
    expect(readFileSync(join(disk, "page.html"), "utf8")).toBe("of yesterday");
    expect(project.list("disk").filter((name) => name.includes("partial"))).toEqual([]);
  });
});

describe.skipIf(!existsSync("/dev/full"))("a device without room", () => {
  it("is written through, and named", async () => {
    symlinkSync("/dev/full", join(project.dir, "full.html"));
    const { code, stderr } = await project.pipe("report", "latest", "-o", "full.html");
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("cannot write full.html: ENOSPC"),
    });
  });
});

describe.skipIf(process.getuid?.() === 0 || process.platform === "win32")("a directory without permission", () => {
  it("is named", async () => {
    mkdirSync(join(project.dir, "locked"));
    chmodSync(join(project.dir, "locked"), 0o500);
    const { code, stderr } = await project.pipe("run", "narrow.yaml", "--runs", "locked/runs");
    expect(code).toBe(2);
    expect(stderr).toMatch(/error\[runs-not-created\].*locked\/runs/);
  });
});

describe("what the system says", () => {
  const failure = (code: string, more = {}) =>
    Object.assign(new Error(`${code}: said`), { code, syscall: "write", ...more });

  it.each(["ENOSPC", "EDQUOT", "EROFS", "EACCES", "EPERM", "EMFILE", "ENFILE", "EIO", "ESTALE"])(
    "is no bug: %s",
    (code) => {
      const told = diskFailure("evaluate", failure(code, { path: "/data/x" }));
      expect(told).toMatchObject({
        code: "disk-failed",
        message: `evaluate could not read or write /data/x: ${code}: said`,
      });
      expect(told?.fix).toMatch(/, or use another disk .*--runs DIR.*TMPDIR/);
    },
  );

  it("is one where nobody can help it, or where no system said it", () => {
    expect(diskFailure("evaluate", failure("EINVAL"))).toBeUndefined();
    expect(diskFailure("evaluate", Object.assign(new Error("made up"), { code: "EIO" }))).toBeUndefined();
    expect(diskFailure("evaluate", undefined)).toBeUndefined();
    expect(diskAdvice(failure("EINVAL"), "choose another place")).toBe("Choose another place.");
  });
});
