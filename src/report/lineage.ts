import type { Digest } from "../base/digest.js";
import type { ReportStage } from "./types.js";

/** An artifact, and the stage that made it. */
export interface Made {
  readonly stage: ReportStage;
  readonly digest: Digest;
}

/**
 * The artifacts that a stage made and those that they were made from, one of each kind: of several the nearest. The inputs
 * of a stage come before the other outputs of the stages that made them: a training's history is found beside its weights.
 */
export function lineage(from: ReportStage, stages: readonly ReportStage[]): ReadonlyMap<string, Made> {
  const byName = new Map(stages.map((stage) => [stage.name, stage]));
  const found = new Map<string, Made>();
  const add = (stage: ReportStage, { kind, digest }: ReportStage["outputs"][number]): void => {
    if (!found.has(kind)) found.set(kind, { stage, digest });
  };
  const queue = [from];
  for (const stage of queue) {
    for (const output of stage.outputs) add(stage, output);
    for (const { stage: name, port } of Object.values(stage.inputs)) {
      const maker = byName.get(name);
      const output = maker?.outputs.find((each) => each.name === port);
      if (maker === undefined || output === undefined) continue;
      add(maker, output);
      if (!queue.includes(maker)) queue.push(maker);
    }
  }
  return found;
}
