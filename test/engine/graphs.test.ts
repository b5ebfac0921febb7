/** Models as graphs, held to what PyTorch makes of them in double precision: `reference/make_graphs.py`. */
import { describe, expect, it } from "vitest";
import { columnTensor } from "../../src/artifact/columns.js";
import { frozenParameters } from "../../src/artifact/graph.js";
import { floatValues, storedValues, type Tensor, tensorOf } from "../../src/artifact/tensor.js";
import type { Dataset, Model, OutputAnswers, Weights } from "../../src/artifact/types.js";
import type { EngineName } from "../../src/base/engines.js";
import type { Engine } from "../../src/engine/engine.js";
import { Feed } from "../../src/engine/feed.js";
import { buildGraph, evaluate, openModel, train } from "../../src/engine/index.js";
import { countOf, itemsOf } from "../../src/engine/items.js";
import { objectiveOf } from "../../src/engine/objective.js";
import { dataKinds, trainingProgram } from "../../src/engine/program.js";
import type { Optimizer } from "../../src/gen/optimizers.js";
import {
  datasetOfCase,
  type GraphCase,
  type GraphReference,
  graphCases,
  graphReferences,
  modelOfCase,
} from "./graph-models.js";
import { complete, engineOf, layer, MSE, training, unwrap } from "./support.js";

/** A step of gradient descent at rate 1: the change of a weight is its gradient. */
const DESCENT = { sgd: complete("optimizers", "sgd") } as Optimizer;

interface Prepared {
  readonly model: Model;
  readonly dataset: Dataset;
  readonly weights: Weights;
}

async function prepared(given: GraphCase, { weights, data }: GraphReference): Promise<Prepared> {
  const model = await modelOfCase(given);
  const tensors = Object.entries(weights).map(([name, values]) => {
    return { name, tensor: tensorOf("float32", [values.length], Float32Array.from(values)) };
  });
  return { model, dataset: datasetOfCase(given, data), weights: { tensors, epoch: 1, loss: given.loss as never } };
}

/** The loss of a step, and the weights after it. */
async function stepped(engine: Engine, { model, dataset, weights }: Prepared, { loss, weights: shares }: GraphCase) {
  const objective = unwrap(objectiveOf(model, dataset, { loss, ...(shares && { weights: shares }) }));
  const items = unwrap(itemsOf(dataset, "train", model));
  const data = dataKinds(items);
  const program = trainingProgram({ model, data, objective }, { optimizer: DESCENT }, 1);
  const compiled = unwrap(await engine.compileTraining(program));
  await compiled.writeState(
    Object.fromEntries(weights.tensors.map(({ name, tensor }) => [name, storedValues(tensor)])),
  );
  const feed = new Feed(items, data, program.draws, countOf(items));
  const inputs = feed.fill(null, 0, countOf(items), { seed: 1, path: [] });
  const rows = unwrap(await compiled.run(countOf(items), 1, inputs, Float32Array.of(1)));
  const state = await compiled.readState();
  compiled.dispose();
  return { rows, state, names: program.weights.map(({ name }) => name) };
}

function expectClose(actual: ArrayLike<number> | undefined, expected: readonly number[], what: string): void {
  expect(actual?.length, what).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(Math.abs((actual?.[i] as number) - value), `${what}[${i}]`).toBeLessThan(1e-5);
  });
}

const cases = Object.entries(graphCases).map(
  ([name, given]) => [name, given, graphReferences[name] as GraphReference] as const,
);

describe.each(["onnx", "cpu", "wasm"] as const)("on %s", (name: EngineName) => {
  it.each(cases)("%s has the loss and the gradients of the reference", async (_, given, reference) => {
    const set = await prepared(given, reference);
    const { rows, state, names } = await stepped(await engineOf(name), set, given);
    expect(rows.loss?.[0]).toBeCloseTo(reference.loss, 5);
    expect([...names].sort()).toEqual(Object.keys(reference.weights).sort());
    for (const [weight, before] of Object.entries(reference.weights)) {
      const after = state[weight] as Float32Array;
      const gradient = reference.gradients[weight];
      if (gradient !== undefined)
        expectClose(
          after.map((value, i) => (before[i] as number) - value),
          gradient,
          weight,
        );
      else if (reference.moved[weight] !== undefined) expectClose(after, reference.moved[weight], weight);
      else expect([...after], weight).toEqual(before);
    }
  });

  it.each(cases)("%s gives the outputs of the reference", async (_, given, reference) => {
    const { model, dataset, weights } = await prepared(given, reference);
    const runner = unwrap(await openModel(await engineOf(name), model, weights));
    const inputs = model.inputs.map(({ name, column }): [string, Tensor] => {
      const described = dataset.columns.find((one) => one.name === column);
      return [name, columnTensor(dataset, "train", described as never) as Tensor];
    });
    const outputs = unwrap(await runner.outputs(Object.fromEntries(inputs)));
    expect(Object.keys(outputs).sort()).toEqual(Object.keys(reference.outputs).sort());
    for (const [output, values] of Object.entries(reference.outputs)) {
      expectClose(floatValues(outputs[output] as Tensor), values, output);
    }
    runner.dispose();
  });

  it("frozen weights do not move by a bit, whatever the optimizer does", async () => {
    const given = graphCases.frozen as GraphCase;
    const { model, dataset } = await prepared(given, graphReferences.frozen as GraphReference);
    const optimizer = { adamw: complete("optimizers", "adamw", { weightDecay: 0.5 }) } as Optimizer;
    const params = {
      ...training({ epochs: 3, batchSize: 2, validation: false }),
      optimizer,
      loss: given.loss as never,
    };
    const long = unwrap(await train(await engineOf(name), { model, dataset, params, seed: 5 }));
    const short = unwrap(
      await train(await engineOf(name), { model, dataset, params: { ...params, epochs: 1 }, seed: 5 }),
    );
    for (const [i, { name, tensor }] of long.weights.tensors.entries()) {
      const before = [...storedValues((short.weights.tensors[i] as { tensor: Tensor }).tensor)];
      if (name.startsWith("end")) expect([...storedValues(tensor)], name).not.toEqual(before);
      else expect([...storedValues(tensor)], name).toEqual(before);
    }
    expect(frozenParameters(model)).toBe(4 * 5 + 5 + 4 * 5);
  });
});

it("a model without a weight that is trained says so", async () => {
  const given = graphCases.frozen as GraphCase;
  const { end, ...nodes } = given.graph.nodes;
  const still = {
    ...given,
    graph: { ...given.graph, nodes: { ...nodes, end: { ...end, trainable: false } as never } },
  };
  const { model, dataset } = await prepared(still, graphReferences.frozen as GraphReference);
  const params = { ...training({ epochs: 1, validation: false }), loss: given.loss as never };
  for (const name of ["cpu", "onnx"]) {
    expect(await train(await engineOf(name), { model, dataset, params, seed: 1 })).toMatchObject({
      error: [{ code: "nothing-to-train" }],
    });
  }
});

describe("several outputs", () => {
  it("are measured each by its name, and the whole loss is their weighted sum", async () => {
    const given = graphCases.two_outputs as GraphCase;
    const { model, dataset } = await prepared(given, graphReferences.two_outputs as GraphReference);
    const params = { ...training({ epochs: 2, batchSize: 6 }), loss: given.loss as never, weights: given.weights };
    const task = { model, dataset, params: { ...params, validation: "test" }, seed: 1 } as never;
    const { weights, history } = unwrap(await train(await engineOf("cpu"), task));
    const last = Object.fromEntries(
      Object.entries(history.splits.test ?? {}).map(([name, values]) => [name, values.at(-1)]),
    );
    expect(Object.keys(last).sort()).toEqual(["kind.accuracy", "kind.loss", "loss", "size.loss"]);
    expect(last.loss).toBeCloseTo(2 * (last["kind.loss"] as number) + 0.5 * (last["size.loss"] as number), 6);
    const evaluated = unwrap(
      await evaluate(await engineOf("cpu"), { model, dataset, weights, params: { splits: ["test"] }, seed: 1 }),
    );
    const measured = evaluated.metrics.splits.test as Record<string, number>;
    for (const [name, value] of Object.entries(last)) expect(measured[name], name).toBeCloseTo(value as number, 6);
    expect(measured).toHaveProperty(["kind.macroF1"]);
    expect(measured).toHaveProperty(["size.meanSquaredError"]);
    expect(evaluated.metrics.about["kind.loss"]).toMatchObject({ label: "kind: Loss", unit: "nats/example" });
    expect(Object.keys(evaluated.predictions.itemLoss).sort()).toEqual(["kind.loss", "loss", "size.loss"]);
    expect(evaluated.predictions.probabilities?.shape).toEqual([6, 3]);
    expect(evaluated.predictions.values?.shape).toEqual([6, 2]);
    const { kind, size } = evaluated.predictions.outputs as Readonly<Record<string, OutputAnswers>>;
    expect(Object.keys(kind ?? {}).sort()).toEqual(["logOdds", "probabilities"]);
    expect(Object.keys(size ?? {})).toEqual(["values"]);
  });

  it("need a loss each, and a loss needs an output", async () => {
    const { model, dataset } = await prepared(
      graphCases.two_outputs as GraphCase,
      graphReferences.two_outputs as GraphReference,
    );
    expect(objectiveOf(model, dataset, { loss: { kind: MSE, sise: MSE } })).toMatchObject({
      error: [
        { code: "wrong-loss", path: ["loss", "sise"], expected: "kind, size" },
        { code: "wrong-loss", message: "the loss has none for the output `size`" },
      ],
    });
  });
});

describe("a graph", () => {
  it("is the same model in whatever order it was written down", async () => {
    const given = graphCases.siamese as GraphCase;
    const { nodes, outputs } = given.graph;
    const turned = Object.fromEntries(Object.entries(nodes).reverse());
    const again = await modelOfCase({ ...given, graph: { ...given.graph, nodes: turned, outputs } });
    expect(JSON.stringify(again)).toBe(JSON.stringify(await modelOfCase(given)));
    expect(again.parameters).toBe(3 * 4 + 4 + 4 + 1);
  });

  it("gives a node its activation, although the loss of an output takes what comes before it", async () => {
    const softmax = { ...(layer("dense", { units: 3, activation: "softmax" }) as object), from: ["x"] };
    const sum = { ...(layer("global_average_pooling1d") as object), from: ["row"] };
    const row = { ...(layer("reshape", { targetShape: [3, 1] }) as object), from: ["kinds"] };
    const model = unwrap(
      await buildGraph(
        {
          inputs: { x: { column: "x" } },
          nodes: { kinds: softmax, row, sum },
          outputs: { kind: { node: "kinds", target: "kind" }, mean: { node: "sum", target: "value" } },
          groups: {},
        },
        () => [2],
      ),
    );
    const tensors = [
      { name: "kinds/kernel", tensor: tensorOf("float32", [2, 3], Float32Array.of(1, 2, 3, 4, 5, 6)) },
      { name: "kinds/bias", tensor: tensorOf("float32", [3], Float32Array.of(0, 0, 1)) },
    ];
    const runner = unwrap(await openModel(await engineOf("cpu"), model, { tensors, epoch: 1, loss: {} }));
    const { kind, mean } = unwrap(await runner.outputs(tensorOf("float32", [1, 2], Float32Array.of(1, 0.5))));
    const exponentials = [3, 4.5, 7].map(Math.exp);
    const whole = exponentials.reduce((a, b) => a + b, 0);
    expectClose(
      floatValues(kind as Tensor),
      exponentials.map((value) => value / whole),
      "kind",
    );
    expectClose(floatValues(mean as Tensor), [1 / 3], "mean");
  });
});
