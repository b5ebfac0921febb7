import { join } from "node:path";
import { expect, it } from "vitest";
import { createEagerEngine } from "../../src/engine/eager/index.js";
import { TracedStep } from "../../src/engine/onnx/trace/step.js";
import { unwrap } from "./support/compare.js";
import { recordedPrograms } from "./support/examples.js";
import { compiledStep, trainedState } from "./support/recorded.js";

/**
 * What the engines make of training steps, recorded, so that no change of it goes unnoticed. Comparisons with a reference allow for
 * rounding, and do not see a constant that changes the last digits of a result, or the form of a program. For `onnx` it is the program
 * that ONNX Runtime is given, which is the same on every machine; for the others what they have trained after three steps.
 *
 * `npx vitest run test/onnx/recorded.test.ts -u` records what is made now: look which lines differ, and whether they should.
 */
it("every layer, activation, optimizer and loss is compiled and trained as before", async () => {
  const [wasm, cpu] = [unwrap(await createEagerEngine("wasm")), unwrap(await createEagerEngine("cpu"))];
  const lines: string[] = [];
  for (const [label, make] of await recordedPrograms()) {
    const states = [`onnx ${compiledStep(make())}`];
    if (!label.startsWith("wide ")) {
      for (const engine of [wasm, cpu]) states.push(`${engine.name} ${await trainedState(engine, make())}`);
    }
    lines.push(`${[label, ...states].join(" | ")}\n`);
  }
  await expect(lines.join("")).toMatchFileSnapshot(join(import.meta.dirname, "recorded.txt"));
});

// What grows with the batch is compiled for minutes: a slice an item is thousands of operators in a layer or two.
it("a step has as many operators at any batch size", async () => {
  for (const [label, make] of await recordedPrograms()) {
    const step = new TracedStep(make());
    const [few, many] = [step.trace(2), step.trace(7)].map(({ nodes }) => nodes.length);
    step.dispose();
    expect(many, label).toBe(few);
  }
});
