import { basename } from "node:path";
import { tensorOf } from "../src/artifact/tensor.js";
import type { Weights } from "../src/artifact/types.js";
import type { JsonObject } from "../src/base/json.js";
import {
  manifestEntries,
  safetensorsEntries,
  safetensorsHeader,
  valuesOf,
  type WeightFileProblem,
} from "../src/data/weight-files.js";
import { type Diagnostic, defineStage, err, ok, type Result, type StageContext } from "../src/stage.js";

/** Weights that were made elsewhere: those of a stored run come in, those of a file are read. */
export default defineStage({
  kind: "weights",
  async run(context, { weights }) {
    if (weights !== undefined) return ok({ weights });
    const { loss = {} } = context.params;
    const tensors = readTensors(context);
    return tensors.ok ? ok({ weights: { tensors: tensors.value, epoch: 0, loss: loss as JsonObject } }) : tensors;
  },
});

function readTensors(context: StageContext<"weights">): Result<Weights["tensors"], readonly Diagnostic[]> {
  const { file = "", manifest } = context.params;
  const content = context.read(["file"]);
  if (!content.ok) return content;
  const { bytes, size } = content.value;
  const about = manifest === undefined ? null : context.read(["manifest"]);
  if (about?.ok === false) return about;
  const header = about === null ? safetensorsHeader(bytes, size) : ok(0);
  if (!header.ok) return err([problem("file", file, header.error)]);
  const entries = about
    ? manifestEntries(about.value.bytes, size)
    : safetensorsEntries(bytes.subarray(0, header.value), size);
  if (!entries.ok) return err([problem(about ? "manifest" : "file", about ? (manifest ?? "") : file, entries.error)]);
  const tensors = entries.value.map((entry) => {
    return { name: entry.name, tensor: tensorOf("float32", entry.shape, valuesOf(bytes, entry)) };
  });
  return ok(tensors);
}

function problem(key: string, name: string, { message, ...rest }: WeightFileProblem): Diagnostic {
  return { ...rest, severity: "error", path: [key], message: `${basename(name)} ${message}` };
}
