import type { JsonObject } from "../base/json.js";
import type { OwnFamily } from "../base/own-kind.js";
import type { StageFacts } from "../base/ports.js";
import type { SchemaFacts } from "../gen/tables.js";
import type { Validator } from "../gen/validators.js";

/** A family of kinds is named as its folder under `schemas/`. */
export type Family =
  | "stages"
  | "families"
  | "layers"
  | "initializers"
  | "losses"
  | "metrics"
  | "optimizers"
  | "schedules"
  | "charts";

/** The facts of a loss that `spec` checks outputs against. */
export interface LossFacts {
  /** What the output must be: anything, between 0 and 1, or probabilities that sum to 1. */
  readonly output: "any" | "unit" | "distribution";
  /** It can compare an output with the input that it was made from. */
  readonly reconstruction: boolean;
}

/** What spec must know of a metric: there are only those of a project's own. */
export interface MetricFacts {
  /** In tables. */
  readonly name: string;
}

/** The facts of a kind that are needed without its code; families that are not listed have none. */
export interface KindFacts {
  readonly stages: StageFacts;
  readonly losses: LossFacts;
  readonly metrics: MetricFacts;
}
export type FactsOf<F extends Family> = F extends keyof KindFacts ? KindFacts[F] : undefined;

/** A mapping in YAML: how it is checked, and what is said of its mistakes. */
export interface Schema {
  readonly facts: SchemaFacts;
  /** Fills in defaults, and leaves its errors on itself. */
  readonly validate: Validator;
}

/** One kind that YAML can name. */
export interface Kind<F extends Family = Family> extends Schema {
  readonly family: F;
  readonly name: string;
  readonly about: FactsOf<F>;
}

/**
 * All kinds that YAML can name: composed once by the caller of the program, and handed to what reads and plans
 * experiments. Nothing else looks a kind up in a table of all kinds.
 */
export interface Catalog {
  get<F extends Family>(family: F, name: string): Kind<F> | undefined;
  /** Names of the kinds of a family, in a fixed order. */
  names(family: Family): readonly string[];
  /** What one kind of the family is called: `stage`. */
  one(family: Family): string;
  /** By `family/name`; also the outer forms of files (`skeleton/pipeline`), and forms beside a kind (`stages/train#loss`). */
  schema(id: string): Schema;
  /** The code of a kind of the project's own by its parts, by the kind's full name. */
  codeOf(name: string): JsonObject | undefined;
  /**
   * The kind that a file of the project defines; its name holds the path as it is written and the digest of its code.
   * Undefined where the file was not looked at yet, null where there are complaints about it already.
   */
  own(family: OwnFamily, file: string, written: string): Kind | null | undefined;
}
