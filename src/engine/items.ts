import { columnTensor, inputColumn } from "../artifact/columns.js";
import type { Column } from "../artifact/dataset.js";
import { isReconstruction, type Model, trainedOutputs } from "../artifact/graph.js";
import { hold } from "../artifact/reader.js";
import type { Tensor } from "../artifact/tensor.js";
import type { Dataset } from "../artifact/types.js";
import type { Diagnostic } from "../base/diagnostic.js";
import type { JsonPath } from "../base/json.js";
import { err, ok, type Result } from "../base/result.js";

/** Items of a split as programs take them. */
export interface Items {
  /** By the names that programs give them; see `inputName` and `targetName`. */
  readonly columns: Readonly<Record<string, ItemColumn>>;
  /** Which items of the split are meant, in this order; without it, all. */
  readonly picked?: Uint32Array;
}

export interface ItemColumn {
  /** Of all items of the split, `[items, …]`. */
  readonly tensor: Tensor;
  /** Whether it holds numbers of classes, which cross as whole numbers. */
  readonly classes: boolean;
}

/** What programs call an input of the model: `x` where it is the only one. */
export function inputName({ inputs }: Pick<Model, "inputs">, input: string): string {
  return inputs.length === 1 ? "x" : `x.${input}`;
}

/** What programs call a column that outputs are compared with: `y` where it is the only one. */
export function targetName(model: Model, column: string): string {
  return targetColumns(model).length === 1 ? "y" : `y.${column}`;
}

/** Columns that outputs are compared with, each once. */
function targetColumns(model: Model): readonly string[] {
  const outputs = trainedOutputs(model).filter((output) => !isReconstruction(output));
  return [...new Set(outputs.map(({ target }) => target as string))];
}

/** All items of a split, with the columns that the model takes and is compared with; or what the dataset lacks. */
export function itemsOf(
  dataset: Dataset,
  name: string,
  model: Model,
  path: JsonPath = [],
): Result<Items, Diagnostic[]> {
  if (!Object.hasOwn(dataset.splits, name)) return err([unknownSplit(dataset, name, path)]);
  const columns: Record<string, ItemColumn> = {};
  const problems: Diagnostic[] = [];
  const add = (as: string, column: string, lacking: () => Diagnostic) => {
    const found = dataset.columns.find((one) => one.name === column);
    const odd = found && notNumbers(dataset, name, found);
    if (odd) {
      problems.push(odd);
      return;
    }
    const tensor = found && columnTensor(dataset, name, found);
    if (found === undefined || tensor === undefined) problems.push(lacking());
    else columns[as] = { tensor, classes: found.role === "target" && found.meaning !== "number" };
  };
  for (const { name: input, column } of model.inputs) {
    const wanted = column ?? inputColumn(dataset).name;
    add(inputName(model, input), wanted, () => unknownColumn(dataset, `the input ${input}`, wanted));
  }
  for (const column of targetColumns(model)) {
    add(targetName(model, column), column, () => labelsMissing(dataset, column));
  }
  if (problems.length > 0) return err(problems);
  // Checks go through all of it before the engine does.
  for (const { tensor } of Object.values(columns)) hold(tensor);
  return ok({ columns });
}

export function countOf({ columns, picked }: Items): number {
  return picked?.length ?? (Object.values(columns)[0]?.tensor.shape[0] as number);
}

function unknownSplit(dataset: Dataset, name: string, path: JsonPath): Diagnostic {
  const expected = Object.keys(dataset.splits).join(", ");
  const message = `the dataset ${dataset.name} has no split ${name}`;
  return { code: "unknown-split", severity: "error", message, path, expected, fix: "Name one of these." };
}

/** Models take numbers, as many of every item and none missing; undefined where the column holds such. */
function notNumbers(dataset: Dataset, split: string, { name, dtype, shape }: Column): Diagnostic | undefined {
  const { missing } = dataset.splits[split]?.columns[name] ?? {};
  const received =
    dtype === "string"
      ? "texts"
      : shape === "ragged"
        ? "items of different lengths"
        : missing?.load().some((bits) => bits !== 0)
          ? "items without a value"
          : undefined;
  if (received === undefined) return undefined;
  return {
    code: "column-not-numbers",
    severity: "error",
    message: `a model cannot take the column ${name} of the dataset ${dataset.name} as it is`,
    path: [],
    received: `${received} in the split ${split}`,
    expected: "numbers, as many for every item, and none missing",
    fix: "Make such a column of it in a stage of your own before build, or take another column.",
  };
}

function unknownColumn(dataset: Dataset, what: string, column: string): Diagnostic {
  const known = dataset.columns.map(({ name }) => name);
  return {
    code: "unknown-column",
    severity: "error",
    message: `${what} of the model is the column ${column}, which the dataset ${dataset.name} does not have`,
    path: [],
    expected: known.join(", "),
    fix: "Build the model for columns of this dataset.",
  };
}

function labelsMissing(dataset: Dataset, column: string): Diagnostic {
  return {
    code: "labels-missing",
    severity: "error",
    message: `the model learns from the column ${column}, and the dataset ${dataset.name} has none of that name`,
    path: ["loss"],
    fix: "Give the data labels, or build an autoencoder.",
  };
}
