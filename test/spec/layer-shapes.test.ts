import { layers as tfl } from "@tensorflow/tfjs-layers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { validators } from "../../src/gen/validators.js";
import { layerShape } from "../../src/layers/index.js";

/** TensorFlow.js itself is the reference: what its layer says of the shape is what the rule must say. */
type Factory = (params: Record<string, unknown>) => { computeOutputShape(shape: unknown): unknown };
const factories = tfl as unknown as Readonly<Record<string, Factory>>;

/** `max_pooling2d` → `maxPooling2d`, `re_lu` → `reLU`. */
const special: Readonly<Record<string, string>> = { re_lu: "reLU", leaky_re_lu: "leakyReLU", simple_rnn: "simpleRNN" };
function factoryOf(kind: string): Factory {
  const name = special[kind] ?? kind.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const factory = factories[name];
  if (!factory) throw new Error(`TensorFlow.js has no layer ${name}`);
  return (params) => factory.call(tfl, params);
}

function complete(kind: string, params: Record<string, unknown>): Record<string, unknown> {
  const copy = structuredClone(params);
  validators[`layers/${kind}`]?.(copy);
  return copy;
}

const n = (max: number) => fc.integer({ min: 1, max });
const pairOr = (max: number) => fc.oneof(n(max), fc.tuple(n(max), n(max)));
const padding = fc.constantFrom("valid", "same");
const image = fc.tuple(n(9), n(9), n(4));
const sequence = fc.tuple(n(12), n(5));
const anyShape = fc.array(n(5), { minLength: 1, maxLength: 3 });

const window2d = { kernelSize: pairOr(4), strides: pairOr(3), padding };
const cases: Readonly<
  Record<string, { input: fc.Arbitrary<number[]>; params: Record<string, fc.Arbitrary<unknown>> }>
> = {
  dense: { input: anyShape, params: { units: n(7) } },
  conv1d: {
    input: sequence,
    params: { filters: n(4), kernelSize: n(4), strides: n(3), padding: padding },
  },
  conv2d: { input: image, params: { filters: n(4), ...window2d } },
  depthwise_conv2d: { input: image, params: { ...window2d, depthMultiplier: n(3) } },
  separable_conv2d: { input: image, params: { filters: n(4), ...window2d } },
  conv2d_transpose: { input: image, params: { filters: n(4), ...window2d } },
  max_pooling1d: { input: sequence, params: { poolSize: n(4), padding } },
  average_pooling1d: { input: sequence, params: { poolSize: n(4), strides: n(3), padding } },
  max_pooling2d: { input: image, params: { poolSize: pairOr(4), padding } },
  average_pooling2d: { input: image, params: { poolSize: pairOr(4), strides: pairOr(3), padding } },
  global_max_pooling1d: { input: sequence, params: {} },
  global_average_pooling1d: { input: sequence, params: {} },
  global_max_pooling2d: { input: image, params: {} },
  global_average_pooling2d: { input: image, params: {} },
  up_sampling2d: { input: image, params: { size: fc.tuple(n(3), n(3)) } },
  zero_padding2d: {
    input: image,
    params: {
      padding: fc.oneof(
        fc.nat(3),
        fc.tuple(fc.nat(3), fc.nat(3)),
        fc.tuple(fc.tuple(n(2), n(2)), fc.tuple(n(2), n(2))),
      ),
    },
  },
  flatten: { input: anyShape, params: {} },
  embedding: { input: n(6).map((length) => [length]), params: { inputDim: n(9), outputDim: n(5) } },
  simple_rnn: { input: sequence, params: { units: n(5), returnSequences: fc.boolean() } },
  lstm: { input: sequence, params: { units: n(5), returnSequences: fc.boolean() } },
  gru: { input: sequence, params: { units: n(5), returnSequences: fc.boolean() } },
  softmax: { input: anyShape, params: {} },
  layer_normalization: { input: anyShape, params: {} },
};

describe("the shape that a rule gives", () => {
  it.each(Object.keys(cases))("of %s is what TensorFlow.js says", (kind) => {
    const { input, params } = cases[kind] as (typeof cases)[string];
    fc.assert(
      fc.property(input, fc.record(params), (shape, given) => {
        const full = complete(kind, given as Record<string, unknown>);
        const ours = layerShape(kind, full, [shape]);
        const theirs = theirShape(kind, given as Record<string, unknown>, shape);
        if (ours.ok) expect(ours.value).toEqual(theirs);
        else expect(theirs === null || theirs.some((size) => size < 1)).toBe(true);
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it.each([
    ["reshape", { targetShape: [4, 3] }, [2, 6], [4, 3]],
    ["permute", { dims: [2, 1] }, [3, 5], [5, 3]],
    ["permute", { dims: [3, 1, 2] }, [2, 3, 4], [4, 2, 3]],
  ])("of %s is what TensorFlow.js says", (kind, params, shape, expected) => {
    const ours = layerShape(kind, params, [shape]);
    expect(ours).toEqual({ ok: true, value: expected });
    expect(theirShape(kind, params, shape)).toEqual(expected);
  });

  it("of a reshape with -1 has the same number of elements", () => {
    const reshape = (targetShape: number[]) => layerShape("reshape", { targetShape }, [[2, 6]]);
    expect(reshape([4, -1])).toEqual({ ok: true, value: [4, 3] });
    expect(reshape([-1])).toEqual({ ok: true, value: [12] });
    expect([reshape([5, -1]).ok, reshape([-1, -1]).ok, reshape([4, 4]).ok]).toEqual([false, false, false]);
  });

  // TensorFlow.js says of `causal` what is true of `valid`; the definition is padding at the start by the window's reach.
  it("of a causal conv1d is that of `same`", () => {
    const shape = (padding: string) =>
      layerShape("conv1d", complete("conv1d", { filters: 2, kernelSize: 3, strides: 2, padding }), [[7, 1]]);
    expect(shape("causal")).toEqual({ ok: true, value: [4, 2] });
    expect(shape("causal")).toEqual(shape("same"));
  });

  it.each([
    ["concat", [3, 8]],
    ["sum", [3, 4]],
  ])("of bidirectional with %s follows from the layer inside", (mergeMode, expected) => {
    const layer = { lstm: complete("lstm", { units: 4, returnSequences: true }) };
    const ours = layerShape("bidirectional", { layer, mergeMode }, [[3, 2]]);
    expect(ours).toEqual({ ok: true, value: expected });
  });

  it("of what joins several inputs follows from theirs", () => {
    const join = (kind: string, shapes: number[][]) => layerShape(kind, {}, shapes);
    expect(
      join("concatenate", [
        [3, 5],
        [3, 5],
        [3, 4],
      ]),
    ).toEqual({ ok: true, value: [3, 14] });
    expect(
      join("add", [
        [3, 5],
        [3, 5],
      ]),
    ).toEqual({ ok: true, value: [3, 5] });
    expect(
      join("add", [
        [3, 5],
        [3, 4],
      ]),
    ).toMatchObject({ ok: false, error: { input: 1 } });
    expect(join("add", [[3, 5]])).toMatchObject({ ok: false, error: { received: "1 input" } });
  });
});

function theirShape(kind: string, params: Record<string, unknown>, shape: readonly number[]): number[] | null {
  try {
    const output = factoryOf(kind)(params).computeOutputShape([null, ...shape]) as (number | null)[];
    return output.slice(1) as number[];
  } catch {
    return null;
  }
}
