import { storedValues, type Tensor, valueRange } from "../src/artifact/tensor.js";
import type { DatasetStep, Split } from "../src/artifact/types.js";
import { type Diagnostic, defineStage, err, ok } from "../src/stage.js";

/** Values become (value − shift) / size, with both numbers taken from the split `train`; the stored bytes stay. */
export default defineStage({
  kind: "normalize",
  async run(context, { dataset }) {
    const { train } = dataset.splits;
    if (train === undefined)
      return err([failure("unknown-split", "the dataset has no split train to measure", "Load a split `train`.")]);
    const { shift, size } = context.params.method === "min-max" ? span(train.x) : spread(train.x);
    if (size === 0)
      return err([
        failure(
          "constant-data",
          "all values of the split train are the same",
          "Leave normalize out, or load other data.",
        ),
      ]);
    const normalized = (x: Tensor): Tensor => ({ ...x, scale: x.scale / size, offset: (x.offset - shift) / size });
    const splits: Record<string, Split> = {};
    for (const [name, { x, y }] of Object.entries(dataset.splits)) splits[name] = { x: normalized(x), y };
    const shapes = Object.fromEntries(Object.entries(splits).map(([name, { x }]) => [name, x.shape]));
    const range = valueRange(normalized(train.x));
    const step: DatasetStep = { kind: "normalize", shapes, dtype: train.x.dtype, range };
    return ok({ dataset: { ...dataset, splits, steps: [...dataset.steps, step] } });
  },
});

interface Measure {
  readonly shift: number;
  readonly size: number;
}

function span(x: Tensor): Measure {
  const [low, high] = valueRange(x);
  return { shift: low, size: high - low };
}

/** Mean and standard deviation of all values, in two passes. */
function spread(x: Tensor): Measure {
  const stored = storedValues(x);
  let sum = 0;
  for (const value of stored) sum += value;
  const mean = sum / stored.length;
  let squares = 0;
  for (const value of stored) squares += (value - mean) ** 2;
  return { shift: mean * x.scale + x.offset, size: Math.sqrt(squares / stored.length) * Math.abs(x.scale) };
}

function failure(code: string, message: string, fix: string): Diagnostic {
  return { code, severity: "error", message, fix };
}
