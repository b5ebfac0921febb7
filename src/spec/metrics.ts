import { type ModelFacts, trainedOutputs } from "./graph/shapes.js";

/**
 * The names of what a training measures: the loss, the loss of each output where there are several or where it is not all
 * of the loss, and the terms that come from layers.
 *
 * @param ofOnly what is measured besides where there is one output, and it is no reconstruction.
 */
export function metricsOf(model: ModelFacts, ofOnly: readonly string[]): readonly string[] {
  const trained = trainedOutputs(model);
  const [only] = trained;
  if (trained.length === 1 && only?.target && "column" in only.target) return ["loss", ...ofOnly, ...model.terms];
  return ["loss", ...trained.map(({ name }) => name), ...model.terms];
}
