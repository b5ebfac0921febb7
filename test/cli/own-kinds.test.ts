/** Own layers, losses, metrics, optimizers and charts, run by the real program beside what they must be equal to. */
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Ended, Project } from "../rig/rig.js";
import { writeTinyData } from "../rig/tiny-data.js";
import { complaintAt } from "./complaints.js";

const root = join(import.meta.dirname, "../..");
const code = mkdtempSync(join(tmpdir(), "pipe-code-"));
const env = { PIPE_CODE: code, PIPE_CODE_SECONDS: "10" };
afterAll(() => rmSync(code, { recursive: true, force: true }));

let project: Project;
beforeAll(() => {
  project = new Project();
  writeTinyData(join(project.dir, "data"));
  for (const [file, text] of Object.entries(FILES)) project.write(file, text);
});
afterAll(() => project.remove());

const pipe = (...args: string[]): Promise<Ended> => project.pipeWith({ env }, ...args);
/** `run` without a report, on the engine that starts fastest. */
const run = (...args: string[]): Promise<Ended> => pipe("run", ...args, "--no-report", "--engine", "cpu");

const FILES = {
  "plain.yaml": `name: plain
stages:
  load: { dataset: tiny, train: { images: data/train-images.idx, labels: data/train-labels.idx },
    test: { images: data/test-images.idx, labels: data/test-labels.idx } }
  flatten: {}
  normalize: {}
  build: { family: sequential, layers: [dense: { units: 6, activation: tanh }, dense: { units: 3 }, softmax] }
  train: { loss: mean-absolute-error, optimizer: { sgd: { learningRate: 0.5, momentum: 0.9 } }, epochs: 3, batchSize: 20 }
  evaluate: {}
`,
  "own.yaml": `extends: plain.yaml
name: own
stages:
  build: { layers: [dense: { units: 6, activation: tanh }, ./own/scale.ts: { start: 1 }, dense: { units: 3 }, softmax] }
  train: { loss: ./own/absolute.ts, optimizer: { ./own/descent.ts: { learningRate: 0.5, momentum: 0.9 } } }
  evaluate: { metrics: [./own/top.ts, ./own/nothing.js] }
  visualize: { charts: [./own/bars.ts] }
`,
  "own/scale.ts": `import { defineLayer } from "pipe-experiments";
export default defineLayer({
  schema: { type: "object", properties: { start: { type: "number" } }, required: ["start"] },
  shape: (_params, [input]) => [...input!],
  own: {
    // Fixed, so that the layer changes nothing.
    call: ({ tf }, [x], { start }) => tf.mul(x!, start),
  },
});
`,
  "own/absolute.ts": `import { defineLoss } from "pipe-experiments";
export default defineLoss({ errors: (tf, outputs, targets) => tf.abs(tf.sub(outputs, targets)) });
`,
  "own/descent.ts": `import { defineOptimizer } from "pipe-experiments";
export default defineOptimizer({
  schema: { type: "object", properties: { learningRate: { type: "number" }, momentum: { type: "number" } } },
  step: (tf, { momentum = 0 }) => ({ rate }) => (variable, gradient, slot) => {
    const velocity = slot("velocity");
    const next = tf.add(tf.mul(velocity, momentum), gradient);
    velocity.assign(next);
    return tf.sub(variable, tf.mul(next, rate));
  },
});
`,
  "own/top.ts": `import { defineMetric } from "pipe-experiments";
export default defineMetric({
  name: "right",
  better: "higher",
  start: () => {
    let [hits, all] = [0, 0];
    return {
      add({ items, outputs, width, targets }) {
        for (let i = 0; i < items; i++) {
          const row = outputs.subarray(i * width, (i + 1) * width);
          if (row.indexOf(Math.max(...row)) === targets[i]) hits++;
        }
        all += items;
      },
      value: () => hits / all,
    };
  },
});
`,
  "coder.yaml": `name: coder
stages:
  load: { dataset: tiny, train: { images: data/train-images.idx }, test: { images: data/test-images.idx } }
  flatten: {}
  normalize: {}
  build: { family: autoencoder, encoder: [dense: { units: 3 }], decoder: [dense: { units: 64 }] }
  train: { loss: mean-squared-error, epochs: 1 }
  evaluate: { metrics: [./own/squares.js] }
`,
  "own/squares.js": `export default { better: "lower", start() {
  let [sum, all] = [0, 0];
  return {
    add({ items, outputs, targets, width, targetWidth }) {
      if (width !== targetWidth || outputs.length !== items * width) throw new Error("an odd batch");
      outputs.forEach((value, i) => { sum += (value - targets[i]) ** 2; });
      all += items;
    },
    value: () => sum / all,
  };
} };
`,
  "own/nothing.js": `export default { better: "lower", start: () => ({ add() {}, value: () => "no number" }) };\n`,
  "own/bars.ts": `import { defineChart } from "pipe-experiments";
export default defineChart({
  collect: ({ artifacts: { metrics } }) => ({ data: { right: metrics?.splits.test?.right ?? -1 } }),
  draw(shown, _options, page) {
    page.dataset(page.id, { right: shown.map(({ data }) => data.right) });
    const spec = { data: { name: page.id }, mark: "bar", encoding: { x: { field: "right", type: "quantitative" } } };
    return { blocks: [{ type: "chart", title: "How many are right", alt: "One bar", spec }] };
  },
});
`,
};

async function metricsOf(file: string): Promise<Readonly<Record<string, Readonly<Record<string, number>>>>> {
  expect(await run(file)).toMatchObject({ code: 0 });
  return (await project.show()).variants[0]?.metrics as never;
}

describe("kinds of the project's own", () => {
  it("compute what those of the program compute", async () => {
    const [plain, own] = [await metricsOf("plain.yaml"), await metricsOf("own.yaml")];
    // The layer multiplies by 1, loss and optimizer have the formulas of the program's.
    for (const split of ["train", "test"]) {
      expect(own[split]?.loss).toBeCloseTo(plain[split]?.loss as number, 6);
      expect(own[split]?.accuracy).toBe(plain[split]?.accuracy);
      expect(own[split]?.right).toBe(plain[split]?.accuracy);
      expect(own[split]?.nothing).toBeUndefined();
    }
  });

  it("give the same to the compiling engine", async () => {
    const eager = await metricsOf("own.yaml");
    expect(await pipe("run", "own.yaml", "--engine", "onnx")).toMatchObject({ code: 0 });
    const compiled = (await project.show()).variants[0]?.metrics as never as typeof eager;
    expect(compiled.test?.loss).toBeCloseTo(eager.test?.loss as number, 5);
    const { report } = await project.show();
    expect(project.read(report as string)).toContain("How many are right");
    for (const command of [
      ["report", "latest", "--timings"],
      ["export", "latest", "--format", "onnx"],
    ]) {
      const refused = await pipe(...command, "--no-own-code");
      expect({ command, code: refused.code }).toEqual({ command, code: 2 });
      expect(refused.stderr).toContain("error[own-code-refused]: ./own/");
    }
    // What is stored is enough for the report; an export without a chart needs the layer.
    expect(await pipe("report", "latest", "--timings")).toMatchObject({ code: 0 });
    const exported = await pipe("export", "latest", "--format", "onnx", "--out", "models");
    expect(exported.stderr).not.toContain("internal-error");
  });

  it("are said to be missing where a report needs code that is not on this machine", async () => {
    expect(await pipe("run", "own.yaml", "--engine", "onnx")).toMatchObject({ code: 0 });
    const elsewhere = mkdtempSync(join(tmpdir(), "pipe-code-"));
    const { code: exit, stderr } = await project.pipeWith(
      { env: { PIPE_CODE: elsewhere } },
      "report",
      "latest",
      "--timings",
    );
    rmSync(elsewhere, { recursive: true });
    expect(exit).toBe(1);
    expect(stderr).toContain("the code of ./own/bars.ts is not on this machine");
  });

  it("measure reconstructions of every split as they come", async () => {
    const metrics = await metricsOf("coder.yaml");
    for (const split of ["train", "test"]) {
      expect(metrics[split]?.squares).toBeCloseTo(metrics[split]?.reconstruction as number, 4);
    }
  });

  it("are known to charts that name what they measure", async () => {
    const spec = (field: string) =>
      `stages.visualize.charts=[vega-lite: { title: T, spec: { data: { name: metrics }, mark: bar, encoding: { x: { field: ${field} } } } }]`;
    expect(await pipe("validate", "own.yaml", "--set", spec("right"))).toMatchObject({ code: 0 });
    const { code, stderr } = await pipe("validate", "own.yaml", "--set", spec("rihgt"));
    expect(code).toBe(2);
    expect(stderr).toContain("Did you mean right?");
  });

  it("rerun what uses them when their code changes", async () => {
    await metricsOf("own.yaml");
    project.write("own/scale.ts", FILES["own/scale.ts"].replace("// Fixed", "// Just fixed"));
    const { stdout } = await pipe("plan", "own.yaml", "--engine", "cpu");
    expect(stdout).toMatch(/normalize +cached/);
    expect(stdout).toMatch(/build +run +the code of \.\/own\/scale\.ts changed: \.\/scale\.ts/);
    expect(stdout).toMatch(/train +run\? +model from build may change/);
    project.write("own/scale.ts", FILES["own/scale.ts"]);
  });

  it("ship with the program as an example that runs", async () => {
    cpSync(join(root, "pipelines"), join(project.dir, "shipped"), { recursive: true });
    const small = ["--set", "params.epochs=1", "--set", "stages.load.limit={ train: 200, test: 100 }"];
    const ran = await pipe("run", "shipped/own-code.yaml", "--engine", "onnx", ...small);
    expect(ran).toMatchObject({ code: 0 });
    const { report, variants } = await project.show();
    const test = variants[0]?.metrics.test as { topK: number; accuracy: number };
    expect(test.topK).toBeGreaterThanOrEqual(test.accuracy);
    expect(test.topK).toBeLessThanOrEqual(1);
    expect(project.read(report as string)).toContain("Top-k accuracy by split");
  });

  it("stand in docs/own-stages.md as they are shipped", () => {
    const page = readFileSync(join(root, "docs/own-stages.md"), "utf8");
    for (const file of ["binarize.ts", "top-k.ts", "top-k-bars.ts"]) {
      expect(page).toContain(`\`\`\`ts\n${readFileSync(join(root, "pipelines/own", file), "utf8")}\`\`\``);
    }
  });
});

/** `own.yaml` under another name, with another file in the place of one: `own/<name>.ts`. Returns the pipeline's file. */
function writeWrong(name: string, file: keyof typeof FILES, text: string): string {
  project.write(`own/${name}.ts`, text);
  const pipeline = FILES["own.yaml"].replace("name: own", `name: ${name}`).replace(file, `own/${name}.ts`);
  project.write(`${name}.yaml`, pipeline);
  return `${name}.yaml`;
}

describe("a layer whose shape is wrong", () => {
  const layer = (shape: string) =>
    `export default { schema: { type: "object", properties: { start: {} } },\n  shape: ${shape},\n  own: { call: (kit, [x]) => x } };\n`;
  const CASES: readonly (readonly [about: string, shape: string, expected: RegExp])[] = [
    [
      "a shape that does not fit",
      '() => ({ ok: false, error: { received: "six", expected: "seven", fix: "Count." } })',
      /the layer `.\/own\/shape0.ts` does not fit its input[\s\S]*received: six/,
    ],
    [
      "a shape that throws",
      '() => { throw new Error("none") }',
      /cannot tell its shape[\s\S]*Error: none, at own\/shape1.ts:2:\d+/,
    ],
    [
      "a shape that is none",
      '() => "wide"',
      /cannot tell its shape[\s\S]*must give a shape such as \[28, 28, 1\], and gave "wide"/,
    ],
    ["a shape too far", "() => [7, 7]", /error\[shape-mismatch\]: the model's output does not fit the classes/],
  ];
  let told: Ended;
  beforeAll(async () => {
    const files = CASES.map(([, shape], i) => writeWrong(`shape${i}`, "own/scale.ts", layer(shape)));
    told = await pipe("validate", ...files);
  });

  it.each(CASES.map(([about, , expected], i) => [about, i, expected] as const))(
    "is told before anything runs: %s",
    (_, i, expected) => {
      expect(told.code).toBe(2);
      expect(complaintAt(`shape${i}.yaml:4:`, told.stderr)).toMatch(expected);
    },
  );

  it("is told before anything runs: a shape that never comes", async () => {
    const endless = layer("({ start }, [input]) => { while (start === 2); return input; }");
    const file = writeWrong("endless", "own/scale.ts", endless);
    // The limit is for the shape alone: the file has been looked at before.
    expect(await pipe("validate", file)).toMatchObject({ code: 0 });
    project.write(file, project.read(file).replace("start: 1", "start: 2"));
    const { code, stderr } = await project.pipeWith({ env: { ...env, PIPE_CODE_SECONDS: "1" } }, "validate", file);
    expect(code).toBe(2);
    expect(stderr).toContain("the shape of ./own/endless.ts could not be computed: no answer within 1 s");
  });
});

describe("a kind of the project's own that fails", () => {
  const layer = (own: string) =>
    `export default { schema: { type: "object", properties: { start: {} } },\n  shape: (params, [x]) => x,\n  own: { ${own} } };\n`;
  const CASES: readonly (readonly [file: keyof typeof FILES, text: string, expected: RegExp])[] = [
    [
      "own/absolute.ts",
      "export default {\n  errors: () => { throw new Error('no loss'); },\n};\n",
      /train failed: Error: no loss[\s\S]*own\/fails0.ts:2:25 thrown here/,
    ],
    [
      "own/absolute.ts",
      "export default { errors: (tf, outputs) => tf.sum(outputs) };\n",
      /`errors` of .\/own\/fails1.ts must give \[batch\] or \[batch, elements\], and gave \[\]/,
    ],
    [
      "own/top.ts",
      'export default { name: "accuracy", better: "higher", start: () => ({ add() {}, value: () => 1 }) };\n',
      /fails2.yaml:6:[\s\S]*measures `accuracy`, which is measured already/,
    ],
    [
      "own/top.ts",
      'export default { better: "higher",\n  start() { return { add() { null.x; } } } };\n',
      /evaluate failed: TypeError[\s\S]*own\/fails3.ts:2:/,
    ],
    [
      "own/bars.ts",
      "export default { collect() { return 3; }, draw() {} };\n",
      /`collect` of the chart `.\/own\/fails4.ts` must give \{ data \}/,
    ],
    [
      "own/scale.ts",
      layer("call: ({ tf }, [x]) => tf.sum(x)"),
      /`call` of .\/own\/fails5.ts must give a tensor \[batch, 6\], and gave a tensor \[\]/,
    ],
    ["own/scale.ts", layer("call: () => 7"), /must give a tensor \[batch, 6\], and gave something else/],
    [
      "own/scale.ts",
      layer('weights: () => [{ name: "w", shape: [6], initializer: { nones: {} } }], call: (kit, [x]) => x'),
      /the weight w of .\/own\/fails7.ts needs an initializer such as \{ zeros: \{\} \}, .* it has \{"nones":\{\}\}/,
    ],
    [
      "own/scale.ts",
      layer(
        'weights: () => [1, 2].map(() => ({ name: "w", shape: [6], initializer: { ones: {} } })), call: (kit, [x]) => x',
      ),
      /`weights` of .\/own\/fails8.ts gives two of the name w/,
    ],
  ];
  let told: Ended;
  beforeAll(async () => {
    const files = CASES.map(([file, text], i) => writeWrong(`fails${i}`, file, text));
    told = await run(...files);
  });

  it.each(CASES.map(([file, , expected], i) => [file, i, expected] as const))(
    "ends its stage: %s, %i",
    (_, i, expected) => {
      expect(told.code).toBe(1);
      const complaint = complaintAt(`fails${i}.yaml:`, told.stderr);
      expect(complaint).toMatch(expected);
      expect(complaint).not.toMatch(/internal-error/);
    },
  );
});
