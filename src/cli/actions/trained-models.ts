import type { Diagnostic } from "../../base/diagnostic.js";
import type { Digest } from "../../base/digest.js";
import { orList } from "../../base/suggest.js";
import { REPORT_FORMATS } from "../../exec/export-formats.js";
import type { RunRecord, VariantRecord } from "../../store/types.js";
import { lastOutput } from "./summary.js";

/** A variant with what its training left, of several stages that made the same kind the last one's. */
export interface TrainedVariant {
  readonly name: string;
  readonly model: Digest;
  readonly weights: Digest;
  readonly dataset?: Digest;
}

export interface TrainedVariants {
  readonly models: readonly TrainedVariant[];
  /** One complaint about every variant without weights. */
  readonly lacking: readonly Diagnostic[];
  /** Whether the complaints are errors: such a variant was asked for, or there is no other. */
  readonly fatal: boolean;
}

/** @param asked the variants of the record are those that the user named. */
export function trainedModels({ run, variants }: RunRecord, asked: boolean): TrainedVariants {
  const models: TrainedVariant[] = [];
  const without: VariantRecord[] = [];
  for (const variant of variants) {
    const digest = (kind: string) => lastOutput(variant.stages, kind)?.digest;
    const [model, weights, dataset] = [digest("model"), digest("weights"), digest("dataset")];
    if (model === undefined || weights === undefined) without.push(variant);
    else models.push({ name: variant.name, model, weights, ...(dataset === undefined ? {} : { dataset }) });
  }
  const fatal = asked ? without.length > 0 : models.length === 0;
  return { models, fatal, lacking: without.map((variant) => noWeights(run, variant, fatal ? "error" : "warning")) };
}

function noWeights(run: string, { name, stages }: VariantRecord, severity: Diagnostic["severity"]): Diagnostic {
  const failed = stages.find(({ status }) => status === "failed");
  const why = failed === undefined ? "its training did not come to an end" : `its stage ${failed.name} failed`;
  return {
    code: "no-weights",
    severity,
    message: `${name} has no trained weights in ${run}: ${why}`,
    fix: `Train it first; what is there can be written as ${orList(REPORT_FORMATS)}.`,
  };
}
