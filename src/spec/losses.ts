import { type JsonPath, own } from "../base/json.js";
import { didYouMean, oneOf } from "../base/suggest.js";
import type { Catalog, LossFacts } from "../catalog/types.js";
import type { Loss } from "../gen/losses.js";
import type { StageParams } from "../gen/stages.js";
import type { Complaints, Details } from "./complaints.js";
import type { DataFacts } from "./data-facts.js";
import { at, detailsAt, inside } from "./graph/place.js";
import { type ModelFacts, type OutputFacts, trainedOutputs } from "./graph/shapes.js";
import type { StageTree } from "./stage-tree.js";

/** A training with all that it is checked against. */
export interface Training {
  readonly params: StageParams["train"];
  readonly data: DataFacts;
  readonly model: ModelFacts;
  /** Splits whose numbers the pipeline reports. */
  readonly reported: ReadonlySet<string>;
  readonly written: StageTree;
  readonly catalog: Catalog;
  readonly complaints: Complaints;
}

/** How one output is compared with its target. */
export interface OutputLoss {
  readonly output: OutputFacts;
  readonly kind: string;
  readonly facts: LossFacts;
  /** Where the loss was written. */
  readonly place: Details;
}

/** `{ digit: huber, kl: 1 }`, by the names of outputs; or one loss for all of them. */
type Losses = Loss | Readonly<Record<string, Loss | number>>;

/** The losses of all outputs that are trained; complains of outputs without one, and of losses without an output. */
export function lossesOf(training: Training): readonly OutputLoss[] {
  const { params, model, written, catalog, complaints } = training;
  const loss = params.loss as Losses;
  const byOutput = isByOutput(loss, catalog);
  const errors = complaints.errorCount;
  if (byOutput) for (const name of Object.keys(loss)) checkName(name, training);
  // A name that is not right is most likely that of an output which seems to have no loss.
  const isRight = complaints.errorCount === errors;
  const trained = trainedOutputs(model);
  if (trained.length === 0) {
    complaints.error("labels-missing", "no output of the model has a target, so there is nothing to learn", {
      ...written.place([]),
      expected: "an output with `target: <column>`",
      fix: "Name a target for an output in the stage build.",
    });
  }
  return trained.flatMap((output): OutputLoss | [] => {
    const named = byOutput ? own(loss as Readonly<Record<string, Loss>>, output.name) : undefined;
    const chosen = named ?? (output.loss as Loss | undefined) ?? (byOutput ? undefined : (loss as Loss));
    if (chosen === undefined) return isRight ? missing(output, training) : [];
    const path = named !== undefined ? ["loss", output.name] : output.loss === undefined ? ["loss"] : null;
    const kind = kindOf(chosen);
    return {
      output,
      kind,
      facts: lossFacts(kind, catalog),
      place: path === null ? detailsAt(inside(output.place, "loss")) : written.place(path),
    };
  });
}

function isByOutput(loss: Losses, catalog: Catalog): boolean {
  const keys = Object.keys(loss);
  return keys.length !== 1 || catalog.get("losses", keys[0] as string) === undefined;
}

function checkName(name: string, { model, written, complaints }: Training): void {
  const path: JsonPath = ["loss", name];
  if (name === "kl") {
    if (model.terms.includes("kl") || !written.has(path)) return;
    complaints.error("wrong-loss", "the model has no `kl`: it draws no code from a distribution", {
      ...written.place(path),
      fix: "Remove `kl`, or build a variational-autoencoder.",
    });
    return;
  }
  const output = model.outputs.find((one) => one.name === name);
  const known = model.outputs.flatMap((one) => (one.target === undefined ? [] : [one.name]));
  if (output === undefined) {
    complaints.error("wrong-loss", `the model has no output \`${name}\``, {
      ...written.place(path),
      expected: known.length === 0 ? "a model with outputs that have targets" : oneOf(known),
      fix: didYouMean(name, known) ?? "Name an output, or write one loss: `loss: mean-squared-error`.",
    });
  } else if (output.target === undefined) {
    at(output.place, complaints).error("wrong-loss", `the output \`${name}\` has a loss and no target`, {
      expected: `${name}: { node: …, target: <column> }`,
      fix: "Give it a target, or remove its loss.",
    });
  }
}

function missing({ name }: OutputFacts, { written, complaints }: Training): [] {
  complaints.error("missing-key", `\`loss\` has none for the output \`${name}\``, {
    ...written.place(["loss"]),
    expected: `${name}: <a loss>`,
    fix: `Add \`${name}: …\`.`,
  });
  return [];
}

function kindOf(loss: Loss): string {
  return Object.keys(loss)[0] as string;
}

export function lossFacts(kind: string, catalog: Catalog): LossFacts {
  const known = catalog.get("losses", kind);
  if (known === undefined) throw new Error(`no loss ${kind}: the parameters were not checked`);
  return known.about;
}
