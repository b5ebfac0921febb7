import type { MetricInfo } from "../artifact/types.js";
import type { Diagnostic } from "../base/diagnostic.js";
import { shortKind, shownKind } from "../base/own-kind.js";
import { metricOfKind } from "./kinds.js";
import type { OwnMetric } from "./metric.js";

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

/** What is to be measured of one split: values of an item lie one after the other. */
export interface Answered {
  readonly items: number;
  readonly outputs: Float32Array;
  /** Targets of `count` items from `from` on. */
  targets(from: number, count: number): Float32Array;
}

/** Every metric over one split; NaN where its code gives no number. */
export function measureOwn(requests: readonly MetricRequest[], answered: Answered): Readonly<Record<string, number>> {
  const running = requests.map(({ metric, params }) => metric.start(params));
  const width = answered.outputs.length / answered.items;
  for (let from = 0; from < answered.items; from += BATCH) {
    const items = Math.min(BATCH, answered.items - from);
    const outputs = answered.outputs.subarray(from * width, (from + items) * width);
    const targets = answered.targets(from, items);
    for (const one of running) one.add({ items, outputs, width, targets, targetWidth: targets.length / items });
  }
  return Object.fromEntries(
    requests.map(({ name }, i) => {
      const value: unknown = running[i]?.value();
      return [name, typeof value === "number" ? value : Number.NaN];
    }),
  );
}
