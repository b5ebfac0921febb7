import type { JsonPath } from "../base/json.js";
import { didYouMean, oneOf } from "../base/suggest.js";
import { show } from "../layers/index.js";
import type { Complaints } from "./complaints.js";
import type { DataFacts } from "./data-facts.js";
import { inputFacts } from "./graph/columns.js";
import type { ModelFacts } from "./graph/shapes.js";
import type { StageTree } from "./stage-tree.js";

/** Whether the data are what the model was built for: they may come from other stages. */
export function fitsModel(data: DataFacts, model: ModelFacts, written: StageTree, complaints: Complaints): boolean {
  const odd = model.inputs.find(({ column, shape }) => String(inputFacts(data, column)?.shape) !== String(shape));
  if (odd === undefined) return true;
  complaints.error("shape-mismatch", "the data have another shape than those that the model was built for", {
    ...written.place([]),
    received: show(inputFacts(data, odd.column)?.shape ?? []),
    expected: show(odd.shape),
    fix: "Let build and this stage take the data from the same stage: put build after the last one that changes them.",
  });
  return false;
}

/** Whether the data have a split of this name; complains where they do not. */
export function hasSplit(
  data: DataFacts,
  split: string,
  path: JsonPath,
  written: StageTree,
  complaints: Complaints,
  fix?: string,
): boolean {
  if (Object.hasOwn(data.splits, split)) return true;
  const names = Object.keys(data.splits);
  complaints.error("unknown-split", `the data have no split \`${split}\``, {
    ...written.place(path),
    expected: oneOf(names),
    fix: didYouMean(split, names) ?? fix ?? "Name a split that the data have.",
  });
  return false;
}
