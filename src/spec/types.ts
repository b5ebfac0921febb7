import type { Diagnostic, Location } from "../base/diagnostic.js";
import type { Digest } from "../base/digest.js";
import type { JsonObject, JsonPath } from "../base/json.js";
import type { PortRef } from "../base/ports.js";

/** A checked stage: its parameters fit its kind's schema, defaults filled in, references resolved. */
export interface Stage {
  readonly name: string;
  readonly kind: string;
  readonly params: JsonObject;
  /** Names of the stages that come before it, as written or the one above. */
  readonly needs: readonly string[];
  /** Its input ports → the outputs that they take. */
  readonly inputs: Readonly<Record<string, PortRef>>;
  /** What comes from outside of the pipeline, by port: known when a run is planned. */
  readonly given?: Readonly<Record<string, Digest>>;
  /** Files that the parameters name, with their absolute paths; `path` is the place in `params`. */
  readonly files: readonly { readonly path: JsonPath; readonly absolute: string }[];
  /** Where a parameter stands in the YAML; the nearest enclosing place that exists. */
  locate(path: JsonPath): Location;
}

/** A checked pipeline: one variant. Later states never ask again whether it is right. */
export interface Pipeline {
  readonly name: string;
  readonly description: string;
  readonly seed: number;
  readonly params: JsonObject;
  /** In an order in which every stage follows what it needs. */
  readonly stages: readonly Stage[];
  /**
   * Every stage's mapping after `extends`, `--set` and `${…}`, by name, without defaults; of those with a model, with the
   * pipeline's blocks. A map: a name may look like a number.
   */
  readonly written: ReadonlyMap<string, JsonObject>;
  /** The pipeline after `extends`, `--set` and `${…}`, as YAML: what the report shows. */
  readonly resolvedYaml: string;
  /** The file it was read from, as the user named it. */
  readonly file: string;
}

/** What one `pipe run` is about: one variant or several, and the question they should answer. */
export interface Experiment {
  readonly name: string;
  readonly question: string;
  readonly description: string;
  readonly variants: readonly Pipeline[];
  /** Name of the variant that differences are taken against; the first unless said otherwise. */
  readonly baseline: string;
}

/** A checked experiment, and what its author should still know. */
export interface LoadedExperiment extends Experiment {
  readonly warnings: readonly Diagnostic[];
  /** All that was read or is named by a stage: comparisons, pipelines, what these extend, data. Absolute paths. */
  readonly files: readonly string[];
}
