import type { Diagnostic } from "../../base/diagnostic.js";
import type { Digest } from "../../base/digest.js";
import { orList } from "../../base/suggest.js";
import { REPORT_FORMATS } from "../../exec/export-formats.js";
import type { RunRecord, StageRecord, VariantRecord } from "../../store/types.js";

/** A variant with what its last training left: the weights, the model that they are of, the data that it learned from. */
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
  /** Whether the complaints are errors: the user named such a variant, or there is no other. */
  readonly fatal: boolean;
}

/** @param asked the variants of the record are those that the user named. */
export function trainedModels({ run, variants }: RunRecord, asked: boolean): TrainedVariants {
  const models: TrainedVariant[] = [];
  const without: VariantRecord[] = [];
  for (const variant of variants) {
    const trained = lastTraining(variant);
    if (trained === null) without.push(variant);
    else models.push({ name: variant.name, ...trained });
  }
  const fatal = asked ? without.length > 0 : models.length === 0;
  return { models, fatal, lacking: without.map((variant) => noWeights(run, variant, fatal ? "error" : "warning")) };
}

function lastTraining({ stages }: VariantRecord): Omit<TrainedVariant, "name"> | null {
  for (const [i, stage] of [...stages.entries()].toReversed()) {
    const weights = stage.outputs.find(({ kind }) => kind === "weights")?.digest;
    const model = takenBy(stage, stages.slice(0, i), "model");
    if (weights === undefined || model === undefined) continue;
    const dataset = takenBy(stage, stages.slice(0, i), "dataset");
    return { model, weights, ...(dataset === undefined ? {} : { dataset }) };
  }
  return null;
}

/** What a stage took of a kind. Records of the first versions do not say it: the stage's kind decided it. */
function takenBy({ inputs }: StageRecord, above: readonly StageRecord[], kind: string): Digest | undefined {
  const outputs = above.flatMap((stage) => stage.outputs.map((output) => ({ ...output, stage: stage.name })));
  const wires = inputs && Object.values(inputs);
  return outputs.findLast(
    (output) =>
      output.kind === kind &&
      (wires === undefined || wires.some(({ stage, port }) => stage === output.stage && port === output.name)),
  )?.digest;
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
