import { inputColumn, targetColumn } from "../src/artifact/columns.js";
import type { Column } from "../src/artifact/dataset.js";
import type { GraphSpec, OutputSpec } from "../src/artifact/graph.js";
import type { Dataset } from "../src/artifact/types.js";
import type { Diagnostic } from "../src/base/diagnostic.js";
import type { JsonPath } from "../src/base/json.js";
import { didYouMean, oneOf } from "../src/base/suggest.js";
import { buildGraph } from "../src/engine/index.js";
import { defineStage, err, ok } from "../src/stage.js";

/** A graph and the columns of the data in, the model's architecture out. */
export default defineStage({
  kind: "build",
  async run({ params }, { dataset }) {
    const unknown = unknownColumns(params, dataset);
    if (unknown.length > 0) return err(unknown);
    const shapeOf = (name: string | null) => columnOf(dataset, name)?.shape as readonly number[];
    const model = await buildGraph(withTargets(params, dataset), shapeOf);
    return model.ok ? ok({ model: model.value }) : model;
  },
});

/** @param name null for the only input column. */
function columnOf(dataset: Dataset, name: string | null): Column | undefined {
  return name === null ? inputColumn(dataset) : dataset.columns.find((column) => column.name === name);
}

/** Outputs that are compared with a column that the model is given make it again; those without a name have the only target. */
function withTargets(graph: GraphSpec, dataset: Dataset): GraphSpec {
  const target = (output: OutputSpec) => (output.target === null ? targetColumn(dataset)?.name : output.target);
  const inputs = Object.entries(graph.inputs).map(([name, { column }]) => [columnOf(dataset, column)?.name, name]);
  const outputs = Object.entries(graph.outputs).map(([name, output]) => {
    const column = target(output);
    if (column === undefined) return [name, output];
    const same = inputs.find(([given]) => given === column);
    return [name, { ...output, target: same === undefined ? column : `input:${same[1]}` }];
  });
  return { ...graph, outputs: Object.fromEntries(outputs) };
}

function unknownColumns({ inputs, outputs }: GraphSpec, dataset: Dataset): Diagnostic[] {
  const given = Object.entries(inputs).flatMap(([name, { column }]): Diagnostic[] =>
    columnOf(dataset, column) === undefined ? [noColumn(["inputs", name], String(column), dataset)] : [],
  );
  const wanted = Object.entries(outputs).flatMap(([name, { target }]): Diagnostic[] => {
    if (target === undefined || target?.startsWith("input:")) return [];
    if (target !== null && columnOf(dataset, target)) return [];
    if (target === null && targetColumn(dataset)) return [];
    return [target === null ? noTarget(name) : noColumn(["outputs", name], target, dataset)];
  });
  return [...given, ...wanted];
}

function noColumn(path: JsonPath, name: string, { columns }: Dataset): Diagnostic {
  const known = columns.map((column) => column.name);
  return {
    code: "unknown-column",
    severity: "error",
    message: `the data have no column \`${name}\``,
    path,
    expected: oneOf(known),
    fix: didYouMean(name, known) ?? "Name a column that the data have.",
  };
}

function noTarget(output: string): Diagnostic {
  return {
    code: "labels-missing",
    severity: "error",
    message: `the output \`${output}\` is compared with labels, and the data have none`,
    path: ["outputs", output],
    fix: "Load data with labels, or name a `target` for the output.",
  };
}
