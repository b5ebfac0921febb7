/** What a metric of a project's own is. */

/** What a metric receives: some items of a split, one after the other. */
export interface MetricBatch {
  readonly items: number;
  /** The model's output, `[items × width]`: probabilities, numbers, or reconstructions. */
  readonly outputs: Float32Array;
  /** Values of one output. */
  readonly width: number;
  /** The targets: a class number an item, numbers, or the input that was to be reconstructed. */
  readonly targets: Float32Array;
  /** Values of one target. */
  readonly targetWidth: number;
}

/** A measurement under way over one split. */
export interface Measurement {
  add(batch: MetricBatch): void;
  value(): number;
}

export interface OwnMetric {
  /** In tables and in `expect`; the file's name unless given. */
  readonly name?: string;
  readonly better: "higher" | "lower";
  readonly unit?: string;
  start(params: unknown): Measurement;
}
