import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { tellingLine } from "../../src/exec/death.js";
import { deathReason, lostTwice } from "../../src/exec/messages.js";

/** What is told of a real process that ends so. */
function told(script: string, ...flags: string[]): string {
  const { status, signal, stderr } = spawnSync(process.execPath, [...flags, "-e", script], { encoding: "utf8" });
  return deathReason(status, signal, words(stderr));
}

const words = (stderr: string): string => stderr.split("\n").reduce(tellingLine, "");

describe("why a process died", () => {
  it("is memory where V8 says so, and not the last line of its stack", () => {
    const fill = "const a = []; for (;;) a.push(new Array(1e5).fill(Math.random()))";
    expect(told(fill, "--max-old-space-size=20")).toMatch(
      /^memory ran out \(SIGABRT\); it said: FATAL ERROR: .*heap out of memory$/,
    );
  });

  it("is a crash where nobody speaks of memory", () => {
    expect(told("process.abort()")).toBe("it crashed (SIGABRT)");
    expect(told("process.kill(process.pid, 'SIGSEGV'); setTimeout(() => {}, 1e5)")).toBe("it crashed (SIGSEGV)");
  });

  it.each([
    ["terminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc\n", /^memory ran out/],
    [
      "Fatal: Cannot allocate memory\n 1: 0x12 f(int) [node]\n",
      /^memory ran out .*said: Fatal: Cannot allocate memory$/,
    ],
    [
      "[12:0xd887ca0] 117 ms: Mark-Compact 20.3 (36.9) -> 17.8 (34.6) MB, allocation failure;\n",
      /^it crashed \(SIGABRT\)$/,
    ],
    [
      "node: ../src/api/hooks.cc:12: RemoveEnvironmentCleanupHook: Assertion `(env) != nullptr' failed.\n" +
        "----- Native stack trace -----\n\n 1: 0xb78db3 node::Abort() [node]\n 2: 0x7f out_of_memory.cc [node]\n",
      /^it crashed \(SIGABRT\); it said: node: .*RemoveEnvironmentCleanupHook.*failed\.$/,
    ],
  ])("after %j", (stderr, expected) => {
    expect(deathReason(null, "SIGABRT", words(stderr))).toMatch(expected);
  });

  it("is told by codes where there are no signals", () => {
    expect(deathReason(134, null, "")).toBe("it crashed (SIGABRT)");
    expect(deathReason(0xc0000005, null, "")).toBe("it crashed (SIGSEGV)");
    expect(deathReason(3, null, "out of luck")).toBe("it exited with code 3; it said: out of luck");
    expect(deathReason(null, "SIGTERM", "")).toBe("it died of SIGTERM");
  });

  it("decides what is recommended", () => {
    const stage = { name: "train", locate: () => ({}) } as never;
    const fix = (reason: string) => lostTwice(stage, reason).fix;
    expect(fix(deathReason(null, "SIGKILL", ""))).toMatch(/^Lower --jobs/);
    expect(fix(deathReason(null, "SIGSEGV", ""))).toMatch(/^A library failed/);
  });
});
