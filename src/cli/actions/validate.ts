import type { Diagnostic } from "../../base/diagnostic.js";
import { ok } from "../../base/result.js";
import { type ExperimentOptions, readExperiment } from "./experiment.js";
import type { Diagnosed } from "./store.js";

export interface ValidSummary {
  readonly experiment: string;
  readonly variants: readonly { readonly name: string; readonly file: string; readonly stages: number }[];
  /** Warnings: what is right, but may not be meant. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Checks syntax, schemas, references, shapes and the files that are named, without running anything. */
export async function validate(
  files: readonly string[],
  options: Pick<ExperimentOptions, "cwd" | "sets" | "ownCode"> = {},
): Promise<Diagnosed<ValidSummary>> {
  const read = await readExperiment(files, options);
  if (!read.ok) return read;
  const { name, variants, warnings } = read.value.experiment;
  return ok({
    experiment: name,
    variants: variants.map((variant) => ({ name: variant.name, file: variant.file, stages: variant.stages.length })),
    diagnostics: warnings,
  });
}
