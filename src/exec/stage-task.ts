import type { Digest } from "../base/digest.js";
import type { EngineName } from "../base/engines.js";
import type { PlanNode } from "../plan/types.js";
import type { StageTask } from "./protocol.js";

/** @param digests input port → the artifact that the stage takes there. */
export function stageTask(
  { id, stage, seed, facts }: PlanNode,
  attempt: number,
  digests: Readonly<Record<string, Digest>>,
  engine: EngineName,
  storePath: string,
): StageTask {
  const { name, kind, params, files } = stage;
  const inputs = Object.entries(digests).map(([port, digest]) => {
    return [port, { kind: facts.inputs[port]?.type ?? port, digest }] as const;
  });
  return {
    type: "stage",
    node: id,
    attempt,
    kind,
    stage: name,
    params,
    seed,
    engine,
    inputs: Object.fromEntries(inputs),
    outputs: facts.outputs,
    files,
    storePath,
  };
}
