import { afterAll, beforeAll, expect, it } from "vitest";
import type { RunEvent } from "../../src/base/event.js";
import { InstallationWithoutOnnx, Project } from "../rig/rig.js";

let project: Project;
let installation: InstallationWithoutOnnx;

beforeAll(() => {
  project = new Project();
  project.writeTinyExperiment();
  project.writeTinyCnn();
  installation = new InstallationWithoutOnnx();
});
afterAll(() => {
  project.remove();
  installation.remove();
});

const pipe = (...args: string[]) => project.pipeWith({ bin: installation.bin }, ...args);

it("computes with wasm where ONNX Runtime has no binary, and says why in events and the report", async () => {
  const why = `onnx cannot be used: onnxruntime-node has no binary for ${process.platform} on ${process.arch}`;
  const { code, stdout } = await pipe("run", "narrow.yaml", "--set", "params.epochs=1", "--json");
  expect(code).toBe(0);
  const lines = stdout.trimEnd().split("\n");
  const events = lines.map((line) => JSON.parse(line) as RunEvent);
  expect(events[0]).toMatchObject({ type: "run-started", engine: "wasm", engineNote: why });
  expect(events).toContainEqual({ type: "warning", diagnostic: expect.objectContaining({ code: "engine-fallback" }) });
  const { report } = await project.show();
  expect(project.read(report as string)).toContain(why);
});

it("says what the system says of a binary that does not load, and recommends no engine that does not", async () => {
  installation.addBrokenBinary();
  const { code, stderr } = await pipe("run", "cnn.yaml", "--no-report");
  expect(code).toBe(1);
  const why = /onnx cannot be used: the engine onnx cannot start: .*onnxruntime_binding\.node/;
  expect(stderr).toMatch(new RegExp(`wasm computes, which is slower: ${why.source}`));
  expect(stderr).toMatch(/cnn\.yaml:9:9 error\[engine-missing-operation\]: .*Conv2DBackpropFilter/);
  expect(stderr).toContain("fix: Use another engine: --engine cpu, which is slow.");

  const doctor = await pipe("doctor");
  expect(doctor.stdout).toMatch(/no {5}onnx: the engine onnx cannot start: .*onnxruntime_binding\.node/);
});
