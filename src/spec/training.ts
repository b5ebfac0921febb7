import type { JsonPath } from "../base/json.js";
import { labelsAreNumbers } from "../base/labels.js";
import { didYouMean, oneOf } from "../base/suggest.js";
import type { Schedule } from "../gen/schedules.js";
import type { StageParams } from "../gen/stages.js";
import { show } from "../layers/index.js";
import type { Complaints } from "./complaints.js";
import type { ColumnFacts, DataFacts } from "./data-facts.js";
import { rebuiltValues } from "./default-loss.js";
import { columnNames, complainOfColumn, type TargetFacts, targetFacts } from "./graph/columns.js";
import { at, inside } from "./graph/place.js";
import type { ModelFacts, OutputFacts } from "./graph/shapes.js";
import { heads } from "./heads.js";
import { lossesOf, lossFacts, type OutputLoss, type Training } from "./losses.js";
import { metricsOf } from "./metrics.js";
import { fitsModel, hasSplit } from "./models.js";
import type { StageTree } from "./stage-tree.js";
import { checkValidation } from "./validation.js";

/** Checks that data, model, loss and the other parameters of a training belong together. */
export function checkTraining(training: Training): void {
  const { params, data, model, written, complaints } = training;
  fitsModel(data, model, written, complaints);
  const losses = lossesOf(training);
  const errors = complaints.errorCount;
  for (const loss of losses) checkOutput(loss, training);
  if (losses.length > 0 && complaints.errorCount === errors) warnOfBytes(training);
  checkClassWeights(losses, training);
  checkWeights(training);
  checkValidation(training);
  checkEarlyStopping(losses, training);
  checkMomentum(training);
  checkWarmup(params.schedule, ["schedule"], params.epochs, training);
}

/** Whether an output, its loss and what it is compared with belong together. */
function checkOutput(loss: OutputLoss, training: Training): void {
  const { output } = loss;
  const { target } = output;
  if (target === undefined) return;
  if ("input" in target) {
    checkReconstruction(loss, training);
    return;
  }
  const facts = targetFacts(training.data, target.column);
  if (facts === undefined) complainOfTarget(output, target.column, training);
  else if (facts.classes === null) checkQuantities(loss, facts, training);
  else checkClassifier(loss, facts.classes, training);
}

function complainOfTarget(output: OutputFacts, column: string | null, { data, written, complaints }: Training): void {
  if (column !== null) {
    complainOfColumn(column, inside(output.place, "target"), columnNames(data), complaints);
    return;
  }
  complaints.error("labels-missing", `the output \`${output.name}\` is compared with labels, and the data have none`, {
    ...written.place([]),
    fix: "Give `labels` to the stage load, or build an autoencoder.",
  });
}

function checkReconstruction(loss: OutputLoss, training: Training): void {
  const { kind, facts, place } = loss;
  const { catalog, complaints } = training;
  if (!facts.reconstruction) {
    complaints.error("wrong-loss", `the loss \`${kind}\` cannot compare an output with its input`, {
      ...place,
      expected: oneOf(catalog.names("losses").filter((name) => lossFacts(name, catalog).reconstruction)),
      fix: "Choose one of these.",
    });
    return;
  }
  checkHead(loss, training);
  checkUnit(loss, rebuiltValues(loss.output, training.model, training.data), training);
}

/** Quantities from a column, one or several an item. */
function checkQuantities(loss: OutputLoss, target: TargetFacts, training: Training): void {
  const { output, kind, facts, place } = loss;
  const { complaints } = training;
  checkHead(loss, training);
  if (facts.output === "distribution") {
    complaints.error("wrong-loss", `the loss \`${kind}\` compares with classes, and \`${target.name}\` has none`, {
      ...place,
      expected: "a loss between quantities, such as mean-squared-error",
      fix: "Choose another loss, or another target.",
    });
    return;
  }
  const isOne = target.shape.length === 0 && String(output.shape) === "1";
  if (!isOne && String(output.shape) !== String(target.shape)) {
    at(output.end, complaints).error(
      "shape-mismatch",
      `the output \`${output.name}\` has another shape than its target`,
      {
        received: show(output.shape),
        expected: show(target.shape.length === 0 ? [1] : target.shape),
        fix: "Let the last layer make this shape.",
      },
    );
  }
  if (target.task === "multi-label" && output.head === "softmax") {
    at(output.end, complaints).error("wrong-activation", "a softmax shares 1 among labels of which any may hold", {
      received: "a last layer with the activation softmax",
      expected: "sigmoid",
      fix: "Give the last layer `activation: sigmoid`.",
    });
    return;
  }
  if (target.range === undefined || (kind === "binary-crossentropy" && target.values !== "unit")) {
    checkUnit(loss, target.values, training, "Use mean-squared-error.");
  } else warnOfReach(output, target.range, complaints);
}

/** Binary crossentropy is defined for values between 0 and 1. */
function checkUnit(
  loss: OutputLoss,
  values: ColumnFacts["values"],
  training: Training,
  fix = "Put `normalize: { method: min-max }` before build, or use mean-squared-error.",
): void {
  if (loss.kind !== "binary-crossentropy" || values === "unit") {
    warnOfEnds(loss.output, values, training);
    return;
  }
  training.complaints.error("wrong-loss", "binary-crossentropy compares values between 0 and 1", {
    ...loss.place,
    received: values === "bytes" ? "data with values from 0 to 255" : "data with values beyond 0 and 1",
    expected: "data with values between 0 and 1",
    fix,
  });
}

function checkClassifier(loss: OutputLoss, classes: number, training: Training): void {
  const { output, kind, facts } = loss;
  const { complaints } = training;
  checkHead(loss, training);
  const distance = facts.output === "any";
  if (!distance && classes === 1) {
    complainOfOneClass(training);
    return;
  }
  const single = kind === "binary-crossentropy" ? classes === 2 : distance;
  const { shape } = output;
  if (String(shape) !== String([classes]) && !(single && String(shape) === "1")) {
    at(output.end, complaints).error("shape-mismatch", "the model's output does not fit the classes", {
      received: `output ${show(shape)} and ${classes} classes`,
      expected: `output [${classes}]${single ? " or [1]" : ""}`,
      fix: shape.length > 1 ? "Put flatten before the last layer." : `Give the last layer ${classes} units.`,
    });
  }
  if (predictsNumbers(loss, classes)) warnOfReach(output, [0, classes - 1], complaints);
}

/** Whether labels are numbers to come close to. */
function predictsNumbers({ output, facts }: OutputLoss, classes: number): boolean {
  const outputs = output.shape.reduce((product, n) => product * n, 1);
  return labelsAreNumbers(outputs, classes, facts.output === "any");
}

/** How many classes an output tells apart; null where it does not. */
function classesOf(loss: OutputLoss, data: DataFacts): number | null {
  const { target } = loss.output;
  const classes = target && "column" in target ? targetFacts(data, target.column)?.classes : undefined;
  return classes == null || predictsNumbers(loss, classes) ? null : classes;
}

/** A softmax or sigmoid that is to tell one class from nothing is right before it has learned. */
function complainOfOneClass({ written, complaints }: Training): void {
  complaints.error("labels-missing", "the data have one class, so there is nothing to tell apart", {
    ...written.place([]),
    received: "labels that are all 0",
    expected: "labels of two classes or more",
    fix: "Name files with more labels, or name all `classes` in the stage load.",
  });
}

/** Activations that give nothing below and nothing above. */
const ranges: Readonly<Record<string, readonly [number, number]>> = {
  sigmoid: [0, 1],
  hardSigmoid: [0, 1],
  hardSigmoid6: [0, 1],
  softmax: [0, 1],
  tanh: [-1, 1],
  hardTanh: [-1, 1],
  softsign: [-1, 1],
  relu6: [0, 6],
  relu: [0, Infinity],
  softplus: [0, Infinity],
  exponential: [0, Infinity],
};

/** Data around 0 have values that an output between two ends, or above one, never comes to. */
function warnOfEnds({ head, end }: OutputFacts, values: ColumnFacts["values"], { complaints }: Training): void {
  const range = ranges[head ?? ""];
  if (range === undefined || values !== "any") return;
  const [low, high] = range;
  at(end, complaints).warn("unreachable-target", "the output cannot reach all values of the data", {
    received: `a last layer with the activation ${head}, which gives values ${high === Infinity ? `above ${low}` : `from ${low} to ${high}`}`,
    expected: "an activation without an end, for data with a mean of 0",
    fix: "Give the last layer `activation: linear`, or normalize with `method: min-max`.",
  });
}

function warnOfReach(
  { head, end }: OutputFacts,
  [least, most]: readonly [number, number],
  complaints: Complaints,
): void {
  const [low, high] = ranges[head ?? ""] ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  if (high >= most && low <= least) return;
  const [reach, far] = high < most ? [high, `up to ${most}`] : [low, `down to ${least}`];
  at(end, complaints).warn("unreachable-target", `the output ends at ${reach}, and the labels go ${far}`, {
    received: `a last layer with the activation ${head}`,
    expected: "an activation without a bound",
    fix: "Give the last layer `activation: linear`.",
  });
}

/** Some losses are defined for certain outputs only; the last activation must make them. */
function checkHead({ output, kind, facts, place }: OutputLoss, { written, complaints }: Training): void {
  const wanted = heads[facts.output];
  const { head } = output;
  if (wanted === undefined || (head !== null && wanted.names.includes(head))) return;
  at(output.end, complaints).error("wrong-activation", `the loss \`${kind}\` takes ${wanted.why}`, {
    received: head === null ? "a last layer without an activation" : `a last layer with the activation ${head}`,
    expected: oneOf(wanted.names),
    fix: `Give the last layer \`activation: ${wanted.names[0]}\`.`,
    ...(place.at && {
      related: [
        {
          message: written.has(["loss"]) || output.loss ? "the loss" : "the loss follows from the target",
          at: place.at,
        },
      ],
    }),
  });
}

function checkClassWeights(losses: readonly OutputLoss[], { params, data, written, complaints }: Training): void {
  const weights = params.classWeights;
  if (weights === undefined || losses.length === 0) return;
  const place = written.place(["classWeights"]);
  const classes = losses.map((loss) => classesOf(loss, data)).find((count) => count !== null);
  if (classes === undefined) {
    complaints.error("wrong-loss", "`classWeights` is for classifiers", { ...place, fix: "Remove it." });
  } else if (Array.isArray(weights) && weights.every((weight) => weight === 0)) {
    complaints.error("out-of-range", "`classWeights` lets no class count, so there is nothing to learn", {
      ...place,
      expected: "a weight above 0 for some class",
      fix: "Write one number for every class, or `balanced`.",
    });
  } else if (Array.isArray(weights) && weights.length !== classes) {
    complaints.error("wrong-length", "`classWeights` needs one weight per class", {
      ...place,
      received: `${weights.length} weights`,
      expected: `${classes} weights`,
      fix: "Write one number for every class, or `balanced`.",
    });
  }
}

/** How much the loss of each output counts. */
function checkWeights({ params, model, written, complaints }: Training): void {
  const known = model.outputs.flatMap(({ name, target }) => (target === undefined ? [] : [name]));
  for (const name of Object.keys(params.weights ?? {})) {
    if (known.includes(name)) continue;
    complaints.error("wrong-loss", `the model trains no output \`${name}\``, {
      ...written.place(["weights", name]),
      expected: known.length === 0 ? "a model with outputs that have targets" : oneOf(known),
      fix: didYouMean(name, known) ?? "Remove it.",
    });
  }
}

function warnOfBytes({ model, written, complaints }: Training): void {
  if (!model.takesBytes) return;
  complaints.warn("not-normalized", "the model is given values from 0 to 255", {
    ...written.place([]),
    expected: "values of about 1",
    fix: "Put a stage normalize before build.",
  });
}

function checkEarlyStopping(
  losses: readonly OutputLoss[],
  { params, data, model, written, complaints }: Training,
): void {
  const metric = params.earlyStopping?.metric;
  if (metric === undefined || losses.length === 0) return;
  const known = metricsOf(model, (output) => {
    const loss = losses.find((one) => one.output === output);
    return loss !== undefined && classesOf(loss, data) !== null ? ["accuracy"] : [];
  });
  if (known.includes(metric)) return;
  complaints.error("unknown-metric", `this training measures no \`${metric}\``, {
    ...written.place(["earlyStopping", "metric"]),
    expected: oneOf(known),
    fix: didYouMean(metric, known) ?? "Name a metric that it measures.",
  });
}

function checkMomentum({ params, written, complaints }: Training): void {
  if (!("sgd" in params.optimizer)) return;
  const { nesterov, momentum } = params.optimizer.sgd;
  if (!nesterov || momentum > 0) return;
  complaints.error("wrong-value", "`nesterov` corrects a momentum, and there is none", {
    ...written.place(["optimizer", "sgd", "nesterov"]),
    received: "momentum 0",
    expected: "a momentum above 0",
    fix: "Add `momentum: 0.9`, or remove `nesterov`.",
  });
}

function checkWarmup(schedule: Schedule, path: JsonPath, epochs: number, training: Training): void {
  if (!("warmup" in schedule)) return;
  const { epochs: rise, then } = schedule.warmup;
  if (rise > epochs) {
    training.complaints.error("out-of-range", "the warm-up is longer than the training", {
      ...training.written.place([...path, "warmup", "epochs"]),
      received: `${rise} of ${epochs} epochs`,
      expected: `at most ${epochs}`,
      fix: "Shorten the warm-up, or train for longer.",
    });
    return;
  }
  checkWarmup(then, [...path, "warmup", "then"], epochs - rise, training);
}

interface Evaluating {
  readonly params: StageParams["evaluate"];
  readonly data: DataFacts;
  readonly model: ModelFacts;
  readonly written: StageTree;
  readonly complaints: Complaints;
}

export function checkEvaluation({ params, data, model, written, complaints }: Evaluating): void {
  fitsModel(data, model, written, complaints);
  for (const [i, split] of params.splits.entries()) {
    hasSplit(
      data,
      split,
      ["splits", i],
      written,
      complaints,
      `Write \`splits: [${Object.keys(data.splits).join(", ")}]\`.`,
    );
    if (params.splits.indexOf(split) === i) continue;
    complaints.error("wrong-value", `the split \`${split}\` occurs twice`, {
      ...written.place(["splits", i]),
      fix: "Remove it.",
    });
  }
  if (params.predictions !== undefined) hasSplit(data, params.predictions, ["predictions"], written, complaints);
}
