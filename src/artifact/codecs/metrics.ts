import type { Codec } from "../codec.js";
import type { Divergence, MetricInfo, Metrics } from "../types.js";
import { finite, fromPairs, type Pairs, toPairs } from "./blobs.js";

type Confusion = readonly (readonly number[])[];

/** The store makes its rows from `splits`. */
export interface MetricsMeta {
  readonly splits: Pairs<Pairs<number>>;
  readonly about: Pairs<MetricInfo>;
  readonly confusion?: Pairs<Confusion>;
  readonly unmeasured?: Pairs<Pairs<string>>;
  readonly cautions?: Pairs<readonly string[]>;
  readonly divergence?: Divergence;
}

export const metrics: Codec<Metrics> = {
  version: 1,
  encode({ splits, about, confusion, unmeasured, cautions, divergence }) {
    const meta = {
      splits: toPairs(splits, (values, split) => toPairs(values, (value, name) => finite(value, `${split} ${name}`))),
      about: toPairs(about, ({ label, unit, better }) => ({ label, unit, better })),
      ...(confusion === undefined ? {} : { confusion: toPairs(confusion, (rows) => rows) }),
      ...(unmeasured === undefined ? {} : { unmeasured: toPairs(unmeasured, (why) => toPairs(why, (text) => text)) }),
      ...(cautions === undefined ? {} : { cautions: toPairs(cautions, (texts) => texts) }),
      ...(divergence === undefined ? {} : { divergence: { ...divergence } }),
    };
    return { meta, blobs: {} };
  },
  decode(encoded) {
    const meta = encoded.meta as unknown as MetricsMeta;
    return {
      splits: fromPairs(meta.splits, (values) => fromPairs(values, (value) => value)),
      about: fromPairs(meta.about, (info) => info),
      ...(meta.confusion === undefined ? {} : { confusion: fromPairs(meta.confusion, (rows) => rows) }),
      ...(meta.unmeasured === undefined
        ? {}
        : { unmeasured: fromPairs(meta.unmeasured, (why) => fromPairs(why, (text) => text)) }),
      ...(meta.cautions === undefined ? {} : { cautions: fromPairs(meta.cautions, (texts) => texts) }),
      ...(meta.divergence === undefined ? {} : { divergence: meta.divergence }),
    };
  },
};
