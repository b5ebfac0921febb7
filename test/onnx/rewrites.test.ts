import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import type { FunctionProgram, StepProgram } from "../../src/engine/engine.js";
import type { Graph } from "../../src/engine/onnx/ir.js";
import { ALL_REWRITES, type Rewrite, rewriteGraph } from "../../src/engine/onnx/rewrites/index.js";
import { TracedFunction } from "../../src/engine/onnx/trace/function.js";
import { TracedStep } from "../../src/engine/onnx/trace/step.js";
import { checkGraph } from "./support/check-graph.js";
import { compareTraining } from "./support/compare.js";
import { sequentialProgram, vaeProgram, type Written } from "./support/models.js";
import { countOps, printGraph } from "./support/print.js";

const CONV: readonly Written[] = [
  { conv2d: { filters: 6, kernelSize: 3, activation: "relu" } },
  "max_pooling2d",
  { conv2d: { filters: 5, kernelSize: 3, padding: "same", activation: "relu" } },
  { max_pooling2d: { poolSize: [2, 3] } },
  "flatten",
  { dense: { units: 8, activation: "softplus" } },
  { dense: { units: 3, activation: "softmax" } },
];

async function conv(): Promise<() => StepProgram> {
  const setup = { loss: "categorical-crossentropy", labels: "classes", x: "uint8" } as const;
  return sequentialProgram(CONV, [11, 13, 2], setup);
}

/** Adam, whose gradients are shortened by one factor. */
async function clipped(): Promise<() => StepProgram> {
  const layers = [{ dense: { units: 8, activation: "tanh" } }, { dense: { units: 4, activation: "sigmoid" } }];
  return sequentialProgram(layers, [6], { loss: "binary-crossentropy", optimizer: "adam", clip: { norm: 0.01 } });
}

/** Together they have something to do for every rewrite. */
async function models(): Promise<readonly (() => StepProgram)[]> {
  return [await vaeProgram({ optimizer: "adam" }), await conv(), await clipped()];
}

/** Rewrites that find something only after others. */
const HELPERS: Readonly<Record<string, readonly string[]>> = { "shared-sigmoid": ["common-subexpressions"] };

function traced(program: StepProgram, batch = 4): Graph {
  const step = new TracedStep(program);
  const graph = step.trace(batch);
  step.dispose();
  return graph;
}

/** The graph of a function of float32 inputs. */
function functionGraph(outputs: FunctionProgram["outputs"], ...shapes: number[][]): Graph {
  return new TracedFunction({
    inputs: () => shapes.map((shape, i) => ({ name: `x${i}`, shape, dtype: "float32" })),
    variables: () => [],
    outputs,
  }).trace(1);
}

const named = (name: string) => ALL_REWRITES.filter((rewrite) => rewrite.name === name);

describe("every rewrite", () => {
  it("leaves a legal graph behind", async () => {
    for (const program of [(await vaeProgram({ optimizer: "adam" }))(), (await conv())()]) {
      const seen: string[] = [];
      rewriteGraph(traced(program), ALL_REWRITES, (name, graph) => {
        seen.push(name);
        checkGraph(graph);
      });
      expect(new Set(seen)).toEqual(new Set(["lower", ...ALL_REWRITES.map((rewrite) => rewrite.name)]));
    }
  });

  it.each(ALL_REWRITES.map((rewrite) => rewrite.name))("%s changes some graph, alone and left out", async (name) => {
    const helpers = (HELPERS[name] ?? []).flatMap(named);
    const others = ALL_REWRITES.filter((rewrite) => rewrite.name !== name);
    const changed = { alone: false, leftOut: false };
    for (const make of await models()) {
      const graph = traced(make());
      const print = (rewrites: readonly Rewrite[]) => printGraph(rewriteGraph(graph, rewrites));
      changed.alone ||= print([...helpers, ...named(name)]) !== print(helpers);
      changed.leftOut ||= print(others) !== print(ALL_REWRITES);
    }
    expect(changed).toEqual({ alone: true, leftOut: true });
  });

  it.each(ALL_REWRITES.map((rewrite) => rewrite.name))("%s keeps the meaning, alone or left out", async (name) => {
    const helpers = (HELPERS[name] ?? []).flatMap(named);
    const others = ALL_REWRITES.filter((rewrite) => rewrite.name !== name);
    for (const make of await models()) {
      for (const rewrites of [[...helpers, ...named(name)], others]) {
        const error = await compareTraining(make, { batch: 4, steps: 3, rate: 0.001 }, rewrites);
        expect(error.scalars).toBeLessThan(1e-5);
        expect(error.state).toBeLessThan(1e-5);
      }
    }
  });

  it("is deterministic", async () => {
    const make = await conv();
    expect(printGraph(rewriteGraph(traced(make())))).toBe(printGraph(rewriteGraph(traced(make()))));
  });
});

describe("what single rewrites do", () => {
  const ops = (graph: Graph, ...names: string[]) => countOps(rewriteGraph(graph, names.flatMap(named)));

  it("common-subexpressions computes a thing once", () => {
    const graph = functionGraph(({ x0 }) => ({ y: tf.add(tf.exp(x0 as tf.Tensor), tf.exp(x0 as tf.Tensor)) }), [3]);
    expect(ops(graph)).toEqual({ Exp: 2, Add: 1 });
    expect(ops(graph, "common-subexpressions")).toEqual({ Add: 1, Exp: 1 });
  });

  it("scalar-operands reads a spread number once", () => {
    const graph = functionGraph(({ x0 }) => ({ y: tf.mul(x0 as tf.Tensor, tf.fill([2, 3], 0.5)) }), [2, 3]);
    expect(printGraph(rewriteGraph(graph, named("scalar-operands")))).toContain("Mul(v0, <0.5>)");
  });

  it("identities drops what changes nothing", () => {
    const graph = functionGraph(
      ({ x0 }) => {
        const same = tf.mul(tf.add(x0 as tf.Tensor, 0), 1);
        return { y: tf.relu(tf.transpose(tf.transpose(tf.reshape(same, [3, 2]), [1, 0]), [1, 0])) };
      },
      [6],
    );
    expect(ops(graph, "identities")).toEqual({ Relu: 1, Reshape: 1 });
  });

  it("identities drops a neutral number on the right, and no other", () => {
    const right = (f: (x: tf.Tensor, number: tf.Tensor) => tf.Tensor, number: number) =>
      ops(
        functionGraph(({ x0 }) => ({ y: tf.relu(f(x0 as tf.Tensor, tf.scalar(number))) }), [6]),
        "identities",
      );
    for (const [f, op, neutral, other] of [
      [tf.mul, "Mul", 1, 2],
      [tf.add, "Add", 0, 1],
      [tf.sub, "Sub", 0, 1],
      [tf.div, "Div", 1, 2],
    ] as const) {
      expect(right(f, neutral)).toEqual({ Relu: 1 });
      expect(right(f, other)).toEqual({ [op]: 1, Relu: 1 });
    }
  });

  it("identities drops a neutral number on the left only where sides may change", () => {
    const left = (f: (one: tf.Tensor, x: tf.Tensor) => tf.Tensor, one: number) =>
      ops(
        functionGraph(({ x0 }) => ({ y: tf.relu(f(tf.scalar(one), x0 as tf.Tensor)) }), [6]),
        "identities",
      );
    expect(left(tf.mul, 1)).toEqual({ Relu: 1 });
    expect(left(tf.add, 0)).toEqual({ Relu: 1 });
    expect(left(tf.sub, 0)).toEqual({ Relu: 1, Sub: 1 });
    expect(left(tf.div, 1)).toEqual({ Div: 1, Relu: 1 });
  });

  it("scalar-division inverts a number once", () => {
    const graph = functionGraph(({ x0, x1 }) => ({ y: tf.div(x0 as tf.Tensor, x1 as tf.Tensor) }), [2, 3], []);
    expect(ops(graph, "scalar-division")).toEqual({ Mul: 1, Reciprocal: 1 });
  });

  it("softplus uses the fast form", () => {
    const graph = functionGraph(({ x0 }) => ({ y: tf.softplus(x0 as tf.Tensor) }), [4]);
    expect(ops(graph, "softplus")).toEqual({ Abs: 1, Log: 1, Relu: 1, Sigmoid: 1, Sub: 1 });
  });

  it("gemm-bias moves a bias into the product, through a change of shape", () => {
    const graph = functionGraph(
      ({ x0, x1, x2 }) => {
        const product = tf.matMul(x0 as tf.Tensor2D, x1 as tf.Tensor2D);
        return { y: tf.add(tf.reshape(product, [1, 2, 4]), x2 as tf.Tensor) };
      },
      [2, 3],
      [3, 4],
      [4],
    );
    expect(ops(graph)).toEqual({ Add: 1, Gemm: 1, Reshape: 1 });
    expect(ops(graph, "gemm-bias")).toEqual({ Gemm: 1, Reshape: 1 });
  });

  it("gemm-bias leaves a product alone that something else needs", () => {
    const graph = functionGraph(
      ({ x0, x1, x2 }) => {
        const product = tf.matMul(x0 as tf.Tensor2D, x1 as tf.Tensor2D);
        return { y: tf.add(product, x2 as tf.Tensor), product };
      },
      [2, 3],
      [3, 4],
      [4],
    );
    expect(ops(graph, "gemm-bias")).toEqual({ Add: 1, Gemm: 1 });
  });

  it("fewer-logarithms takes the logarithm of products", () => {
    const graph = functionGraph(
      ({ x0 }) => {
        const x = x0 as tf.Tensor;
        const terms = tf.sub(tf.relu(x), tf.log(tf.sigmoid(tf.abs(x))));
        return { y: tf.sum(terms, 1) };
      },
      [2, 32],
    );
    const text = printGraph(rewriteGraph(graph, named("fewer-logarithms")));
    expect(text).toMatch(/float32\[2,2\] = Log/);
    expect(text).not.toMatch(/float32\[2,32\] = Log/);
  });

  it("scaled-gradients lets the product scale a gradient that is squared", () => {
    const graph = functionGraph(
      ({ x0, x1 }) => {
        const gradient = tf.matMul(x0 as tf.Tensor2D, x1 as tf.Tensor2D);
        return { mean: tf.mul(gradient, 0.1), square: tf.mul(tf.square(gradient), 0.04) };
      },
      [2, 3],
      [3, 4],
    );
    expect(ops(graph)).toEqual({ Gemm: 1, Mul: 3 });
    expect(ops(graph, "scaled-gradients")).toEqual({ Gemm: 1, Mul: 2 });
    const text = printGraph(rewriteGraph(graph, named("scaled-gradients")));
    // √0.04, as float32 has it, into the product, 0.1 / √0.04 into what is left of the other factor.
    expect(text).toMatch(/= Gemm\(.*alpha=0\.1999/);
    expect(text).toContain("<0.5>");
  });

  it("scaled-gradients leaves a gradient alone that is needed as it is", () => {
    const product = (x0: tf.Tensor, x1: tf.Tensor) => tf.matMul(x0 as tf.Tensor2D, x1 as tf.Tensor2D);
    const cases: Readonly<Record<string, (gradient: tf.Tensor) => Record<string, tf.Tensor>>> = {
      "its square is an output": (g) => {
        const square = tf.square(g);
        return { mean: tf.mul(g, 0.1), square, scaled: tf.mul(square, 0.04) };
      },
      "its square has another user": (g) => {
        const square = tf.square(g);
        return { mean: tf.mul(g, 0.1), scaled: tf.mul(square, 0.04), other: tf.exp(square) };
      },
      "it is an output": (g) => ({ g, mean: tf.mul(g, 0.1), scaled: tf.mul(tf.square(g), 0.04) }),
      "it has another user": (g) => ({ e: tf.exp(g), mean: tf.mul(g, 0.1), scaled: tf.mul(tf.square(g), 0.04) }),
      "it is not scaled": (g) => ({ e: tf.exp(g), scaled: tf.mul(tf.square(g), 0.04) }),
      "its square is not scaled": (g) => ({ mean: tf.mul(g, 0.1), e: tf.exp(tf.square(g)) }),
      "its square has a negative factor": (g) => ({ mean: tf.mul(g, 0.1), scaled: tf.mul(tf.square(g), -0.04) }),
      "its square has the factor 0": (g) => ({ mean: tf.mul(g, 0.1), scaled: tf.mul(tf.square(g), 0) }),
    };
    for (const [label, outputs] of Object.entries(cases)) {
      const graph = functionGraph(({ x0, x1 }) => outputs(product(x0 as tf.Tensor, x1 as tf.Tensor)), [2, 3], [3, 4]);
      const plain = printGraph(rewriteGraph(graph, []));
      expect(printGraph(rewriteGraph(graph, named("scaled-gradients"))), label).toBe(plain);
    }
  });

  it("shared-sigmoid computes one sigmoid for x and |x|", () => {
    const graph = functionGraph(
      ({ x0 }) => ({ y: tf.sigmoid(x0 as tf.Tensor), z: tf.sigmoid(tf.abs(x0 as tf.Tensor)) }),
      [4],
    );
    expect(ops(graph)).toEqual({ Abs: 1, Sigmoid: 2 });
    expect(ops(graph, "shared-sigmoid")).toEqual({ Max: 1, Sigmoid: 1, Sub: 1 });
  });

  it("pack-small-state updates what is small and alike as one vector", async () => {
    const program = await vaeProgram({ optimizer: "adam" });
    const rewritten = rewriteGraph(traced(program()), ["common-subexpressions", "pack-small-state"].flatMap(named));
    const packed = rewritten.inputs.filter((port) => port.parts);
    // Weights, means and squares of all ten variables.
    expect(packed.map((port) => port.parts?.length)).toEqual([10, 10, 10]);
    expect(
      rewritten.outputs
        .filter((port) => port.parts)
        .map((port) => port.name)
        .sort(),
    ).toEqual(packed.map((port) => port.name).sort());
    // One root for the vector, one for the bias correction.
    expect(countOps(rewritten).Sqrt).toBe(2);
  });

  it("pack-small-state leaves variables of more than 4096 elements by themselves", async () => {
    const dense = { dense: { units: 64 } };
    const program = await sequentialProgram([dense, dense], [65], { optimizer: "adam" });
    const rewritten = rewriteGraph(traced(program()), ["common-subexpressions", "pack-small-state"].flatMap(named));
    const [packed] = rewritten.inputs.filter((port) => port.parts);
    const shapes = packed?.parts?.map(({ shape }) => shape.join()).sort();
    expect(shapes).toEqual(["64", "64", "64,64"]);
  });

  it("pool-early leaves bias and ReLU to the pooled images", async () => {
    const graph = traced((await conv())());
    const full = printGraph(rewriteGraph(graph, named("identities")));
    const early = printGraph(rewriteGraph(graph, ["identities", "common-subexpressions", "pool-early"].flatMap(named)));
    expect(full).toMatch(/float32\[4,9,11,6\] = Relu/);
    expect(early).not.toMatch(/float32\[4,9,11,6\] = (Relu|Add|Greater)/);
    expect(early).toMatch(/float32\[4,4,5,6\] = Relu/);
  });

  it("pool-early takes a bias from either side, and no sum of images for one", () => {
    const shape = [1, 4, 4, 2];
    const pooled = (a: number[], b: number[]) =>
      printGraph(
        rewriteGraph(
          functionGraph(
            ({ x0, x1 }) => ({ y: tf.maxPool(tf.add(x0 as tf.Tensor, x1 as tf.Tensor) as tf.Tensor4D, 2, 2, "valid") }),
            a,
            b,
          ),
          named("pool-early"),
        ),
      );
    for (const bias of [[2], [1, 1, 2], [1, 1, 1, 2]]) {
      expect(pooled(shape, bias), `${bias} on the right`).toMatch(/float32\[1,2,2,2\] = Add/);
      expect(pooled(bias, shape), `${bias} on the left`).toMatch(/float32\[1,2,2,2\] = Add/);
    }
    for (const image of [shape, [1, 4, 1, 2], [4, 1, 2]]) {
      expect(pooled(shape, image), `${image} on the right`).toMatch(/float32\[1,4,4,2\] = Add/);
      expect(pooled(image, shape), `${image} on the left`).toMatch(/float32\[1,4,4,2\] = Add/);
    }
  });

  it("pool-early moves the mask of the ReLU that was pooled, and no other", () => {
    const shape = [1, 4, 4, 2];
    const gradient = tf.grad((x: tf.Tensor) => tf.sum(tf.maxPool(x as tf.Tensor4D, 2, 2, "valid")));
    const masked = (mask: (x: tf.Tensor, other: tf.Tensor) => tf.Tensor) =>
      printGraph(
        rewriteGraph(
          functionGraph(
            ({ x0, x1 }) => ({
              y: tf.mul(gradient(tf.relu(x0 as tf.Tensor)), tf.cast(mask(x0 as tf.Tensor, x1 as tf.Tensor), "float32")),
            }),
            shape,
            shape,
          ),
          ["identities", "common-subexpressions", "pool-early"].flatMap(named),
        ),
      );
    const whole = /\[1,4,4,2\] = Greater/;
    expect(masked((x) => tf.greater(x, 0))).not.toMatch(whole);
    expect(masked((x) => tf.greater(x, 0.5))).toMatch(whole);
    expect(masked((_, other) => tf.greater(other, 0))).toMatch(whole);
  });

  it("conv-products replaces convolutions and pooling", async () => {
    const graph = traced((await conv())());
    const all = countOps(rewriteGraph(graph));
    expect(all.Conv ?? all.ConvTranspose ?? all.MaxPool ?? all.MaxUnpool).toBeUndefined();
    const without = countOps(
      rewriteGraph(
        graph,
        ALL_REWRITES.filter((rewrite) => rewrite.name !== "conv-products"),
      ),
    );
    expect(without).toMatchObject({ Conv: 4, ConvTranspose: 1, MaxUnpool: 2 });
  });

  it("conv-products leaves a pooling whole whose gradient goes to more than the convolution", () => {
    const pool = (x: tf.Tensor) => tf.maxPool(x as tf.Tensor4D, 2, 2, "valid");
    const graph = functionGraph(
      ({ x0, x1 }) => {
        const images = tf.conv2d(x0 as tf.Tensor4D, x1 as tf.Tensor4D, 1, "same");
        return { pooled: pool(images), y: tf.exp(tf.grad((x: tf.Tensor) => tf.sum(pool(x)))(images)) };
      },
      [1, 4, 4, 2],
      [3, 3, 2, 3],
    );
    expect(ops(graph, "conv-products")).toMatchObject({ Exp: 1, Gemm: 1, MaxUnpool: 1 });
  });

  it("conv-products leaves convolutions alone whose pixels would not fit", () => {
    const graph = functionGraph(
      ({ x0, x1 }) => ({ y: tf.conv2d(x0 as tf.Tensor4D, x1 as tf.Tensor4D, 1, "same") }),
      [16, 128, 128, 16],
      [3, 3, 16, 8],
    );
    expect(ops(graph, "conv-products")).toMatchObject({ Conv: 1 });
  });
});
