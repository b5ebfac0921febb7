import type { Digest } from "../base/digest.js";
import type { EngineName } from "../base/engines.js";
import type { JsonObject } from "../base/json.js";
import type { StageFacts } from "../base/ports.js";
import type { Experiment, Stage } from "../spec/types.js";
import type { FingerprintParts, StageLabel, StageResult } from "../store/types.js";

/** One stage of the merged graph; variants that agree on it and on all above it share the node. */
export interface PlanNode {
  /** Short, stable for equal content: the start of the hash of the stage and all above it. */
  readonly id: string;
  /** The stage of the first variant that has it; equal in the others but for its name. The report stands in no YAML. */
  readonly stage: Omit<Stage, "locate"> & Partial<Pick<Stage, "locate">>;
  /** Every variant's stage that this node serves. */
  readonly labels: readonly StageLabel[];
  readonly seed: number;
  /** Of the stage's kind. */
  readonly facts: StageFacts;
  /** Of what the stage names of the project's own. */
  readonly ownCode?: OwnCode;
  /** Input port → the output that it takes. */
  readonly inputs: Readonly<Record<string, NodePort>>;
  /** Nodes that must have finished first: makers of inputs, and plain `needs`. */
  readonly after: readonly string[];
  /** Runs whatever became of those before it, and after an interruption too: the report, which shows what there is. */
  readonly regardless?: true;
}

/** File of own code → module or package → digest or version. */
export type OwnCode = Readonly<Record<string, JsonObject>>;

/** An output of a node. */
export interface NodePort {
  readonly node: string;
  readonly port: string;
}

/** What is known of a node before anything runs. */
export type NodeState =
  | { readonly state: "cached"; readonly fingerprint: Digest; readonly result: StageResult }
  | { readonly state: "run"; readonly fingerprint: Digest; readonly parts: FingerprintParts; readonly reason: string }
  /** An input is made anew first. What it will be may be stored already, unless this runs `surely`: it is forced. */
  | { readonly state: "after-inputs"; readonly reason: string; readonly surely: boolean };

/** What is known of a node once its inputs are. */
export type SettledState = Exclude<NodeState, { readonly state: "after-inputs" }>;

export interface Plan {
  readonly experiment: Experiment;
  /** In an order in which every node follows its `after`. */
  readonly nodes: readonly PlanNode[];
  readonly states: ReadonlyMap<string, NodeState>;
  readonly engine: EngineChoice;
}

/** Which engine computes, and its version: part of the fingerprint of stages whose bits depend on it. */
export interface EngineChoice {
  readonly name: EngineName;
  readonly version: string;
  /** Why it is not the one that would be best, where it is not. */
  readonly note?: string;
}

/** Which code makes a stage's output. */
export type Revision = {
  /** Digest of all our code that takes part. */
  readonly code: string;
  /** Version of each package that computes with it, besides those of the engine. */
  readonly libraries: Readonly<Record<string, string>>;
};
