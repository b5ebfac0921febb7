import type { ArtifactTypes } from "../artifact/types.js";
import type { Diagnostic } from "../base/diagnostic.js";
import type { Result } from "../base/result.js";
import type { StageContext } from "../stage.js";
import type { FromSchema, NoParams, ParamsSchema } from "./schema.js";

type Type = keyof ArtifactTypes;

/** What a stage takes, by names of its own: a type, or a type that is taken where the pipeline makes one. */
export type InputPorts = Readonly<Record<string, Type | InputPort>>;
interface InputPort {
  readonly type: Type;
  readonly optional?: boolean;
  /** Another input that it must belong to: `weights` are `of` the `model` that they were trained in. */
  readonly of?: string;
  /** With `of`: `inputs` in YAML may name one that does not belong to it. Default: false. */
  readonly foreign?: boolean;
}

/** What a stage makes, by names of its own. */
export type OutputPorts = Readonly<Record<string, Type>>;

type InputsOf<I extends InputPorts> = {
  readonly [P in RequiredPort<I>]: Artifact<I[P]>;
} & { readonly [P in Exclude<keyof I, RequiredPort<I>>]?: Artifact<I[P]> };
type RequiredPort<I> = { [P in keyof I]: I[P] extends { readonly optional: true } ? never : P }[keyof I];
type Artifact<P> = P extends Type
  ? ArtifactTypes[P]
  : P extends { readonly type: infer T extends Type }
    ? ArtifactTypes[T]
    : never;
type OutputsOf<O extends OutputPorts> = { readonly [P in keyof O]: ArtifactTypes[O[P]] };

/** What a running stage is given besides its inputs. */
export interface OwnContext<P> extends Pick<StageContext, "seed" | "engine" | "read" | "progress" | "warn"> {
  /** Checked by the schema, defaults filled in, `${…}` replaced. */
  readonly params: P;
}

/** A stage that a pipeline names by its file: `uses: ./stages/clean.ts`. */
export interface OwnStage<S extends ParamsSchema, I extends InputPorts, O extends OutputPorts> {
  /** Of the parameters. Without it the stage takes none. A string with `"x-file": "what is in it"` is a file's path. */
  readonly schema?: S;
  /** Without it the stage takes nothing. */
  readonly inputs?: I;
  readonly outputs: O;
  /** For a change of results that the code does not show, such as another service that it asks. Default: 1. */
  readonly version?: number;
  /** Whether it draws random numbers from `context.seed`. Default: false. */
  readonly seeded?: boolean;
  /** Whether its bits depend on the engine. Default: false. */
  readonly engine?: boolean;
  /**
   * Computes the outputs from parameters, seed and inputs, and nothing else: no clock, no environment, no file but through
   * `context.read`. What it throws ends the stage and is shown with its place; `err([{ message, path }])` points at a parameter.
   */
  run(context: OwnContext<FromSchema<S>>, inputs: InputsOf<I>): Made<OutputsOf<O>> | Promise<Made<OutputsOf<O>>>;
}

type Made<O> = O | Result<O, readonly (Partial<Diagnostic> & { readonly message: string })[]>;

export function defineStage<
  const S extends ParamsSchema = NoParams,
  const I extends InputPorts = Record<never, never>,
  const O extends OutputPorts = OutputPorts,
>(stage: OwnStage<S, I, O>): OwnStage<S, I, O> {
  return stage;
}
