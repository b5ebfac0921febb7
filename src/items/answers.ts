import { inputOf } from "../artifact/columns.js";
import type { Dataset, Model, Weights } from "../artifact/types.js";
import type { Diagnostic } from "../base/diagnostic.js";
import { ok, type Result } from "../base/result.js";
import { type Engine, evaluate, openModel } from "../engine/index.js";
import type { Answers } from "./table.js";

/** A trained model and what it is asked about. */
export interface Asked {
  readonly model: Model;
  readonly weights: Weights;
  readonly dataset: Dataset;
  readonly seed: number;
}

/**
 * Asks the model about every item of a split. It is the evaluation once more, so the losses are those that the metrics are
 * the means of, noise included; the reconstructions, which an evaluation keeps as bytes, are computed once more as numbers.
 */
export async function answersOf(
  engine: Engine,
  { model, weights, dataset, seed }: Asked,
  split: string,
  wanted: { readonly reconstructions: boolean },
): Promise<Result<Answers, Diagnostic[]>> {
  const params = { splits: [split], predictions: split };
  const evaluated = await evaluate(engine, { model, weights, dataset, seed, params });
  if (!evaluated.ok) return evaluated;
  const { reconstruction, ...answers } = evaluated.value.predictions;
  const x = inputOf(dataset, split);
  if (reconstruction === undefined || !wanted.reconstructions || x === undefined) return ok(answers);
  const opened = await openModel(engine, model, weights);
  if (!opened.ok) return opened;
  try {
    const output = await opened.value.predict(x);
    return output.ok ? ok({ ...answers, reconstruction: output.value }) : output;
  } finally {
    opened.value.dispose();
  }
}
