import type { JsonObject } from "../base/json.js";
import type { Catalog } from "../catalog/types.js";
import type { Loss } from "../gen/losses.js";
import type { StageParams } from "../gen/stages.js";
import type { ColumnFacts, DataFacts } from "./data-facts.js";
import { inputFacts, targetFacts } from "./graph/columns.js";
import { type ModelFacts, type OutputFacts, trainedOutputs } from "./graph/shapes.js";
import { heads } from "./heads.js";

type Chosen = StageParams["train"]["loss"];

/**
 * The loss of a training that names none, as it would be written: that of its stage build for an output that has one, else the
 * one that is usual for its task. Also of outputs that fit nothing: what is wrong is then said about them.
 */
export function lossFor(model: ModelFacts, data: DataFacts, catalog: Catalog): Chosen {
  const losses = trainedOutputs(model).map((output): [string, Loss] => {
    const own = output.loss as Loss | undefined;
    return [output.name, own ?? withDefaults(usual(output, model, data), catalog)];
  });
  const [only] = losses;
  if (only !== undefined && losses.length === 1 && model.terms.length === 0) return only[1];
  const byOutput: Record<string, Loss | number> = Object.fromEntries(losses);
  // Weights of terms such as `kl`.
  catalog.schema("stages/train#loss").validate(byOutput);
  return byOutput;
}

/** The kind of loss that is usual for what an output is compared with. */
function usual(output: OutputFacts, model: ModelFacts, data: DataFacts): string {
  const { target, head, shape } = output;
  if (target === undefined || "input" in target) {
    const isLikelihood =
      head !== null && heads.unit?.names.includes(head) && rebuiltValues(output, model, data) === "unit";
    return isLikelihood ? "binary-crossentropy" : "mean-squared-error";
  }
  const facts = targetFacts(data, target.column);
  if (facts?.task === "multi-label") return "binary-crossentropy";
  if (facts?.task !== "classification") return "mean-squared-error";
  const isOneOfTwo = facts.classes === 2 && String(shape) === "1";
  return isOneOfTwo ? "binary-crossentropy" : "categorical-crossentropy";
}

function withDefaults(kind: string, catalog: Catalog): Loss {
  const params: JsonObject = {};
  catalog.schema(`losses/${kind}`).validate(params);
  return { [kind]: params } as unknown as Loss;
}

/** What the values are of the input that an output makes again. */
export function rebuiltValues({ target }: OutputFacts, { inputs }: ModelFacts, data: DataFacts): ColumnFacts["values"] {
  const input = target && "input" in target ? inputs.find(({ name }) => name === target.input) : undefined;
  return inputFacts(data, input?.column ?? null)?.values ?? "any";
}
