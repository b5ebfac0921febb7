import { defineConfig } from "vitest/config";
import { findTensorflow } from "./src/base/tensorflow-home.js";

/** Tests that hold for every engine. Where the optional engine is installed they are repeated with it. */
const CONFORMANCE = [
  "test/engine/{channels,evaluate,known-values,layers,losses,optimizers,train,vae}.test.ts",
  "test/export/{onnx,tfjs}.test.ts",
  "test/onnx/{finite-differences,fuzz,kernels,layers,optimizers}.test.ts",
  "test/stages/mnist.test.ts",
];

const tensorflow = findTensorflow()?.binding != null;
if (!tensorflow) {
  console.warn("the engine tensorflow is not installed (pipe engine install tensorflow): its tests are left out");
}

const AGAIN = {
  extends: true as const,
  test: { name: "tensorflow", include: CONFORMANCE, env: { PIPE_TEST_ENGINE: "tensorflow" } },
};

export default defineConfig({
  test: {
    // Training and browser tests take a while on two shared cores; a hang still ends.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    pool: "forks",
    maxWorkers: 2,
    projects: [
      { extends: true, test: { name: "pipe", include: ["test/**/*.test.ts"] } },
      ...(tensorflow ? [AGAIN] : []),
    ],
  },
});
