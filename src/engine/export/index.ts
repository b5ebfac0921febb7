/** Trained models as files that other programs read: `exportModels`. */
import { type ArtifactStore, fetchArtifact } from "../../artifact/io.js";
import type { Diagnostic } from "../../base/diagnostic.js";
import type { ExportedFile } from "../../base/exported.js";
import { err, ok, type Result } from "../../base/result.js";
import { weightValues } from "../runner.js";
import { aboutModel } from "./about.js";
import { onnxFiles } from "./onnx.js";
import { tfjsFiles } from "./tfjs.js";
import type { ModelFormat, StoredModel, TrainedModel } from "./types.js";

export type { ModelFormat, StoredModel, TrainedModel } from "./types.js";

/**
 * Files of every model, in a folder that is called after it.
 *
 * @returns diagnostics, and no files at all, where a model has a layer that the format cannot say.
 * Throws `DamagedEntry` where an artifact's bytes are gone or changed.
 */
export async function exportModels(
  models: readonly StoredModel[],
  store: ArtifactStore,
  format: ModelFormat,
): Promise<Result<readonly ExportedFile[], Diagnostic[]>> {
  const files: ExportedFile[] = [];
  const complaints: Diagnostic[] = [];
  for (const { name, model, weights, dataset } of models) {
    const made = await exportModel(
      {
        model: fetchArtifact(store, "model", model),
        weights: fetchArtifact(store, "weights", weights),
        ...(dataset === undefined ? {} : { dataset: fetchArtifact(store, "dataset", dataset) }),
      },
      format,
    );
    if (made.ok) files.push(...made.value.map((file) => ({ ...file, name: `${name}/${file.name}` })));
    else complaints.push(...made.error.map((each) => ({ ...each, message: `${name}: ${each.message}` })));
  }
  return complaints.length > 0 ? err(complaints) : ok(files);
}

/**
 * One model as files: `encoder`, `decoder` and `model` of autoencoders, `model` alone of the others, and `about.json`,
 * which says what goes in and comes out. The same model gives the same bytes.
 */
export async function exportModel(
  trained: TrainedModel,
  format: ModelFormat,
): Promise<Result<readonly ExportedFile[], Diagnostic[]>> {
  const weights = weightValues(trained.weights);
  const files = format === "onnx" ? onnxFiles(trained.model, weights) : await tfjsFiles(trained.model, weights);
  if (!files.ok) return files;
  const about = `${JSON.stringify(aboutModel(trained, format), null, 2)}\n`;
  return ok([...files.value, { name: "about.json", content: new TextEncoder().encode(about) }]);
}
