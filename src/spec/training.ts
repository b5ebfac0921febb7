import type { JsonPath } from "../base/json.js";
import { labelsAreNumbers } from "../base/labels.js";
import { didYouMean, oneOf } from "../base/suggest.js";
import type { Catalog, LossFacts } from "../catalog/types.js";
import type { Loss } from "../gen/losses.js";
import type { Schedule } from "../gen/schedules.js";
import type { StageParams } from "../gen/stages.js";
import { show } from "../layers/index.js";
import type { Complaints } from "./complaints.js";
import type { DataFacts } from "./datasets.js";
import { fitsModel, hasSplit, type ModelFacts } from "./models.js";
import type { StageTree } from "./stage-tree.js";
import { checkValidation } from "./validation.js";

interface Training {
  readonly params: StageParams["train"];
  readonly data: DataFacts;
  readonly model: ModelFacts;
  /** Splits whose numbers the pipeline reports. */
  readonly reported: ReadonlySet<string>;
  readonly written: StageTree;
  readonly build: StageTree;
  readonly catalog: Catalog;
  readonly complaints: Complaints;
}

/** Checks that data, model, loss and the other parameters of a training belong together. */
export function checkTraining(training: Training): void {
  const { params, data, model, written, complaints } = training;
  fitsModel(data, model, written, complaints);
  if (model.family === "sequential") checkClassifier(training);
  else checkAutoencoder(training);
  checkValidation(training);
  checkEarlyStopping(training);
  checkMomentum(training);
  checkWarmup(params.schedule, ["schedule"], params.epochs, training);
}

function lossKind(loss: Loss): string {
  return Object.keys(loss)[0] as string;
}

function lossFacts(kind: string, { catalog }: Pick<Training, "catalog">): LossFacts {
  const known = catalog.get("losses", kind);
  if (known === undefined) throw new Error(`no loss ${kind}: the parameters were not checked`);
  return known.about;
}

/** Whether a sequential model's labels are numbers to come close to. */
function predictsNumbers(training: Training, classes: number): boolean {
  const { loss } = training.params;
  if ("reconstruction" in loss) return false;
  const outputs = training.model.output.reduce((product, n) => product * n, 1);
  return labelsAreNumbers(outputs, classes, lossFacts(lossKind(loss), training).output === "any");
}

function checkAutoencoder(training: Training): void {
  const { params, model, data, written, complaints } = training;
  const inParts = "reconstruction" in params.loss;
  const loss = inParts ? (params.loss as { reconstruction: Loss }).reconstruction : (params.loss as Loss);
  const path = inParts ? ["loss", "reconstruction"] : ["loss"];
  const kind = lossKind(loss);
  if (model.family === "autoencoder" && written.has(["loss", "kl"])) {
    complaints.error("wrong-loss", "an autoencoder that is not variational has no `kl`", {
      ...written.place(["loss", "kl"]),
      fix: "Remove `kl`, or build a variational-autoencoder.",
    });
  }
  if (!lossFacts(kind, training).reconstruction) {
    complaints.error("wrong-loss", `the loss \`${kind}\` cannot compare an output with its input`, {
      ...written.place(path),
      expected: oneOf(reconstructing(training)),
      fix: "Choose one of these.",
    });
    return;
  }
  checkClassWeightsAbsent(training);
  checkHead(kind, training, path);
  if (kind === "binary-crossentropy" && data.values !== "unit") {
    complaints.error("wrong-loss", "binary-crossentropy compares values between 0 and 1", {
      ...written.place(path),
      received: data.values === "bytes" ? "data with values from 0 to 255" : "data with values beyond 0 and 1",
      expected: "data with values between 0 and 1",
      fix: "Put `normalize: { method: min-max }` before build, or use mean-squared-error.",
    });
  } else {
    warnOfBytes(training);
    warnOfEnds(training);
  }
}

function reconstructing({ catalog }: Training): string[] {
  return catalog.names("losses").filter((kind) => lossFacts(kind, { catalog }).reconstruction);
}

function checkClassifier(training: Training): void {
  const { params, data, model, build, written, complaints } = training;
  if ("reconstruction" in params.loss) {
    complaints.error("wrong-loss", "a sequential model reconstructs nothing", {
      ...written.place(["loss"]),
      expected: oneOf(training.catalog.names("losses")),
      fix: "Name one loss, such as `loss: categorical-crossentropy`.",
    });
    return;
  }
  if (data.classes === null) {
    complaints.error("labels-missing", "a sequential model learns from labels, and the data have none", {
      ...written.place([]),
      fix: "Give `labels` to the stage load, or build an autoencoder.",
    });
    return;
  }
  const kind = lossKind(params.loss);
  checkHead(kind, training, ["loss"]);
  const distance = lossFacts(kind, training).output === "any";
  if (!distance && data.classes === 1) {
    complainOfOneClass(training);
    return;
  }
  const numbers = predictsNumbers(training, data.classes);
  const single = kind === "binary-crossentropy" ? data.classes === 2 : distance;
  const fits = String(model.output) === String([data.classes]) || (single && String(model.output) === "1");
  if (!fits) {
    complaints.error("shape-mismatch", "the model's output does not fit the classes", {
      ...build.place(model.outputPath),
      received: `output ${show(model.output)} and ${data.classes} classes`,
      expected: `output [${data.classes}]${single ? " or [1]" : ""}`,
      fix:
        model.output.length > 1 ? "Put flatten before the last layer." : `Give the last layer ${data.classes} units.`,
    });
  }
  if (numbers) {
    checkClassWeightsAbsent(training);
    warnOfReach(training, data.classes - 1);
  } else checkClassWeights(training, data.classes);
  warnOfBytes(training);
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
  softsign: [-1, 1],
  relu6: [0, 6],
  relu: [0, Infinity],
  softplus: [0, Infinity],
};

/** Data around 0 have values that an output between two ends, or above one, never comes to. */
function warnOfEnds({ model, data, build, complaints }: Training): void {
  const range = ranges[model.head ?? ""];
  if (range === undefined || data.values !== "any") return;
  const [low, high] = range;
  complaints.warn("unreachable-target", "the output cannot reach all values of the data", {
    ...build.place(model.outputPath),
    received: `a last layer with the activation ${model.head}, which gives values ${high === Infinity ? `above ${low}` : `from ${low} to ${high}`}`,
    expected: "an activation without an end, for data with a mean of 0",
    fix: "Give the last layer `activation: linear`, or normalize with `method: min-max`.",
  });
}

function warnOfReach({ model, build, complaints }: Training, largest: number): void {
  const [, reach] = ranges[model.head ?? ""] ?? [0, Infinity];
  if (reach >= largest) return;
  complaints.warn("unreachable-target", `the output ends at ${reach}, and the labels go up to ${largest}`, {
    ...build.place(model.outputPath),
    received: `a last layer with the activation ${model.head}`,
    expected: "an activation without a bound",
    fix: "Give the last layer `activation: linear`.",
  });
}

const heads: Readonly<Record<string, { readonly names: readonly string[]; readonly why: string }>> = {
  unit: { names: ["sigmoid", "hardSigmoid", "hardSigmoid6", "softmax"], why: "outputs between 0 and 1" },
  distribution: { names: ["softmax"], why: "probabilities that sum to 1" },
};

/** Some losses are defined for certain outputs only; the last activation must make them. */
function checkHead(kind: string, training: Training, path: JsonPath): void {
  const { model, build, written, complaints } = training;
  const wanted = heads[lossFacts(kind, training).output];
  if (wanted === undefined || (model.head !== null && wanted.names.includes(model.head))) return;
  const loss = written.place(path).at;
  complaints.error("wrong-activation", `the loss \`${kind}\` takes ${wanted.why}`, {
    ...build.place(model.outputPath),
    received:
      model.head === null ? "a last layer without an activation" : `a last layer with the activation ${model.head}`,
    expected: oneOf(wanted.names),
    fix: `Give the last layer \`activation: ${wanted.names[0]}\`.`,
    ...(loss && { related: [{ message: "the loss", at: loss }] }),
  });
}

function checkClassWeights({ params, written, complaints }: Training, classes: number): void {
  const weights = params.classWeights;
  if (!Array.isArray(weights)) return;
  if (weights.every((weight) => weight === 0)) {
    complaints.error("out-of-range", "`classWeights` lets no class count, so there is nothing to learn", {
      ...written.place(["classWeights"]),
      expected: "a weight above 0 for some class",
      fix: "Write one number for every class, or `balanced`.",
    });
    return;
  }
  if (weights.length === classes) return;
  complaints.error("wrong-length", "`classWeights` needs one weight per class", {
    ...written.place(["classWeights"]),
    received: `${weights.length} weights`,
    expected: `${classes} weights`,
    fix: "Write one number for every class, or `balanced`.",
  });
}

function checkClassWeightsAbsent({ params, written, complaints }: Training): void {
  if (params.classWeights === undefined) return;
  complaints.error("wrong-loss", "`classWeights` is for classifiers", {
    ...written.place(["classWeights"]),
    fix: "Remove it.",
  });
}

function warnOfBytes({ data, model, written, complaints }: Training): void {
  if (data.values !== "bytes" || model.takesIndices) return;
  complaints.warn("not-normalized", "the model is given values from 0 to 255", {
    ...written.place([]),
    expected: "values of about 1",
    fix: "Put a stage normalize before build.",
  });
}

function checkEarlyStopping(training: Training): void {
  const { params, data, model, written, complaints } = training;
  const metric = params.earlyStopping?.metric;
  if (metric === undefined) return;
  const numbers = data.classes !== null && predictsNumbers(training, data.classes);
  const known = {
    sequential: numbers ? ["loss"] : ["loss", "accuracy"],
    autoencoder: ["loss", "reconstruction"],
    "variational-autoencoder": ["loss", "reconstruction", "kl"],
  }[model.family];
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
    complaints.error("wrong-value", `the split \`${split}\` is there twice`, {
      ...written.place(["splits", i]),
      fix: "Remove it.",
    });
  }
  if (params.predictions !== undefined) hasSplit(data, params.predictions, ["predictions"], written, complaints);
}
