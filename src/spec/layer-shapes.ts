/**
 * The shape that each layer makes of its input, without building it: the rules that the schemas name (`x-pipe.shape`).
 * Shapes leave out the batch. The formulas are those of Keras; for windows, with size k, stride s, dilation d and
 * k' = (k − 1)·d + 1: `valid` gives ⌊(n − k') / s⌋ + 1, `same` and `causal` give ⌈n / s⌉.
 */
import { lacksChannels, leavesPicture } from "../base/channels.js";
import type { JsonPath } from "../base/json.js";
import { err, ok, type Result } from "../base/result.js";
import { type Layer, layerTable } from "../gen/layers.js";

export type Shape = readonly number[];

/** A layer that does not fit its input. */
export interface Misfit {
  readonly code: "shape-mismatch" | "wrong-value";
  readonly message: string;
  /** From the layer's own place to what is to blame. */
  readonly path: JsonPath;
  readonly received: string;
  readonly expected: string;
  readonly fix: string;
}

type Outcome = Result<Shape, Misfit>;
// Parameters were checked by the layer's schema, which is what these reads rely on.
type Params = Readonly<Record<string, unknown>>;
type Facts = { readonly shape: string; readonly rank?: number };

/**
 * @param isPicture whether an input of two dimensions is a picture, which has one channel.
 * @returns the output's shape, or what does not fit.
 */
export function layerShape(layer: Layer, given: Shape, isPicture = false): Outcome {
  const [kind, params] = Object.entries(layer)[0] as [keyof typeof layerTable, Params];
  const facts: Facts = layerTable[kind];
  const input = lacksChannels(facts, given, isPicture) ? [...given, 1] : given;
  if (facts.rank !== undefined && input.length !== facts.rank + 1)
    return err({ ...wrongRank(kind, facts.rank, input), path: [kind] });
  const outcome = (rules[facts.shape] as Rule)(params, input, kind, isPicture);
  if (!outcome.ok) return err({ ...outcome.error, path: [kind, ...outcome.error.path] });
  const size = outcome.value.reduce((product, n) => product * n, 1);
  if (size <= largest) return outcome;
  return err({
    ...mismatch(kind, `shape ${show(outcome.value)}`, `at most ${largest} elements an item`, "Make the layer smaller."),
    message: `the layer \`${kind}\` makes too much of its input`,
    path: [kind],
  });
}

/** Elements of one item beyond which no machine that this runs on can train. */
const largest = 2 ** 28;

/** Shapes as they are written: `[28, 28, 1]`. */
export function show(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

type Rule = (params: Params, input: Shape, kind: string, isPicture: boolean) => Outcome;

const rules: Readonly<Record<string, Rule>> = {
  same: (_, input) => ok(input),
  flatten: (_, input) => ok([input.reduce((product, n) => product * n, 1)]),
  dense: ({ units }, input) => ok([...input.slice(0, -1), units as number]),
  embedding: ({ outputDim }, input) => ok([...input, outputDim as number]),
  conv: (params, input, kind) => convShape(params, input, kind, () => params.filters as number),
  "depthwise-conv": (params, input, kind) =>
    convShape(params, input, kind, (channels) => channels * (params.depthMultiplier as number)),
  "conv-transpose": convTransposeShape,
  pool: (params, input, kind) =>
    windowShape({ ...params, kernelSize: params.poolSize, strides: params.strides ?? params.poolSize }, input, kind),
  "global-pool": (_, input) => ok([input.at(-1) as number]),
  "up-sampling": ({ size }, [height = 0, width = 0, channels = 0]) => {
    const [y, x] = pair(size);
    return ok([height * y, width * x, channels]);
  },
  "zero-padding": ({ padding }, [height = 0, width = 0, channels = 0]) => {
    const [y, x] = (Array.isArray(padding) ? padding : [padding, padding]).map((side) =>
      Array.isArray(side) ? side[0] + side[1] : 2 * side,
    );
    return ok([height + y, width + x, channels]);
  },
  reshape: reshapeShape,
  permute: permuteShape,
  recurrent: recurrentShape,
  bidirectional: bidirectionalShape,
  add: branchShapes(addShape),
  concatenate: branchShapes(concatenateShape),
};

function pair(value: unknown): readonly [number, number] {
  return Array.isArray(value) ? [value[0], value[1]] : [value as number, value as number];
}

function convShape(params: Params, input: Shape, kind: string, filters: (channels: number) => number): Outcome {
  const strided = pair(params.strides).some((n) => n > 1);
  if (strided && pair(params.dilationRate).some((n) => n > 1)) {
    return err({
      code: "wrong-value",
      message: `the layer \`${kind}\` cannot have both strides and dilation`,
      path: ["dilationRate"],
      received: `strides ${JSON.stringify(params.strides)}, dilationRate ${JSON.stringify(params.dilationRate)}`,
      expected: "one of them to be 1",
      fix: "Remove `strides` or `dilationRate`.",
    });
  }
  const windows = windowShape(params, input, kind);
  return windows.ok ? ok([...windows.value.slice(0, -1), filters(input.at(-1) as number)]) : windows;
}

/** Slides a window over every dimension but the last. */
function windowShape(params: Params, input: Shape, kind: string): Outcome {
  const { kernelSize, strides, dilationRate = 1, padding } = params;
  const output = input.slice(0, -1).map((n, i) => {
    const reach = ((pair(kernelSize)[i] as number) - 1) * (pair(dilationRate)[i] as number) + 1;
    const stride = pair(strides)[i] as number;
    return padding === "valid" ? Math.floor((n - reach) / stride) + 1 : Math.ceil(n / stride);
  });
  if (output.some((n) => n < 1)) {
    const received = `input ${show(input)} and a window of ${JSON.stringify(kernelSize)}`;
    return err(
      mismatch(
        kind,
        received,
        "a window that fits into the input",
        "Make the window smaller, or write `padding: same`.",
        "has a window larger than its input",
      ),
    );
  }
  return ok([...output, input.at(-1) as number]);
}

function convTransposeShape({ kernelSize, strides, padding, filters }: Params, input: Shape): Outcome {
  const output = input.slice(0, -1).map((n, i) => {
    const stride = pair(strides)[i] as number;
    const beyond = padding === "valid" ? Math.max((pair(kernelSize)[i] as number) - stride, 0) : 0;
    return n * stride + beyond;
  });
  return ok([...output, filters as number]);
}

function reshapeShape({ targetShape }: Params, input: Shape, kind: string): Outcome {
  const target = targetShape as Shape;
  const size = input.reduce((product, n) => product * n, 1);
  const known = target.filter((n) => n !== -1).reduce((product, n) => product * n, 1);
  const open = target.length - target.filter((n) => n !== -1).length;
  const fits = open === 0 ? known === size : open === 1 && size % known === 0;
  if (fits) return ok(target.map((n) => (n === -1 ? size / known : n)));
  const received = `input ${show(input)} with ${size} elements, targetShape ${show(target)}`;
  const expected = open > 1 ? "at most one -1" : `a shape with ${size} elements`;
  return err({ ...mismatch(kind, received, expected, "Change `targetShape`."), path: ["targetShape"] });
}

function permuteShape({ dims }: Params, input: Shape, kind: string): Outcome {
  const order = dims as Shape;
  const wanted = input.map((_, i) => i + 1);
  if (String([...order].sort((a, b) => a - b)) === String(wanted))
    return ok(order.map((dim) => input[dim - 1] as number));
  const expected = `each of ${wanted.join(", ")} once`;
  return err({
    ...mismatch(kind, `input ${show(input)}, dims ${show(order)}`, expected, "Change `dims`."),
    path: ["dims"],
  });
}

function recurrentShape({ units, returnSequences }: Params, input: Shape, kind: string): Outcome {
  if (input.length !== 2) return err(wrongRank(kind, 1, input));
  return ok(returnSequences ? [input[0] as number, units as number] : [units as number]);
}

function bidirectionalShape({ layer, mergeMode }: Params, input: Shape): Outcome {
  const [kind] = Object.keys(layer as object) as [keyof typeof layerTable];
  if (layerTable[kind].shape !== "recurrent") {
    return err({
      code: "wrong-value",
      message: "`bidirectional` takes a recurrent layer",
      path: ["layer"],
      received: `the layer \`${kind}\``,
      expected: "simple_rnn, lstm or gru",
      fix: "Use one of these.",
    });
  }
  const inner = layerShape(layer as Layer, input);
  if (!inner.ok) return err({ ...inner.error, path: ["layer", ...inner.error.path] });
  const factor = mergeMode === "concat" ? 2 : 1;
  return ok([...inner.value.slice(0, -1), (inner.value.at(-1) as number) * factor]);
}

function branchShapes(join: (shapes: readonly Shape[], kind: string) => Outcome): Rule {
  return (params, input, kind, isPicture) => {
    const shapes: Shape[] = [];
    for (const [i, branch] of (params.branches as readonly (readonly Layer[])[]).entries()) {
      const output = layersShape(branch, input, isPicture);
      if (!output.ok) return err({ ...output.error, path: ["branches", i, ...output.error.path] });
      shapes.push(output.value);
    }
    return join(shapes, kind);
  };
}

/** Layers one after the other. */
export function layersShape(layers: readonly Layer[], input: Shape, isPicture = false): Outcome {
  let shape = input;
  let picture = isPicture;
  for (const [i, layer] of layers.entries()) {
    const output = layerShape(layer, shape, picture);
    if (!output.ok) return err({ ...output.error, path: [i, ...output.error.path] });
    shape = output.value;
    picture = leavesPicture(layerTable[Object.keys(layer)[0] as keyof typeof layerTable], shape, picture);
  }
  return ok(shape);
}

function addShape(shapes: readonly Shape[], kind: string): Outcome {
  const odd = shapes.findIndex((shape) => String(shape) !== String(shapes[0]));
  return odd < 0 ? ok(shapes[0] as Shape) : err(oddBranch(kind, shapes, odd, "branches of one shape"));
}

function concatenateShape(shapes: readonly Shape[], kind: string): Outcome {
  const rest = (shape: Shape | undefined) => String(shape?.slice(0, -1));
  const odd = shapes.findIndex((shape) => rest(shape) !== rest(shapes[0]) || shape.length !== shapes[0]?.length);
  if (odd >= 0) return err(oddBranch(kind, shapes, odd, "branches that differ in the last dimension only"));
  const last = shapes.reduce((sum, shape) => sum + (shape.at(-1) as number), 0);
  return ok([...(shapes[0] as Shape).slice(0, -1), last]);
}

function oddBranch(kind: string, shapes: readonly Shape[], odd: number, expected: string): Misfit {
  const fix = "Change the branches so that their results fit.";
  return {
    ...mismatch(kind, shapes.map(show).join(" and "), expected, fix, "has branches that do not fit"),
    path: ["branches", odd],
  };
}

function wrongRank(kind: string, rank: number, input: Shape): Misfit {
  const expected = rank === 1 ? "an input [steps, channels]" : "an input [height, width, channels]";
  const target =
    rank === 1 ? [...(input.length === 1 ? input : [-1]), 1] : [...(input.length === 2 ? input : [-1, -1]), 1];
  const fix =
    input.length < rank + 1 && !target.includes(-1)
      ? `Put { reshape: { targetShape: ${show(target)} } } before it.`
      : `Put a layer before it that makes ${rank + 1} dimensions, such as reshape.`;
  return mismatch(kind, `input ${show(input)}`, expected, fix);
}

function mismatch(
  kind: string,
  received: string,
  expected: string,
  fix: string,
  says = "does not fit its input",
): Misfit {
  return { code: "shape-mismatch", message: `the layer \`${kind}\` ${says}`, path: [], received, expected, fix };
}
