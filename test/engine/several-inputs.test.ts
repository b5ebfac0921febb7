import { readFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { buildLayer } from "../../src/engine/build-layer.js";
import type { Engine, StepProgram } from "../../src/engine/engine.js";
import { callLayer, makeVariables } from "../../src/engine/layer.js";
import { namedVariable } from "../../src/engine/variables.js";
import { kindNames } from "../../src/gen/tables.js";
import type { BuiltLayer, Pass } from "../../src/layer.js";
import { layerFacts } from "../../src/layers/index.js";
import { ramp } from "../onnx/support/compare.js";
import { complete } from "../onnx/support/models.js";
import { engineOf, unwrap } from "./support.js";

/** What Keras makes of a layer of several inputs, in double precision: reference/make.py writes it. */
interface Case {
  readonly name: string;
  readonly layer: Record<string, unknown>;
  /** A layer that all inputs but the first go through. */
  readonly before: Record<string, unknown> | null;
  readonly inputs: readonly {
    readonly shape: readonly number[];
    readonly x: readonly number[];
    readonly gradient: readonly number[];
  }[];
  readonly draw?: readonly number[];
  readonly weights: readonly { readonly value: readonly number[]; readonly gradient: readonly number[] }[];
  readonly output: readonly number[];
  /** Losses of every item, by name. */
  readonly items: Readonly<Record<string, readonly number[]>>;
}

const cases = JSON.parse(readFileSync(new URL("reference/several.json", import.meta.url), "utf8")) as readonly Case[];
const ITEMS = (given: Case) => (given.inputs[0]?.x.length ?? 0) / sizeOf(given.inputs[0]?.shape ?? []);

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

function layerNamed(name: string, written: Record<string, unknown>, shapes: readonly (readonly number[])[]) {
  const [[kind]] = Object.entries(written) as [[string, unknown]];
  const merges = kind === "add" || kind === "concatenate";
  const params = merges ? {} : complete("layers", written)[kind];
  return unwrap(buildLayer({ name, kind, params }, shapes));
}

/** A step whose loss is Σ output · ramp + Σ items · ramp + penalties; its gradients stay in slots. */
function program(given: Case, training: boolean): StepProgram & { readonly built: () => BuiltLayer } {
  const items = ITEMS(given);
  let layer: BuiltLayer | undefined;
  let xs: readonly tf.Variable[] = [];
  let kept: readonly tf.Variable[] = [];
  const names = Object.keys(given.items);
  return {
    built: () => layer as BuiltLayer,
    inputs: () => [],
    variables() {
      layer = layerNamed(
        "it",
        given.layer,
        given.inputs.map(({ shape }) => shape),
      );
      xs = given.inputs.map(({ shape }, i) => namedVariable(`x${i}`, tf.zeros([items, ...shape]), true));
      kept = [
        namedVariable("y", tf.zeros([items, ...layer.outputShape]), false),
        ...layer.draws.map(({ shape }) => namedVariable("draw", tf.zeros([items, ...shape]), false)),
        ...names.map((name) => namedVariable(name, tf.zeros([items]), false)),
      ];
      return [...makeVariables(layer.weights, null), ...xs, ...kept];
    },
    loss() {
      const built = layer as BuiltLayer;
      const found = (name: string) => kept.find((variable) => variable.name === name) as tf.Variable;
      const pass: Pass = { training, draw: () => found("draw") };
      const through = (x: tf.Tensor, i: number) =>
        given.before === null || i === 0
          ? x
          : callLayer(layerNamed(`before${i}`, given.before, [x.shape.slice(1)]), [x], pass);
      const output = callLayer(built, xs.map(through), pass);
      found("y").assign(output);
      const losses = built.itemLosses?.() ?? {};
      expect(Object.keys(losses)).toEqual(names);
      for (const [name, values] of Object.entries(losses)) found(name).assign(values);
      // What is precise near 0 need not have a gradient.
      const learnt = [output, ...(training ? Object.values(losses) : [])];
      const sums = learnt.map((part) => tf.sum(tf.mul(part, ramp(part.shape))));
      return { loss: tf.addN([...sums, ...built.penalties()]) as tf.Scalar, parts: {} };
    },
    optimizer: {
      apply(gradients, _variables, _rate, makeSlot) {
        for (const [name, gradient] of Object.entries(gradients)) {
          makeSlot(`gradient/${name}`, () => tf.zerosLike(gradient)).assign(gradient);
        }
      },
    },
  };
}

function expectClose(actual: Float32Array | undefined, expected: readonly number[], what: string): void {
  const scale = Math.max(0.1, ...expected.map(Math.abs));
  expect(actual?.length, what).toBe(expected.length);
  expected.forEach((value, i) => {
    const distance = Math.abs((actual?.[i] as number) - value) / scale;
    expect(distance, `${what}[${i}]: ${actual?.[i]} instead of ${value}`).toBeLessThan(5e-6);
  });
}

describe.each(["onnx", "cpu", "wasm"])("%s agrees with Keras", (name) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await engineOf(name);
  });

  it.each(cases.map((given) => [given.name, given] as const))("%s", async (_, given) => {
    for (const training of Object.keys(given.items).length > 0 ? [true, false] : [true]) {
      const step = program(given, training);
      const compiled = unwrap(await engine.compileTraining(step));
      const weights = step.built().weights;
      expect(weights.map(({ shape }) => sizeOf(shape))).toEqual(given.weights.map(({ value }) => value.length));
      const values = Object.fromEntries([
        ...given.inputs.map(({ x }, i) => [`x${i}`, Float32Array.from(x)]),
        ...weights.map(({ name }, i) => [name, Float32Array.from(given.weights[i]?.value ?? [])]),
        ...(given.draw === undefined ? [] : [["draw", Float32Array.from(given.draw)]]),
      ]);
      await compiled.writeState(values);
      unwrap(await compiled.run(1, 1, {}, Float32Array.of(1)));
      const state = await compiled.readState();
      compiled.dispose();
      expectClose(state.y, given.output, "output");
      for (const [item, expected] of Object.entries(given.items)) expectClose(state[item], expected, item);
      if (!training) continue;
      given.inputs.forEach(({ gradient }, i) => {
        expectClose(state[`gradient/x${i}`], gradient, `gradient of input ${i}`);
      });
      weights.forEach(({ name }, i) => {
        expectClose(state[`gradient/${name}`], given.weights[i]?.gradient ?? [], `gradient of ${name}`);
      });
    }
  });
});

it("covers every kind that takes several inputs", () => {
  const several = (kindNames.layers?.names ?? []).filter((kind) => (layerFacts(kind).inputs?.[1] ?? 1) > 1);
  const covered = new Set(cases.map(({ layer }) => Object.keys(layer)[0]));
  expect(several.filter((kind) => !covered.has(kind))).toEqual([]);
});
