import { describe, expect, it } from "vitest";
import { tensorOf } from "../../src/artifact/tensor.js";
import type { Dataset } from "../../src/artifact/types.js";
import type { Diagnostic } from "../../src/base/diagnostic.js";
import { type DType, numbersOf, type TypedArrays } from "../../src/base/dtype.js";
import { evaluate, train } from "../../src/engine/index.js";
import { datasetOfArrays } from "../datasets.js";
import { type ADAM, complete, engineOf, layer, modelOf, sequentialOf, training, unwrap } from "./support.js";

const MSE = { "mean-squared-error": complete("losses", "mean-squared-error") } as never;

function dataset<D extends DType>(dtype: D, values: readonly number[], affine = {}, y = values): Dataset {
  const arrays = {
    int64: BigInt64Array,
    uint64: BigUint64Array,
    int16: Int16Array,
    int8: Int8Array,
    uint16: Uint16Array,
  };
  const typed = { ...arrays, int32: Int32Array, uint32: Uint32Array, float64: Float64Array, float32: Float32Array };
  const numbers = (
    dtype.endsWith("64") && !dtype.startsWith("f") ? values.map((value) => BigInt(value)) : values
  ) as number[];
  const stored = (typed as never as Record<string, { from(of: number[]): TypedArrays[D] }>)[dtype]?.from(numbers);
  const x = tensorOf(dtype, [values.length, 1], stored as TypedArrays[D], affine);
  const target = tensorOf("float64", [values.length], Float64Array.from(y));
  return datasetOfArrays({ name: "numbers", classes: null, splits: { train: { x, y: target } } });
}

async function trained(data: Dataset) {
  const warnings: Diagnostic[] = [];
  const model = await modelOf(
    sequentialOf(layer("dense", { units: 1, kernelInitializer: { constant: { value: 1 } } })),
    [1],
  );
  const still = { sgd: complete("optimizers", "sgd", { learningRate: 1e-20 }) } as typeof ADAM;
  const params = training({ loss: MSE, optimizer: still, batchSize: 4, epochs: 1, validation: false });
  const engine = await engineOf("cpu");
  const result = await train(engine, { model, dataset: data, params, seed: 1 }, { warn: (one) => warnings.push(one) });
  if (!result.ok) return { errors: result.error, warnings };
  const { weights } = result.value;
  const measured = await evaluate(engine, { model, dataset: data, weights, params: { splits: ["train"] }, seed: 1 });
  return { errors: [], warnings, metrics: unwrap(measured).metrics.splits.train };
}

describe("numbers of every type", () => {
  it.each(["int8", "int16", "int32", "int64", "float32", "float64"] as const)(
    "reach the model as they are: %s",
    async (dtype) => {
      const { metrics, warnings } = await trained(dataset(dtype, [-3, 0, 7, 100]));
      expect([metrics?.meanAbsoluteError, warnings]).toEqual([0, []]);
    },
  );

  it.each(["uint16", "uint32", "uint64"] as const)("reach the model as they are: %s", async (dtype) => {
    expect((await trained(dataset(dtype, [3, 0, 7, 60_000]))).metrics?.meanAbsoluteError).toBe(0);
  });

  it("are scaled in double precision before they are rounded", async () => {
    // Seconds of a day in 2024: as they are, single precision would round them to steps of 128.
    const start = 1_704_067_200;
    const seconds = [0, 1, 2, 3].map((second) => start + second);
    const scaled = dataset("int64", seconds, { scale: 1 / 3, offset: -start / 3 }, [0, 1 / 3, 2 / 3, 1]);
    const { metrics, warnings } = await trained(scaled);
    expect(metrics?.meanAbsoluteError).toBeLessThan(1e-7);
    expect(warnings).toEqual([]);
  });

  it("are warned of where they are rounded, and refused where they are lost", async () => {
    const rounded = await trained(dataset("int64", [2 ** 24 + 1, 0, 1, 2], {}, [0, 0, 0, 0]));
    expect(rounded.warnings).toMatchObject([{ code: "number-too-large", severity: "warning" }]);
    const lost = await trained(dataset("float64", [1e39, 0, 1, 2], {}, [0, 0, 0, 0]));
    expect(lost.errors).toMatchObject([{ code: "number-too-large", severity: "error" }]);
  });

  it("of half precision are decoded", () => {
    // IEEE 754: 1, −2, the largest, the smallest below normal ones, infinity.
    const half = Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x7c00);
    const values = numbersOf("float16", new Uint8Array(half.buffer));
    expect([...values]).toEqual([1, -2, 65_504, 2 ** -24, Number.POSITIVE_INFINITY]);
    expect(numbersOf("float16", new Uint8Array(Uint16Array.of(0x7e00).buffer))[0]).toBeNaN();
  });
});
