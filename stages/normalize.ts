import { inputColumn, inputOf, stepOf, withColumn } from "../src/artifact/columns.js";
import { sizeOf, storedParts, type Tensor, valueRange } from "../src/artifact/tensor.js";
import { type Diagnostic, defineStage, err, ok } from "../src/stage.js";

/** Values become (value − shift) / size, with both numbers taken from the split `train`; the stored bytes stay. */
export default defineStage({
  kind: "normalize",
  async run(context, { dataset }) {
    const train = inputOf(dataset, "train");
    if (train === undefined)
      return err([failure("unknown-split", "the dataset has no split train to measure", "Load a split `train`.")]);
    const { shift, size } = context.params.method === "min-max" ? span(train) : spread(train);
    if (size === 0)
      return err([
        failure(
          "constant-data",
          "all values of the split train are the same",
          "Leave normalize out, or load other data.",
        ),
      ]);
    const { scale, offset, ...input } = inputColumn(dataset);
    const normalized = withColumn(dataset, { ...input, scale: scale / size, offset: (offset - shift) / size });
    return ok({ dataset: { ...normalized, steps: [...dataset.steps, stepOf("normalize", normalized)] } });
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
  const count = sizeOf(x.shape);
  let sum = 0;
  for (const part of storedParts(x)) for (const value of part) sum += value;
  const mean = sum / count;
  let squares = 0;
  for (const part of storedParts(x)) for (const value of part) squares += (value - mean) ** 2;
  return { shift: mean * x.scale + x.offset, size: Math.sqrt(squares / count) * Math.abs(x.scale) };
}

function failure(code: string, message: string, fix: string): Diagnostic {
  return { code, severity: "error", message, fix };
}
