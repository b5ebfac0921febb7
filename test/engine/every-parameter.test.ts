/**
 * Whatever YAML may say of a layer, an optimizer, a loss, an initializer or a schedule does something: each key of each
 * schema is changed by itself, and what training leaves must change with it. A key without an effect fails by name.
 */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { RandomStream } from "../../src/base/random.js";
import type { Engine } from "../../src/engine/engine.js";
import { initialValues } from "../../src/engine/initializers.js";
import { rateFactor } from "../../src/engine/learning-rate.js";
import type { Initializer } from "../../src/gen/initializers.js";
import type { Schedule } from "../../src/gen/schedules.js";
import { kindNames } from "../../src/gen/tables.js";
import { withPlain } from "../layers/plain.js";
import { hostData } from "../onnx/support/compare.js";
import { complete, type Setup, sequentialProgram, type Written } from "../onnx/support/models.js";
import { engineOf, unwrap } from "./support.js";

type Params = Readonly<Record<string, unknown>>;

interface Property {
  readonly type?: string | readonly string[];
  readonly enum?: readonly string[];
  readonly $ref?: string;
  readonly "x-kind"?: string;
}

/** A kind with parameters under which all of its keys matter. */
interface Base {
  readonly params: Params;
  readonly input?: readonly number[];
  readonly setup?: Setup;
  /** What comes after it; unless given, a dense layer that sees all of it as one vector. */
  readonly head?: readonly Written[];
  /** Other values of keys that no rule below can make. */
  readonly others?: Readonly<Record<string, readonly unknown[]>>;
}

const VECTOR = [5];
const STEPS = [5, 3];
const IMAGE = [5, 7, 2];

const recurrent: Base = { input: STEPS, params: { units: 2, biasInitializer: { constant: { value: 0.5 } } } };
const window1d: Base = { input: STEPS, params: { poolSize: 2 }, others: { strides: [1] } };
const window2d: Base = {
  input: IMAGE,
  params: { poolSize: 2 },
  others: { poolSize: [3, [2, 3]], strides: [1, [2, 1]] },
};
const conv2d: Base = { input: IMAGE, params: { filters: 2, kernelSize: 2 } };
const dense = (units: number) => ({ dense: { units } });

/** For any other kind its plainest use. */
const listedLayers: Readonly<Record<string, Base>> = {
  activation: { params: { activation: "tanh" } },
  add: { params: { branches: [[], [dense(5)]] } },
  average_pooling1d: window1d,
  average_pooling2d: window2d,
  bidirectional: {
    input: STEPS,
    params: { layer: { lstm: { units: 2 } } },
    others: { layer: [{ gru: { units: 2 } }, { simple_rnn: { units: 2 } }, { lstm: { units: 3 } }] },
  },
  concatenate: { params: { branches: [[], [dense(5)]] } },
  conv1d: { input: STEPS, params: { filters: 2, kernelSize: 2 } },
  conv2d,
  conv2d_transpose: { ...conv2d, params: { filters: 2, kernelSize: 3 } },
  dense: { params: { units: 3 } },
  depthwise_conv2d: { ...conv2d, params: { kernelSize: 2 } },
  dot: { input: STEPS, params: { branches: [[], [dense(3)]], axes: [2, 2] }, others: { axes: [1] } },
  embedding: {
    params: { inputDim: 4, outputDim: 2 },
    setup: { x: "int32" },
    head: [{ simple_rnn: { units: 2 } }, dense(2)],
  },
  expression: { params: { expression: "x * 2" }, others: { expression: ["x * 3", "tanh(x)"] } },
  gru: recurrent,
  lstm: recurrent,
  max_pooling1d: window1d,
  max_pooling2d: window2d,
  permute: { input: IMAGE, params: { dims: [1, 2, 3] }, others: { dims: [[2, 1, 3]] } },
  re_lu: { params: {}, others: { maxValue: [0.25] } },
  reshape: { input: IMAGE, params: { targetShape: [7, 10] }, others: { targetShape: [[10, -1]] }, head: [dense(2)] },
  separable_conv2d: conv2d,
  simple_rnn: recurrent,
  up_sampling2d: { input: IMAGE, params: {}, others: { size: [3, [2, 1]] } },
  zero_padding2d: {
    input: IMAGE,
    params: {},
    others: {
      padding: [
        2,
        [1, 2],
        [
          [0, 2],
          [1, 1],
        ],
      ],
    },
  },
  cropping1d: { input: STEPS, params: { cropping: 1 }, others: { cropping: [2, [0, 1]] } },
  cropping2d: {
    input: IMAGE,
    params: { cropping: 1 },
    others: {
      cropping: [
        2,
        [1, 2],
        [
          [0, 2],
          [1, 1],
        ],
      ],
    },
  },
  group_normalization: { input: IMAGE, params: { groups: 1 } },
  masking: {
    input: [5, 1],
    params: {},
    setup: { x: "int32" },
    head: [{ simple_rnn: { units: 2 } }, dense(2)],
    others: { maskValue: [1] },
  },
  multi_head_attention: { input: STEPS, params: { numHeads: 2, keyDim: 2 }, others: { valueDim: [3] } },
  zero_padding1d: { input: STEPS, params: {}, others: { padding: [2, [1, 0]] } },
};
const layerBases = withPlain(listedLayers, (_, plain): Base => plain);

/** Of optimizers, bases of which their defaults are none. */
const listedOptimizers: Readonly<Record<string, Base>> = {
  adagrad: { params: { epsilon: 0.01 } },
  adam: { params: { epsilon: 0.01 } },
  adamax: { params: { epsilon: 0.01 } },
  adamw: { params: { epsilon: 0.01 } },
  rmsprop: { params: { epsilon: 0.01 } },
  sgd: { params: { momentum: 0.5 } },
};
const optimizerBases = Object.fromEntries(
  (kindNames.optimizers?.names ?? []).map((kind) => [kind, listedOptimizers[kind] ?? { params: {} }]),
);

const lossBases: Readonly<Record<string, Base>> = {
  huber: { params: { delta: 0.2 } },
  "categorical-crossentropy": { params: {}, setup: { labels: "classes" } },
};

/** Keys that change nothing by themselves, and why. */
const WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  "optimizers/*/learningRate": "reaches a step as an input, with the schedule: train.test.ts",
};

function propertiesOf(folder: string, kind: string): Readonly<Record<string, Property>> {
  const file = new URL(`../../schemas/${folder}/${kind}.schema.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { properties?: Record<string, Property> }).properties ?? {};
}

/** Other values of a key than the one it has. */
function othersOf(key: string, property: Property, { others = {} }: Base, current: unknown): readonly unknown[] {
  if (others[key] !== undefined) return others[key];
  if (property.$ref?.includes("regularizer")) return [{ l1: 0.5 }, { l2: 0.5 }];
  if (property.$ref?.includes("activation"))
    return (current === "tanh" ? ["sigmoid"] : ["tanh"]).concat("hardSigmoid6");
  if (property["x-kind"] === "initializers") return [{ randomNormal: { mean: 0.2, stddev: 0.5 } }];
  if (property.enum !== undefined) return property.enum.filter((value) => value !== current);
  if (typeof current === "boolean") return [!current];
  if (property.type === "integer") return [(current as number) + 1];
  if (Array.isArray(property.type)) return [(current as number) + 1, [current, (current as number) + 1]];
  if (property.type === "number") return [current === 0 ? 0.3 : (current as number) * 0.75];
  throw new Error(`what else can ${key} be? Give it other values.`);
}

interface Change {
  readonly title: string;
  readonly base: Params;
  readonly changed: Params;
}

/** Every key of a kind with every other value. */
function changesOf(folder: string, kind: string, base: Base): readonly Change[] {
  const own = Object.fromEntries(Object.entries(base.params).filter(([key]) => key !== "branches"));
  const full = Object.values(complete(folder, { [kind]: own }))[0] as Params;
  return Object.entries(propertiesOf(folder, kind))
    .filter(([key]) => !(`${folder}/*/${key}` in WITHOUT_EFFECT))
    .flatMap(([key, property]) =>
      othersOf(key, property, base, full[key]).map((value) => ({
        title: `${kind}: ${key} ${JSON.stringify(full[key])} → ${JSON.stringify(value)}`,
        base: base.params,
        changed: { ...base.params, [key]: value },
      })),
    );
}

/** All that three steps at different rates leave, as text. Weights after the layers see what those give. */
async function trained(engine: Engine, layers: readonly Written[], { input = VECTOR, setup = {} }: Base) {
  const make = await sequentialProgram(layers, input, setup);
  const program = make();
  const compiled = unwrap(await engine.compileTraining(program));
  const data = Object.fromEntries(program.inputs(4).map((spec) => [spec.name, hostData(spec, 3, 1)]));
  const ran = await compiled.run(4, 3, data, Float32Array.of(0.1, 0.02, 0.05));
  const state = await compiled.readState();
  compiled.dispose();
  if (!ran.ok) return (ran.error[0] as { code: string }).code;
  return JSON.stringify([Object.entries(ran.value).map(listed), Object.entries(state).map(listed)]);
}

const listed = ([name, values]: [string, Float32Array]) => [name, ...values];

const HEAD: readonly Written[] = ["flatten", dense(2)];

const layerChanges = Object.entries(layerBases).flatMap(([kind, base]) =>
  changesOf("layers", kind, base).map((change) => ({
    ...change,
    of: base,
    layers: (params: Params): readonly Written[] => [{ [kind]: params }, ...(base.head ?? HEAD)],
  })),
);
/** The keys of recurrent layers count inside `bidirectional` too. */
const innerChanges = (["simple_rnn", "lstm", "gru"] as const).flatMap((kind) =>
  changesOf("layers", kind, recurrent).map((change) => ({
    ...change,
    title: `bidirectional ${change.title}`,
    of: recurrent,
    layers: (params: Params): readonly Written[] => [{ bidirectional: { layer: { [kind]: params } } }, ...HEAD],
  })),
);

it("has a base for every loss with parameters", () => {
  const losses = kindNames.losses?.names ?? [];
  expect(losses.filter((kind) => Object.keys(propertiesOf("losses", kind)).length > 0).sort()).toEqual(
    Object.keys(lossBases).sort(),
  );
});

/** All of them on `cpu`; what is the same code on all engines is not tried again inside `bidirectional`, nor on `wasm`. */
function layersOn(engine: string): typeof layerChanges {
  const everywhere = [...layerChanges, ...innerChanges].filter(({ title }) => /Regularizer|interpolation/.test(title));
  if (engine === "wasm") return everywhere;
  return engine === "cpu" ? [...layerChanges, ...innerChanges] : [...new Set([...layerChanges, ...everywhere])];
}

describe.each(["onnx", "cpu", "wasm"])("on %s", (name) => {
  let engine: Engine;
  const unchanged = new Map<string, Promise<string>>();
  beforeAll(async () => {
    engine = await engineOf(name);
  });

  it.each(layersOn(name))("$title", async ({ base, changed, of, layers }) => {
    const key = JSON.stringify(layers(base));
    const made = unchanged.get(key) ?? trained(engine, layers(base), of);
    unchanged.set(key, made);
    const before = await made;
    const after = await trained(engine, layers(changed), of);
    if (name === "wasm" && before === "engine-missing-operation") return;
    expect(before.startsWith("["), before).toBe(true);
    expect(after.startsWith("["), after).toBe(true);
    expect(after).not.toBe(before);
  });

  const LAYERS: readonly Written[] = [{ dense: { units: 4, activation: "tanh" } }, dense(3)];
  const optimizers = Object.entries(optimizerBases).flatMap(([kind, base]) =>
    changesOf("optimizers", kind, base).map((change) => ({ ...change, kind })),
  );
  it.each(optimizers)("$title", async ({ kind, base, changed }) => {
    const [before, after] = [base, changed].map((params) =>
      trained(engine, LAYERS, { params: {}, setup: { optimizer: { [kind]: params } } }),
    );
    expect(await after).not.toBe(await before);
  });

  const losses = Object.entries(lossBases).flatMap(([kind, base]) =>
    changesOf("losses", kind, base).map((change) => ({ ...change, kind, of: base })),
  );
  it.each(losses)("$title", async ({ kind, base, changed, of }) => {
    const layers = [...LAYERS, "softmax"];
    const [before, after] = [base, changed].map((params) =>
      trained(engine, layers, { params: {}, setup: { ...of.setup, loss: { [kind]: params } } }),
    );
    expect(await after).not.toBe(await before);
  });
});

const initializerBases: Readonly<Record<string, Params>> = { constant: { value: 0.5 } };
const initializers = (kindNames.initializers?.names ?? []).flatMap((kind) => {
  const params = initializerBases[kind] ?? {};
  return changesOf("initializers", kind, { params }).map((change) => ({ ...change, kind }));
});
it.each(initializers)("initializer $title", ({ kind, base, changed }) => {
  const values = (params: Params) =>
    initialValues(complete("initializers", { [kind]: params }) as Initializer, [3, 5], new RandomStream(1, ["w"]));
  expect(values(changed)).not.toEqual(values(base));
});

const scheduleBases: Readonly<Record<string, Params>> = { step: { every: 2 }, warmup: { epochs: 2 } };
/** The key `then` in a literal would look like a promise. */
const AFTER = "then";
const schedules = (kindNames.schedules?.names ?? []).flatMap((kind) => {
  const base: Base = { params: scheduleBases[kind] ?? {}, others: { [AFTER]: ["cosine"] } };
  return changesOf("schedules", kind, base).map((change) => ({ ...change, kind }));
});
it.each(schedules)("schedule $title", ({ kind, base, changed }) => {
  const factors = (params: Params) => {
    const factor = rateFactor(complete("schedules", { [kind]: params }) as Schedule);
    return Array.from({ length: 20 }, (_, i) => factor(i / 2, 10));
  };
  expect(factors(changed)).not.toEqual(factors(base));
});
