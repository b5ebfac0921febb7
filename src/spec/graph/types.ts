import type { JsonObject } from "../../base/json.js";
import type { Place } from "./place.js";

/** One layer of a model, and where it was written. */
export interface DrawnNode {
  readonly name: string;
  readonly kind: string;
  readonly params: JsonObject;
  /** Names of inputs and of other nodes; empty after a complaint. */
  readonly from: readonly string[];
  readonly trainable: boolean;
  readonly sharedWith?: string;
  /** Of its parameters. */
  readonly place: Place;
}

export interface DrawnGroup {
  readonly nodes: readonly string[];
  readonly input?: string;
  readonly output?: string;
  readonly block?: string;
  readonly role?: string;
}

/** An input of a model, and where it was written. */
export interface DrawnInput {
  /** Null for the only input column of the data. */
  readonly column: string | null;
  readonly place: Place;
}

export interface DrawnOutput {
  readonly node: string;
  /**
   * What it is compared with: an input of the model or a column, null for the only target column of the data. Undefined
   * where it is computed and not trained.
   */
  readonly target?: { readonly input: string } | { readonly column: string | null };
  readonly loss?: JsonObject;
  readonly weight?: number;
  /** Where to point for its target. */
  readonly place: Place;
  /** Where to point for its shape and its activation. */
  readonly end: Place;
}

/** A model as the YAML describes it, every part with its place. What depends on data is not looked at yet. */
export interface DrawnModel {
  readonly inputs: ReadonlyMap<string, DrawnInput>;
  /** Each after those that it takes from. */
  readonly nodes: ReadonlyMap<string, DrawnNode>;
  readonly outputs: ReadonlyMap<string, DrawnOutput>;
  readonly groups: ReadonlyMap<string, DrawnGroup>;
  /** Nodes that take one dimension, and where to say so. */
  readonly flat: ReadonlyMap<string, Place>;
}
