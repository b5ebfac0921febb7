/** The facts of a kind of stage besides its parameters: its inputs and outputs, by name and type. */

/** A named input of a stage kind. */
export interface InputPort {
  /** The kind of artifact that it takes. */
  readonly type: string;
  /** It takes one only where the pipeline makes one. */
  readonly optional: boolean;
  /**
   * Another input. What comes from elsewhere than `inputs` says must belong to what that input takes: the weights must be
   * of the model, the history must be that of the weights. Its maker took or made the very same.
   */
  readonly of?: string;
  /** `inputs` may name one that does not belong to it. */
  readonly foreign?: boolean;
  /** Filled from outside of the pipeline when a run is planned, never by another stage. */
  readonly outside?: boolean;
}

/** What the planner must know of a stage kind; the code of the stage is not needed for it. */
export interface StageFacts {
  /** Raised when the stage's output changes for the same input: part of the fingerprint. */
  readonly version: number;
  readonly inputs: Readonly<Record<string, InputPort>>;
  /** Port → the kind of artifact that it gives. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Its output depends on the seed. */
  readonly seeded: boolean;
  /** The bits of its output depend on the engine. */
  readonly engine: boolean;
}

/** An output of a stage of the same pipeline. */
export interface PortRef {
  readonly stage: string;
  readonly port: string;
}

const TELLING: ReadonlySet<string> = new Set(["metrics", "predictions", "figures"]);

/**
 * Whether a stage only measures or shows the outputs of others, so that its settings change no result.
 * @param outputs kinds of the artifacts that it makes.
 */
export function onlyMeasures(outputs: readonly string[]): boolean {
  return outputs.length > 0 && outputs.every((kind) => TELLING.has(kind));
}
