import { inputColumn } from "../src/artifact/columns.js";
import type { Dataset } from "../src/artifact/types.js";
import type { Diagnostic } from "../src/base/diagnostic.js";
import { didYouMean, oneOf } from "../src/base/suggest.js";
import { buildGraph } from "../src/engine/index.js";
import { defineStage, err, ok } from "../src/stage.js";

/** A graph and the shapes of the data in, the model's architecture out. */
export default defineStage({
  kind: "build",
  async run({ params }, { dataset }) {
    const unknown = Object.entries(params.inputs).filter(([, { column }]) => columnOf(dataset, column) === undefined);
    if (unknown.length > 0) return err(unknown.map(([name, { column }]) => noColumn(name, column, dataset)));
    const model = await buildGraph(params, (column) => columnOf(dataset, column)?.shape as readonly number[]);
    return model.ok ? ok({ model: model.value }) : model;
  },
});

/** @param name null for the only input column. */
function columnOf(dataset: Dataset, name: string | null) {
  return name === null ? inputColumn(dataset) : dataset.columns.find((column) => column.name === name);
}

function noColumn(input: string, column: string | null, { columns }: Dataset): Diagnostic {
  const known = columns.map(({ name }) => name);
  return {
    code: "unknown-column",
    severity: "error",
    message: `the data have no column \`${column}\``,
    path: ["inputs", input],
    expected: oneOf(known),
    fix: didYouMean(String(column), known) ?? "Name a column that the data have.",
  };
}
