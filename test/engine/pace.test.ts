import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ok } from "../../src/base/result.js";
import { useBackend } from "../../src/engine/eager/backend.js";
import type { Engine } from "../../src/engine/engine.js";
import { type TrainingHooks, train } from "../../src/engine/train.js";
import { ADAM, blobs, CROSSENTROPY, layer, modelOf, sequentialOf, training, unwrap } from "./support.js";

beforeEach(() => vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => vi.useRealTimers());

interface Call {
  readonly batch: number;
  readonly steps: number;
  readonly compiles: boolean;
  readonly milliseconds: number;
}

const COMPILING = 5000;

/** An engine whose steps take a set time by the fake clock, as does compiling for each size of a batch. */
function slowEngine(perStep: number, calls: Call[]): Engine {
  const known = new Set<number>();
  return {
    name: "onnx",
    version: "0",
    async compileTraining(program) {
      await useBackend("cpu");
      const variables = program.variables();
      return ok({
        async run(batch, steps) {
          const compiles = !known.has(batch);
          known.add(batch);
          const milliseconds = steps * perStep + (compiles ? COMPILING : 0);
          calls.push({ batch, steps, compiles, milliseconds });
          vi.advanceTimersByTime(milliseconds);
          return ok({ loss: new Float32Array(steps).fill(1) });
        },
        readState: async () => Object.fromEntries(variables.map(({ name, size }) => [name, new Float32Array(size)])),
        writeState: async () => {},
        dispose() {},
      });
    },
    async compileFunction(program) {
      await useBackend("cpu");
      program.variables();
      return ok({
        run: async (batch) => ok({ loss: new Float32Array(batch).fill(1) }),
        writeWeights: async () => {},
        dispose() {},
      });
    },
    dispose() {},
  };
}

/** Three epochs of 200 whole batches of 4 and one of 2. */
async function calls(perStep: number, hooks: TrainingHooks = {}): Promise<readonly Call[]> {
  const model = await modelOf(sequentialOf(layer("dense", { units: 3, activation: "softmax" })), [6]);
  const params = training({ loss: CROSSENTROPY, optimizer: ADAM, batchSize: 4, epochs: 3 });
  const made: Call[] = [];
  unwrap(await train(slowEngine(perStep, made), { model, dataset: blobs(802), params, seed: 1 }, hooks));
  return made;
}

it("begins with a step a call, and goes on with as many as leave room for a word every second", async () => {
  for (const perStep of [1, 20, 300, 2000]) {
    const made = await calls(perStep);
    expect(made.slice(0, 2).map(({ steps }) => steps)).toEqual([1, 1]);
    for (const { compiles, steps, milliseconds } of made) {
      if (!compiles && steps > 1) expect(milliseconds).toBeLessThan(1000);
    }
    // Where nothing forbids, calls are long: many short ones cost time.
    const most = Math.max(...made.map(({ steps }) => steps));
    expect(most).toBe(Math.max(1, Math.min(128, Math.floor(700 / perStep))));
  }
});

it("does not take the last, smaller batch and its compiling for the pace of the others", async () => {
  const made = await calls(20);
  const rests = made.flatMap(({ batch }, i) => (batch === 2 ? [i] : []));
  expect(rests).toHaveLength(3);
  expect(made[(rests[0] as number) + 1]).toMatchObject({ batch: 4, steps: 35 });
});

it("says when it compiles and when it validates, before it does", async () => {
  const said: string[] = [];
  const progress: TrainingHooks["progress"] = ({ done, epoch, doing }) => {
    if (doing !== undefined) said.push(`${epoch} ${done} ${doing}`);
  };
  await calls(20, { progress });
  expect(said.filter((words) => words.endsWith("compiling"))).toEqual(["1 0 compiling", "1 200 compiling"]);
  // Once before, and once after each of its calls, of which there is one.
  const validating = said.filter((words) => words.endsWith("validating"));
  expect(validating).toEqual([201, 201, 402, 402, 603, 603].map((done, i) => `${1 + (i >> 1)} ${done} validating`));
});
