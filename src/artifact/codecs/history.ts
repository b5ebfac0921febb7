import type { JsonObject } from "../../base/json.js";
import type { Codec } from "../codec.js";
import type { History } from "../types.js";
import { finite, fromPairs, type Pairs, toPairs } from "./blobs.js";

/** The store makes its rows from `splits`, so that any SQLite client can draw the curves. */
export interface HistoryMeta extends Omit<History, "splits"> {
  readonly splits: Pairs<Pairs<readonly (number | null)[]>>;
}

/** What a history may or may not say; absent here is absent in the manifest. */
function present({ planned, kept, chosenBy, stopped }: Partial<History>): JsonObject {
  return {
    ...(planned === undefined ? {} : { planned }),
    ...(kept === undefined ? {} : { kept }),
    ...(chosenBy === undefined ? {} : { chosenBy: { ...chosenBy } }),
    ...(stopped === undefined ? {} : { stopped }),
  };
}

export const history: Codec<History> = {
  version: 1,
  encode({ epochs, splits, learningRate, bestEpoch, engine, batchSize, stepsPerEpoch, ...optional }) {
    const measured = (values: readonly (number | null)[], what: string) =>
      values.map((value, i) => (value === null ? null : finite(value, `${what} of epoch ${i + 1}`)));
    const meta = {
      epochs,
      splits: toPairs(splits, (metrics, split) =>
        toPairs(metrics, (values, name) => measured(values, `${split} ${name}`)),
      ),
      learningRate,
      bestEpoch,
      engine: { name: engine.name, version: engine.version },
      batchSize,
      stepsPerEpoch,
      ...present(optional),
    };
    return { meta, blobs: {} };
  },
  decode({ meta }) {
    const { splits, ...rest } = meta as unknown as HistoryMeta;
    return { ...rest, splits: fromPairs(splits, (metrics) => fromPairs(metrics, (values) => values)) };
  },
};
