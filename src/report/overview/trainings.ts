import type { Block, Cell } from "../block.js";
import type { Variant } from "../gather.js";

/** How every variant was trained: how far, which weights were kept and what chose them, at which learning rate. */
export function trainings(variants: readonly Variant[]): Block[] {
  const trained = variants.filter(({ artifacts }) => artifacts.history !== undefined);
  if (trained.length === 0) return [];
  const choosing = trained.some(({ artifacts }) => artifacts.history?.chosenBy !== undefined);
  const columns = [
    { label: "Variant" },
    { label: "Epochs", format: "integer" as const },
    ...(choosing ? [{ label: "Weights kept" }, { label: "Chosen by" }] : []),
    { label: "Learning rate, first epoch" },
    { label: "Learning rate, last epoch" },
  ];
  const rows = trained.map(({ look, artifacts }): Cell[] => {
    const { epochs = 0, planned = epochs, kept, chosenBy, learningRate = [] } = artifacts.history ?? {};
    const early = epochs < planned;
    return [
      { value: look.name, variant: look.index },
      { value: epochs, ...(early && { note: `stopped early, of ${planned}` }) },
      ...(choosing ? [kept === undefined ? null : `epoch ${kept}`] : []),
      ...(choosing ? [chosenBy === undefined ? "the last epoch" : `${chosenBy.metric} of ${chosenBy.split}`] : []),
      rate(learningRate[0]),
      rate(learningRate.at(-1)),
    ];
  });
  return [{ type: "table", id: "trainings", title: "Training", table: { columns, rows }, fold: 20 }];
}

/** As a user would write it: `0.001`, not rounded to what a loss needs. */
function rate(value: number | undefined): Cell {
  return value === undefined ? null : { value, text: String(Number(value.toPrecision(4))) };
}
