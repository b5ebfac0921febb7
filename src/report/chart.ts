/**
 * The interface between a chart and the program. A chart kind is two files of one name: `schemas/charts/<kind>.schema.json` says
 * which options YAML may write, and `src/report/charts/<kind>.ts` has two halves. `collect` runs in the visualize stage
 * of one variant and reduces its artifacts to a little data; `draw` runs when the report is rendered, over the data of
 * all variants side by side.
 */
import type { ArtifactKind, ArtifactTypes, History } from "../artifact/types.js";
import type { EpochMetrics } from "../base/event.js";
import type { Json, JsonObject } from "../base/json.js";
import type { ChartParams } from "../gen/charts.js";
import type { Section } from "./block.js";

export interface ChartDefinition<O extends JsonObject = JsonObject, D extends Json = Json> {
  readonly kind: string;
  /** Its position in the page: by the group first, the place within it second, the pipeline's order last. */
  readonly group: ChartGroup;
  readonly place: number;
  /**
   * The kind of artifact that has an entry of its own, where a variant has several: two trainings are two lines among the loss
   * curves. Default: metrics.
   */
  readonly about?: ViewKind;
  /** It shows one output: for a model with several it is made for each, from artifacts that have that one alone. */
  readonly ofOutput?: true;
  /** Data of one variant, or why there is nothing to show. No clock, no randomness but the seed. */
  collect(source: ChartSource, options: O): Promise<Collected<D> | Absent>;
  /**
   * The same data for a variant that has no figures, from whatever it left behind; charts of a failed variant's training
   * come from here. With `about`, also for a stage that no stage of charts saw.
   */
  recover?(remains: Remains): Collected<D> | Absent;
  /** Null where no variant has anything to show. */
  draw(shown: readonly Shown<D>[], options: O, page: Page): Section | null;
}

/** Kinds of artifacts that a variant may have several of, each with a row or a line of its own. */
export type ViewKind = "metrics" | "history" | "model" | "figures";

export type ChartGroup = "training" | "quality" | "images" | "latent" | "model" | "data" | "custom";

export interface Collected<D extends Json = Json> {
  readonly data: D;
  /** PNG files by name. */
  readonly images?: Readonly<Record<string, Uint8Array>>;
}

/** Nothing to show, and why: "no labels". Shown in the report only if the pipeline names the chart. */
export interface Absent {
  readonly absent: string;
}

export function isAbsent(result: object): result is Absent {
  return "absent" in result;
}

/** What a chart can be made from: the artifacts above the visualize stage that exist. */
export interface ChartSource {
  readonly artifacts: { readonly [K in ArtifactKind]?: ArtifactTypes[K] };
  readonly seed: number;
  /**
   * Decodes `items` points of the latent space, `z` being `[items, latent]`, into `[items, …output shape]`.
   * Absent for models without a decoder and where there are no weights.
   */
  readonly decode?: (z: Float32Array, items: number) => Promise<Float32Array>;
  /** Computes a value once for all charts of the variant that ask for it by this name. */
  shared<T>(name: string, make: () => T): T;
}

export interface Remains {
  readonly artifacts: ChartSource["artifacts"];
  readonly partialHistory?: readonly EpochMetrics[];
}

/** The data of one variant when a chart is drawn. */
export interface Shown<D extends Json = Json> {
  readonly variant: VariantLook;
  readonly data: D;
  readonly images: Readonly<Record<string, Uint8Array>>;
  /** Measured; null unless the report is made with times. */
  readonly trainingMs: number | null;
  /** Of the model, in the order of their stages; several where a stage goes on from the weights of another. */
  trainings(): readonly History[];
  /** For what only a comparison needs, such as the items on which two variants differ most. Read from the store when used. */
  readonly artifacts: ChartSource["artifacts"];
}

/** How a variant looks everywhere in the page. */
export interface VariantLook {
  /** Its place in the report, from 0. */
  readonly index: number;
  readonly name: string;
  readonly color: string;
  /** Stroke dashes, `[]` for a solid line. */
  readonly dash: readonly number[];
  /** A Vega symbol. */
  readonly shape: string;
  readonly baseline: boolean;
}

/** What a chart may add to the page besides its section. */
export interface Page {
  /** The id of this chart: of its section, and the start of every other id and name that it makes. */
  readonly id: string;
  /** All variants of the report. */
  readonly variants: readonly VariantLook[];
  /** Places of the variants, best first; those without a result come last. */
  readonly ranking: readonly number[];
  /** Registers rows under a name, once; several charts may use them. Equal content under two names is stored twice. */
  dataset(name: string, columns: Columns): void;
  /** Registers a picture that holds tiles row by row; `Tile`s and hovers refer to it by name. */
  sprite(name: string, sprite: Sprite): void;
  /** Registers the weights of a small decoder for use in the page. */
  decoder(name: string, decoder: Json): void;
}

/** A table by columns, all of one length. */
export type Columns = Readonly<Record<string, readonly (number | string | boolean | null)[]>>;

export interface Sprite {
  readonly png: Uint8Array;
  readonly tileWidth: number;
  readonly tileHeight: number;
  /** Tiles in a row. */
  readonly columns: number;
  readonly count: number;
}

export function defineChart<K extends keyof ChartParams, D extends Json>(
  chart: ChartDefinition<ChartParams[K] & JsonObject, D> & { readonly kind: K },
): ChartDefinition {
  // A registry holds charts of all kinds; that data fits its chart is kept by `kind`, not by the compiler.
  return chart as unknown as ChartDefinition;
}
