import type { Diagnostic } from "../../base/diagnostic.js";
import type { Digest } from "../../base/digest.js";
import { didYouMean, oneOf, orList } from "../../base/suggest.js";
import { REPORT_FORMATS } from "../../exec/export-formats.js";
import type { RunRecord, StageRecord, VariantRecord } from "../../store/types.js";

/** A variant with what a training of it left: the weights, the model that they are of, the data that it learned from. */
export interface TrainedVariant {
  /** The variant, and behind a slash the stage, where that was asked for: the folder of its files. */
  readonly name: string;
  readonly variant: string;
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

export interface TrainingChoice {
  /** The variants of the record are those that the user named. */
  readonly asked: boolean;
  /** The stage whose weights are wanted. Default: the last that trained. */
  readonly stage?: string | undefined;
}

export function trainedModels({ run, variants }: RunRecord, { asked, stage }: TrainingChoice): TrainedVariants {
  const models: TrainedVariant[] = [];
  const without: VariantRecord[] = [];
  for (const variant of variants) {
    const trained = trainings(variant).findLast(({ by }) => stage === undefined || by === stage);
    if (trained === undefined) without.push(variant);
    else {
      const { by, ...parts } = trained;
      const name = stage === undefined ? variant.name : `${variant.name}/${by}`;
      models.push({ name, variant: variant.name, ...parts });
    }
  }
  const fatal = asked ? without.length > 0 : models.length === 0;
  const severity = fatal ? "error" : "warning";
  return { models, fatal, lacking: without.map((variant) => noWeights(run, variant, stage, severity)) };
}

interface Training extends Omit<TrainedVariant, "name" | "variant"> {
  /** The stage that trained. */
  readonly by: string;
}

/** What the stages of a variant trained, in their order. */
function trainings({ stages }: VariantRecord): readonly Training[] {
  return stages.flatMap((stage, i): readonly Training[] => {
    const weights = stage.outputs.find(({ kind }) => kind === "weights")?.digest;
    const model = takenBy(stage, stages.slice(0, i), "model");
    if (weights === undefined || model === undefined) return [];
    const dataset = takenBy(stage, stages.slice(0, i), "dataset");
    return [{ by: stage.name, model, weights, ...(dataset === undefined ? {} : { dataset }) }];
  });
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

function noWeights(
  run: string,
  variant: VariantRecord,
  stage: string | undefined,
  severity: Diagnostic["severity"],
): Diagnostic {
  const { name, stages } = variant;
  const trained = trainings(variant).map(({ by }) => by);
  if (trained.length > 0 && stage !== undefined) return noStage(run, name, stage, trained, severity);
  const failed = stages.find(({ status }) => status === "failed");
  const why = failed === undefined ? "its training did not come to an end" : `its stage ${failed.name} failed`;
  return {
    code: "no-weights",
    severity,
    message: `${name} has no trained weights in ${run}: ${why}`,
    fix: `Train it first; what is there can be written as ${orList(REPORT_FORMATS)}.`,
  };
}

function noStage(
  run: string,
  variant: string,
  stage: string,
  trained: readonly string[],
  severity: Diagnostic["severity"],
): Diagnostic {
  return {
    code: "no-such-stage",
    severity,
    message: `in ${run}, no stage \`${stage}\` of ${variant} trained weights`,
    expected: oneOf(trained),
    fix: didYouMean(stage, trained) ?? "Name a stage that trained.",
  };
}
