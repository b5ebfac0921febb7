import type { MetricInfo } from "../artifact/types.js";
import type { Diagnostic } from "../base/diagnostic.js";
import { shortKind, shownKind } from "../base/own-kind.js";
import { metricOfKind } from "./kinds.js";
import type { Measurement, OwnMetric } from "./metric.js";

/** Metrics of the project's own that an evaluation computes besides the built-in ones: `{ "./metrics/top.ts#…": { k: 3 } }`. */
export type MetricChoice = Readonly<Record<string, unknown>>;

export interface MetricRequest {
  readonly name: string;
  readonly info: MetricInfo;
  /** For complaints. */
  readonly file: string;
  readonly metric: OwnMetric;
  readonly params: unknown;
}

export function metricRequests(choices: readonly MetricChoice[] = []): readonly MetricRequest[] {
  return choices.flatMap((choice) =>
    Object.entries(choice).map(([kind, params]) => {
      const metric = metricOfKind(kind);
      const name = metric.name ?? shortKind(kind);
      const info = { label: name, unit: metric.unit ?? "", better: metric.better };
      return { name, info, file: shownKind(kind), metric, params };
    }),
  );
}

/** Names that would stand for two measures, each once. */
export function namesTaken(requests: readonly MetricRequest[], measured: Iterable<string>): readonly Diagnostic[] {
  const taken = new Set(measured);
  return requests.flatMap(({ name, file }, i) => {
    const twice = requests.findIndex((other) => other.name === name) !== i;
    if (!twice && !taken.has(name)) return [];
    const diagnostic: Diagnostic = {
      code: "wrong-export",
      severity: "error",
      message: `${file} measures \`${name}\`, which is measured already`,
      path: ["metrics", i],
      fix: "Give the metric another `name`.",
    };
    return [diagnostic];
  });
}

/** Items that are handed over at a time. */
const BATCH = 1024;

/** Targets of `count` items from `from` on, one after the other. */
export type TargetsOf = (from: number, count: number) => Float32Array;

/** Every metric over one output of one split, whose items come one after the other. */
export class OwnMeasurement {
  readonly #requests: readonly MetricRequest[];
  readonly #running: readonly Measurement[];
  readonly #targetsOf: TargetsOf;
  #done = 0;

  constructor(requests: readonly MetricRequest[], targetsOf: TargetsOf) {
    this.#requests = requests;
    this.#running = requests.map(({ metric, params }) => metric.start(params));
    this.#targetsOf = targetsOf;
  }

  /** @param values what the model says of the next items. */
  add(values: Float32Array, count: number): void {
    const width = values.length / count;
    for (let from = 0; from < count; from += BATCH) {
      const items = Math.min(BATCH, count - from);
      const outputs = values.subarray(from * width, (from + items) * width);
      const targets = this.#targetsOf(this.#done, items);
      this.#done += items;
      for (const one of this.#running) one.add({ items, outputs, width, targets, targetWidth: targets.length / items });
    }
  }

  /** NaN where the code gives no number. */
  values(): Readonly<Record<string, number>> {
    return Object.fromEntries(
      this.#requests.map(({ name }, i) => {
        const value: unknown = this.#running[i]?.value();
        return [name, typeof value === "number" ? value : Number.NaN];
      }),
    );
  }
}
