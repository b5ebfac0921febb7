import { expect, it, vi } from "vitest";
import { exportModel } from "../../src/engine/export/index.js";
import { GraphError } from "../../src/engine/onnx/types.js";
import { layer, sequentialOf } from "../engine/support.js";
import { trained } from "./support.js";

vi.mock("../../src/engine/onnx/index.js", () => ({
  exportOnnx: () => {
    throw new GraphError("Gemm depends on the batch size");
  },
}));

it("says of a graph that depends on the batch size that there is no file for it", async () => {
  const made = await trained(sequentialOf(layer("dense", { units: 2 })), [3]);
  expect(await exportModel(made, "onnx")).toMatchObject({
    ok: false,
    error: [
      {
        code: "model-not-in-onnx",
        message: "the model cannot be written for any batch size: Gemm depends on the batch size",
      },
    ],
  });
});
