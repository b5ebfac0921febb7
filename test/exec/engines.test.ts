import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Diagnostic } from "../../src/base/diagnostic.js";
import { chooseEngine, inspectEngine, type Machine } from "../../src/exec/engines.js";
import { engineFellBack, whyNot } from "../../src/exec/messages.js";

let root = "";
const packages: Record<string, string> = {
  "onnxruntime-node": "1.30.0",
  "@tensorflow/tfjs-core": "4.22.0",
  "@tensorflow/tfjs-layers": "4.22.0",
  "@tensorflow/tfjs-backend-wasm": "4.22.0",
  "@tensorflow/tfjs-backend-cpu": "4.22.0",
};

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "pipe-engines-"));
  for (const [name, version] of Object.entries(packages)) {
    mkdirSync(join(root, name), { recursive: true });
    writeFileSync(join(root, name, "package.json"), JSON.stringify({ name, version }));
  }
  const binary = join(root, "onnxruntime-node/bin/napi-v6/linux/x64");
  mkdirSync(binary, { recursive: true });
  writeFileSync(join(binary, "onnxruntime_binding.node"), "");
});
afterAll(() => rmSync(root, { recursive: true }));

function machine(missing: readonly string[] = [], arch = "x64"): Machine {
  const packageFolder = (name: string) => (name in packages && !missing.includes(name) ? join(root, name) : null);
  return { platform: "linux", arch, packageFolder, tensorflow: () => null };
}

describe("choosing an engine", () => {
  it("takes onnx where its library has a binary", () => {
    expect(chooseEngine(undefined, new Map(), machine())).toEqual({
      ok: true,
      value: { name: "onnx", version: "1.30.0 with tfjs 4.22.0" },
    });
  });

  it("goes on to wasm, then cpu, and notes why", () => {
    expect(chooseEngine(undefined, new Map(), machine([], "riscv64"))).toMatchObject({
      value: { name: "wasm", note: "onnx cannot be used: onnxruntime-node has no binary for linux on riscv64" },
    });
    const failed = new Map([["onnx", "a library is too old"]] as const);
    const bare = machine(["@tensorflow/tfjs-backend-wasm"]);
    expect(chooseEngine(undefined, failed, bare)).toMatchObject({
      value: { name: "cpu", note: expect.stringContaining("a library is too old; wasm cannot be used") },
    });
  });

  it("has no substitute for an engine that was asked for", () => {
    expect(chooseEngine("tensorflow", new Map(), machine())).toMatchObject({
      ok: false,
      error: [
        {
          code: "engine-unavailable",
          message: "tensorflow cannot be used: @tensorflow/tfjs-node is not installed (pipe engine install tensorflow)",
        },
      ],
    });
  });

  it("knows an installed package by its own folder, whatever it exports", () => {
    expect(inspectEngine("cpu")).toMatchObject({ name: "cpu", version: expect.stringMatching(/^4\.\d+/) });
  });
});

describe("why an engine does not load", () => {
  it("is what the system said, in one line", () => {
    const diagnostic: Diagnostic = {
      code: "x",
      severity: "error",
      message: "it cannot start",
      received: "lib.so: no\nmore",
    };
    expect(whyNot({ status: "failed", diagnostics: [diagnostic], durationMs: 1 })).toBe("it cannot start: lib.so: no");
  });

  it("is said with who computes instead", () => {
    expect(engineFellBack("wasm", "onnx cannot be used: no binary")).toMatchObject({
      severity: "warning",
      message: "wasm computes, which is slower: onnx cannot be used: no binary",
    });
  });
});
