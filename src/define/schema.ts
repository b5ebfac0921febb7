/** Types of parameters from their JSON Schema, for as much of it as parameters need. */
import type { Json } from "../base/json.js";

/** A JSON Schema (draft-07) of a mapping. Keys that it does not list are errors unless it says otherwise. */
export interface ParamsSchema {
  readonly type: "object";
  readonly properties?: Readonly<Record<string, PropertySchema>>;
  readonly required?: readonly string[];
  readonly [keyword: string]: unknown;
}

export interface PropertySchema {
  readonly type?: SchemaType | readonly SchemaType[];
  readonly default?: unknown;
  readonly description?: string;
  readonly [keyword: string]: unknown;
}

type SchemaType = "object" | "array" | "string" | "number" | "integer" | "boolean" | "null";

/** The schema of a kind that takes no parameters. */
export type NoParams = { readonly type: "object" };

/** The parameters that fit a schema, defaults filled in. */
export type FromSchema<S> = S extends { readonly properties: infer P }
  ? { readonly [K in Present<S, P>]: ValueOf<P[K]> } & {
      readonly [K in Exclude<keyof P, Present<S, P>>]?: ValueOf<P[K]>;
    }
  : Readonly<Record<string, never>>;

/** Keys that are always there: those that must be written, and those that have a default. */
type Present<S, P> = {
  [K in keyof P]: P[K] extends { readonly default: unknown }
    ? K
    : S extends { readonly required: readonly (infer R)[] }
      ? K extends R
        ? K
        : never
      : never;
}[keyof P];

type ValueOf<S> = S extends { readonly const: infer C }
  ? C
  : S extends { readonly enum: readonly (infer E)[] }
    ? E
    : S extends { readonly type: infer T }
      ? OfType<T extends readonly (infer One)[] ? One : T, S>
      : Json;

type OfType<T, S> = T extends "number" | "integer"
  ? number
  : T extends "string"
    ? string
    : T extends "boolean"
      ? boolean
      : T extends "null"
        ? null
        : T extends "array"
          ? readonly (S extends { readonly items: infer I } ? ValueOf<I> : Json)[]
          : S extends { readonly properties: unknown }
            ? FromSchema<S>
            : Readonly<Record<string, Json>>;
