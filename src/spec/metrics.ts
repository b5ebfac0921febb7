import { type ModelFacts, type OutputFacts, trainedOutputs } from "./graph/shapes.js";

/**
 * The names of what a training measures, as the engine has them (`lossName` and `prefixOf` in src/engine/objective.ts): the
 * loss; of a single output what is measured of it, or its reconstruction error; of several, the loss and what is measured of
 * each under its name; and the terms that come from layers.
 *
 * @param ofOutput what is measured besides the loss of an output that is no reconstruction.
 */
export function metricsOf(model: ModelFacts, ofOutput: (output: OutputFacts) => readonly string[]): readonly string[] {
  const trained = trainedOutputs(model);
  const measured = trained.map((output) => (rebuilds(output) ? [] : ofOutput(output)));
  const [only] = trained;
  if (trained.length === 1 && only !== undefined) {
    return ["loss", ...(rebuilds(only) ? ["reconstruction"] : (measured[0] ?? [])), ...model.terms];
  }
  const named = trained.flatMap(({ name }, i) => ["loss", ...(measured[i] ?? [])].map((metric) => `${name}.${metric}`));
  return ["loss", ...named, ...model.terms];
}

function rebuilds({ target }: OutputFacts): boolean {
  return target !== undefined && "input" in target;
}
