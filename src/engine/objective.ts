import { isReconstruction, type Model, type ModelOutput, trainedOutputs } from "../artifact/graph.js";
import { sizeOf } from "../artifact/tensor.js";
import type { Dataset } from "../artifact/types.js";
import type { Diagnostic } from "../base/diagnostic.js";
import { own } from "../base/json.js";
import { labelsAreNumbers } from "../base/labels.js";
import { err, ok, type Result } from "../base/result.js";
import { taskOf } from "../base/task.js";
import type { Loss } from "../gen/losses.js";
import { chosen } from "./choice.js";
import { isLoss, lossFacts } from "./kinds.js";

/** The parameters of a training about its loss. */
export interface LossParams {
  readonly loss: object;
  /** How much the loss of an output counts, by the output's name. */
  readonly weights?: Readonly<Record<string, number>>;
}

/** How one output is compared with its target, and how much that counts. */
export interface OutputObjective {
  readonly output: ModelOutput;
  readonly loss: Loss;
  readonly weight: number;
  /** How the numbers of its column are read: as classes, as numbers to predict, or as labels that hold or not. */
  readonly labels: "classes" | "numbers" | "labels";
  /** One a class, in the order of their numbers. */
  readonly classWeights?: readonly number[];
}

/** What is minimized, and measured. */
export interface Objective {
  readonly outputs: readonly OutputObjective[];
  /** Weights of what layers add to the loss, by name: 1 unless given. */
  readonly terms: Readonly<Record<string, number>>;
}

/** What a training minimizes, or why its loss does not fit the model. */
export function objectiveOf(
  model: Model,
  dataset: Dataset | undefined,
  { loss, weights }: LossParams,
): Result<Objective, Diagnostic[]> {
  const named = isByOutput(loss) ? (loss as Readonly<Record<string, Loss | number>>) : {};
  const trained = trainedOutputs(model);
  const known = trained.map(({ name }) => name);
  const problems = Object.entries(named).flatMap(([name, value]) =>
    typeof value === "number" || known.includes(name) ? [] : [noSuchOutput(name, known)],
  );
  const outputs = trained.flatMap((output): OutputObjective[] => {
    const chosen = own(named, output.name) ?? output.loss ?? (isByOutput(loss) ? undefined : loss);
    if (chosen === undefined) problems.push(noLoss(output.name));
    if (chosen === undefined) return [];
    const weight = own(weights, output.name) ?? output.weight ?? 1;
    return [{ output, loss: chosen as Loss, weight, labels: labelsFor(output, dataset, chosen as Loss) }];
  });
  const terms = Object.entries(named).filter((entry): entry is [string, number] => typeof entry[1] === "number");
  return problems.length > 0 ? err(problems) : ok({ outputs, terms: Object.fromEntries(terms) });
}

/** Whether losses are given by the names of outputs. */
function isByOutput(loss: object): boolean {
  const [kind, ...more] = Object.keys(loss);
  return kind === undefined || more.length > 0 || !isLoss(kind);
}

/** How the numbers of an output's column are read. */
function labelsFor(output: ModelOutput, dataset: Dataset | undefined, loss: Loss): OutputObjective["labels"] {
  if (isReconstruction(output)) return "numbers";
  const column = dataset?.columns.find(({ name }) => name === output.target);
  const task = column && taskOf(column);
  if (task === "regression") return "numbers";
  if (task === "multi-label") return "labels";
  const classes = column?.classes?.length ?? null;
  return labelsAreNumbers(sizeOf(output.shape), classes, comparesNumbers(loss)) ? "numbers" : "classes";
}

/** Whether the loss is a distance between numbers, not a likelihood of classes. */
export function comparesNumbers(loss: Loss): boolean {
  return lossFacts(chosen(loss).kind).output === "any";
}

/** The start of the names of what is measured of one output: nothing where only one is trained. */
export function prefixOf({ outputs }: Objective, { output }: OutputObjective): string {
  return outputs.length === 1 ? "" : `${output.name}.`;
}

/** The name of the loss of one output; undefined where it is the whole loss. */
export function lossName(objective: Objective, one: OutputObjective): string | undefined {
  const prefix = prefixOf(objective, one);
  if (prefix !== "") return `${prefix}loss`;
  return isReconstruction(one.output) ? "reconstruction" : undefined;
}

function noSuchOutput(name: string, known: readonly string[]): Diagnostic {
  return {
    code: "wrong-loss",
    severity: "error",
    message: `the loss names \`${name}\`, which is no trained output of the model`,
    path: ["loss", name],
    expected: known.length === 0 ? "a model with an output that has a target" : known.join(", "),
    fix: "Name an output of the model, or write one loss alone.",
  };
}

function noLoss(name: string): Diagnostic {
  return {
    code: "wrong-loss",
    severity: "error",
    message: `the loss has none for the output \`${name}\``,
    path: ["loss"],
    expected: `${name}: <a loss>`,
    fix: `Add \`${name}: …\`.`,
  };
}
