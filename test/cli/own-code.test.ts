/** Kinds of a project's own: files that stand where the name of a kind stands, run by the real program. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { RunDiff } from "../../src/index.js";
import { type Ended, Project } from "../rig/rig.js";
import { writeTinyData } from "../rig/tiny-data.js";
import { complaintAt } from "./complaints.js";

const code = mkdtempSync(join(tmpdir(), "pipe-code-"));
const env = { PIPE_CODE: code, PIPE_CODE_SECONDS: "10" };
afterAll(() => rmSync(code, { recursive: true, force: true }));

let project: Project;
beforeEach(() => {
  project = new Project();
  writeTinyData(join(project.dir, "data"));
});
afterEach(() => project.remove());

const pipe = (...args: string[]): Promise<Ended> => project.pipeWith({ env }, ...args);

const PIPELINE = `name: own
stages:
  load: { dataset: tiny, train: { images: data/train-images.idx } }
  binary: { uses: ./stages/binarize.ts, threshold: 0.3 }
`;

const STAGE = `import { defineStage, floatValues, inputColumn, inputOf, withValues } from "pipe-experiments";
import { above } from "./lib/above";

type Values = Float32Array;
enum Level { Low = 0, High = 1 }

export default defineStage({
  schema: {
    type: "object",
    properties: { threshold: { type: "number", minimum: 0, maximum: 1, default: 0.5 } },
  },
  inputs: { dataset: "dataset" },
  outputs: { dataset: "dataset" },
  run({ params, progress }, { dataset }) {
    const column = { ...inputColumn(dataset), dtype: "uint8" as const, scale: 1, offset: 0 };
    return {
      dataset: withValues(dataset, column, (split) => {
        const values: Values = floatValues(inputOf(dataset, split)!);
        const bits = new Uint8Array(values.length);
        for (let i = 0; i < bits.length; i++) bits[i] = above(values[i]! / 255, params.threshold) ? Level.High : Level.Low;
        progress({ done: 1, total: 1, unit: "splits" });
        return bits;
      }),
    };
  },
});
`;

function writeStage(text = STAGE): void {
  project.write("own.yaml", PIPELINE);
  project.write("stages/binarize.ts", text);
  project.write(
    "stages/lib/above.ts",
    "export const above = (value: number, limit: number): boolean => value > limit;\n",
  );
}

/** A stage whose \`run\` has this body. */
const running = (body: string) => `import { helper } from "./lib/above";
export default {
  schema: { type: "object", properties: { threshold: { type: "number" } } },
  inputs: { dataset: "dataset" },
  outputs: { dataset: "dataset" },
  run(context: { params: object }, inputs: { dataset: any }) {
    ${body}
  },
};
`;

describe("a stage of the project's own", () => {
  it("runs, is stored, and runs again when a file that it imports was changed", async () => {
    writeStage();
    const first = await pipe("run", "own.yaml", "--no-report", "--json");
    expect(first).toMatchObject({ code: 0 });
    expect(first.stdout).toContain('"kind":"./stages/binarize.ts"}');
    const show = await project.show();
    expect(show.variants[0]?.stages.map(({ name, kind, status }) => ({ name, kind, status }))).toEqual([
      { name: "load", kind: "load", status: "ran" },
      { name: "binary", kind: "./stages/binarize.ts", status: "ran" },
    ]);
    const again = await pipe("plan", "own.yaml");
    expect(again.stdout).toMatch(/2 stages: 2 cached/);

    project.write("stages/lib/above.ts", "export const above = (value: number, limit: number) => value >= limit;\n");
    const changed = await pipe("plan", "own.yaml");
    expect(changed.stdout).toContain("the code of ./stages/binarize.ts changed: ./lib/above.ts");
    expect(changed.stdout).toMatch(/load +cached/);
    expect((await pipe("run", "own.yaml", "--no-report")).code).toBe(0);
    const last = await project.show();
    expect(last.variants[0]?.stages.map(({ status }) => status)).toEqual(["cached", "ran"]);
    const { stdout } = await pipe("diff", show.run, last.run, "--json");
    const [settings] = (JSON.parse(stdout) as RunDiff).variants.map(({ settings }) => settings);
    expect(settings?.map(({ name }) => name)).toEqual(["stages.binary.code of ./stages/binarize.ts: ./lib/above.ts"]);
    expect(stdout).not.toMatch(/\.ts#/);
  });

  it("neither bundles nor imports what has not changed", async () => {
    writeStage(`console.error("the top runs");\n${STAGE}`);
    expect((await pipe("run", "own.yaml", "--no-report")).code).toBe(0);
    // Nothing that could be started in a worker is there any more: what is stored is enough.
    rmSync(join(project.dir, "stages"), { recursive: true });
    writeStage(`console.error("the top runs");\n${STAGE}`);
    const plan = await project.pipeWith({ env, node: ["--import", noForks()] }, "plan", "own.yaml");
    expect(plan).toMatchObject({ code: 0 });
    expect(plan.stdout).toMatch(/2 cached/);
  });

  it("has its parameters checked as any other, at their place", async () => {
    writeStage();
    const wrong = await pipe("validate", "own.yaml", "--set", "stages.binary.threshold=3");
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain("expected: at most 1");
    project.write("own.yaml", PIPELINE.replace("threshold", "treshold"));
    const misspelt = await pipe("validate", "own.yaml");
    expect(misspelt.code).toBe(2);
    expect(misspelt.stderr).toContain("own.yaml:4:41 error[unknown-key]");
    expect(misspelt.stderr).toContain("Did you mean threshold?");
  });

  it.each([
    ["./sta#ges/binarize.ts", "holds no `#`"],
    [".\\stages\\binarize.ts", "Write `./stages/binarize.ts`"],
    ["/stages/binarize.ts", "begins with `./` or `../`"],
  ])("is told how its path is written: %s", async (path, fix) => {
    project.write("own.yaml", PIPELINE.replace("./stages/binarize.ts", `'${path}'`));
    expect((await pipe("validate", "own.yaml")).stderr).toContain(fix);
  });

  it("is found below folders of any name", async () => {
    writeStage();
    const text = project.read("stages/binarize.ts").replace("./lib/above", "../stages/lib/above");
    project.write("wo ist's? 100 % ü/binarize.ts", text);
    project.write("own.yaml", PIPELINE.replace("./stages/binarize.ts", `"./wo ist's? 100 % ü/binarize.ts"`));
    expect(await pipe("run", "own.yaml", "--no-report")).toMatchObject({ code: 0 });
  });

  it("is not taken for a name without its dot, and its schema's own words are told", async () => {
    writeStage(STAGE.replace("minimum: 0,", "multipleOf: 0.25, minimum: 0,"));
    const odd = await pipe("validate", "own.yaml");
    expect(odd.stderr).toContain("something that must be multiple of 0.25");
    project.write("own.yaml", PIPELINE.replace("./stages", "stages"));
    const { code, stderr } = await pipe("validate", "own.yaml");
    expect(code).toBe(2);
    expect(stderr).toContain("Write `./stages/binarize.ts`");
  });

  it("is refused with --no-own-code, by every command that could run it", async () => {
    writeStage();
    for (const command of [["validate"], ["plan"], ["run"], ["graph"]]) {
      const { code, stderr } = await pipe(...command, "own.yaml", "--no-own-code");
      expect({ command, code }).toEqual({ command, code: 2 });
      expect(stderr).toContain("own.yaml:4:19 error[own-code-refused]");
    }
  });

  it("is found from the file that names it, also through extends", async () => {
    writeStage();
    project.write("variants/other.yaml", "extends: ../own.yaml\nname: other\n");
    const first = await pipe("run", "own.yaml", "--no-report");
    expect(first.code).toBe(0);
    const { stdout } = await pipe("plan", "variants/other.yaml");
    // The same work under whatever name, from whatever folder.
    expect(stdout).toMatch(/2 stages: 2 cached/);
  });

  it("imports packages from where they are, and counts them by version", async () => {
    writeStage(
      `import { one } from "small";\nconst { one: same } = require("common");\n${STAGE.replace("above(", "one === same && above(")}`,
    );
    const manifest = (version: string) => JSON.stringify({ name: "small", version, type: "module", main: "i.js" });
    project.write("node_modules/small/package.json", manifest("1.0.0"));
    project.write("node_modules/small/i.js", "export const one = 1;\n");
    project.write("node_modules/common/index.js", "exports.one = 1;\n");
    project.write("node_modules/common/package.json", '{ "name": "common", "version": "1.0.0" }');
    const ran = await pipe("run", "own.yaml", "--no-report");
    expect(ran).toMatchObject({ code: 0 });
    project.write("node_modules/small/package.json", manifest("1.1.0"));
    expect((await pipe("plan", "own.yaml")).stdout).toContain("changed: small 1.0.0 → 1.1.0");
  });
});

describe("a stage of the project's own in an installed package", () => {
  it("brings the files beside it, and counts them by their content", async () => {
    writeStage();
    const packed = "node_modules/@lab/stages";
    for (const file of ["stages/binarize.ts", "stages/lib/above.ts"]) {
      project.write(`${packed}/${file}`, project.read(file).replace('"./lib/above"', '"./lib/above.ts"'));
    }
    project.write(`${packed}/package.json`, '{ "name": "@lab/stages", "version": "1.0.0", "type": "module" }');
    project.write("own.yaml", PIPELINE.replace("./stages", `./${packed}/stages`));
    expect(await pipe("run", "own.yaml", "--no-report")).toMatchObject({ code: 0 });
    project.write(
      `${packed}/stages/lib/above.ts`,
      "export const above = (value: number, limit: number) => value >= limit;\n",
    );
    expect((await pipe("plan", "own.yaml")).stdout).toMatch(/binary +run +the code of .* changed: \.\/lib\/above\.ts/);
  });
});

describe("pipe init --stage", () => {
  it("writes a stage that works, and a pipeline that uses it", async () => {
    const { code, stdout } = await pipe("init", "--stage", "clean");
    expect(code).toBe(0);
    expect(stdout).toContain("clean.yaml");
    const small = ["--set", "params.epochs=1", "--set", "stages.load.limit={ train: 100, test: 50 }", "--no-report"];
    expect(await pipe("run", "clean.yaml", "--until", "clean", ...small)).toMatchObject({ code: 0 });
    expect(await pipe("init", "--stage", "clean")).toMatchObject({ code: 2 });
    expect((await pipe("init", "--stage", "../x")).stderr).toContain("is no name for a stage");
    expect(await pipe("init", "--stage", "other")).toMatchObject({ code: 0 });
  });
});

/** The line of the first stage below `load`. */
const FIRST_LINE = 4;

/** A stage for each case, one a line. */
function linesOf(cases: readonly unknown[], entry: (i: number) => string): string {
  return cases.map((_, i) => `  s${i}: ${entry(i)}\n`).join("");
}

/** One call for all cases, since each start of the program takes longer than what it finds out. */
async function ended(stages: string, files: Readonly<Record<string, string>>, ...args: string[]): Promise<Ended> {
  const own = new Project();
  writeTinyData(join(own.dir, "data"));
  own.write("own.yaml", PIPELINE.replace(/ {2}binary.*\n/, stages));
  for (const [file, text] of Object.entries(files)) own.write(file, text);
  const result = await own.pipeWith({ env }, ...args);
  own.remove();
  return result;
}

/** A pipeline whose stages each have a file that is wrong in its own way: all are reported, each at its line. */
describe("a file that is wrong", () => {
  const CASES: readonly (readonly [about: string, text: string | null, expected: RegExp])[] = [
    ["a file that is missing", null, /error\[missing-file\]: there is no file stages\/s0.ts/],
    ["no default export", "export const a = 1;", /the file exports no stage[\s\S]*export default defineStage/],
    ["a syntax error", "export default {\n  run( {\n", /error\[own-code-unreadable\][\s\S]*stages\/s2.ts:\d:\d+ here/],
    ["an import that is not there", 'import "./nowhere";\n', /Could not resolve '.\/nowhere'[\s\S]*s3.ts:1:8 here/],
    [
      "a top that throws",
      'const x: number = 1;\n\nfunction fail(): never { throw new RangeError("too " + x); }\nfail();\n',
      /the import failed: RangeError: too 1[\s\S]*s4.ts:3:32 thrown here[\s\S]*s4.ts:4:1 called here/,
    ],
    ["a top that ends the process", "process.exit(3);\n", /process.exit\(3\) was called[\s\S]*s5.ts:1:9 thrown here/],
    [
      "a misspelt member",
      "export default { ouputs: {}, run() {} };",
      /Did you mean outputs or inputs\?[\s\S]*needs `outputs`/,
    ],
    [
      "a schema that is none",
      'export default { schema: { type: "object", requried: [] }, outputs: {}, run() {} };',
      /`schema` is no JSON Schema of parameters: strict mode: unknown keyword: "requried"/,
    ],
    [
      "a type of port that there is not",
      'export default { outputs: { d: "datset" }, run() {} };',
      /the port `d` has a type that there is not[\s\S]*Did you mean dataset/,
    ],
    ["a loss", "export default { errors() {} };", /the file exports a loss, and here stands a stage/],
    [
      "a package that is not installed",
      'const here = 1;\nimport nothing from "not-installed";\nnothing();\n',
      /Could not resolve 'not-installed'[\s\S]*Install the package[\s\S]*s10.ts:2:21 here/,
    ],
    [
      "syntax that Node does not have",
      "const plain = (of: any) => of;\nclass Odd {\n  @plain method() {}\n}\nexport default new Odd();\n",
      /SyntaxError[\s\S]*such as decorators[\s\S]*s11.ts:3:3 here/,
    ],
    [
      "a name that the program does not export",
      'import { nothing } from "pipe-experiments";\nnothing();\n',
      /'pipe-experiments' does not provide an export named 'nothing'/,
    ],
    [
      "a default that its own schema refuses",
      'export default { schema: { type: "object", properties: { y: { type: "number", default: "one" } } }, outputs: {}, run() {} };',
      /`schema` is no JSON Schema of parameters: the default of y must be number/,
    ],
  ];
  let told: Ended;
  beforeAll(async () => {
    const files = CASES.flatMap(([, text], i) => (text === null ? [] : [[`stages/s${i}.ts`, text] as const]));
    told = await ended(
      linesOf(CASES, (i) => `{ uses: ./stages/s${i}.ts }`),
      Object.fromEntries(files),
      "validate",
      "own.yaml",
    );
  });

  it.each(CASES.map(([about, , expected], i) => [about, i, expected] as const))(
    "is told before anything runs: %s",
    (_, i, expected) => {
      const complaint = complaintAt(`own.yaml:${FIRST_LINE + i}:${i < 10 ? 15 : 16}`, told.stderr);
      expect(complaint).toMatch(expected);
      expect(complaint).not.toMatch(/internal-error|node_modules|\.mjs/);
    },
  );

  it("is a mistake of usage", () => {
    expect(told.code).toBe(2);
  });

  it("is told of a top that never ends, too", async () => {
    writeStage("for (;;);\n");
    const { code, stderr } = await project.pipeWith(
      { env: { ...env, PIPE_CODE_SECONDS: "1" } },
      "validate",
      "own.yaml",
    );
    expect(code).toBe(2);
    expect(stderr).toContain("did not come to its end within 1 s");
  });
});

/** Stages that fail when they run: one does not keep the others from running. */
describe("a stage of the project's own that fails", () => {
  const CASES: readonly (readonly [about: string, body: string, expected: RegExp])[] = [
    [
      "what it throws",
      "helper();",
      /failed: TypeError: nothing to help[\s\S]*above.ts:2:9 thrown here[\s\S]*:7:5 called here/,
    ],
    [
      "what it throws later",
      'setTimeout(() => { throw new Error("late"); }, 1); return new Promise(() => {});',
      /error\[own-code-failed\]: s1 failed: Error: late[\s\S]*s1.ts:7:\d+ thrown here/,
    ],
    ["no outputs", "return 3;", /error\[wrong-output\]: the stage `.\/stages\/s2.ts` returned no outputs/],
    ["an output that is missing", "return {};", /returned no `dataset`/],
    [
      "an output that it does not have",
      "return { data: 1, ...inputs };",
      /returned an output `data`[\s\S]*Did you mean dataset/,
    ],
    ["an output of another type", "return { dataset: { a: 1 } };", /is no dataset[\s\S]*an object without `splits`/],
    [
      "a complaint of its own",
      'return { ok: false, error: [{ message: "too dark", path: ["threshold"] }] };',
      /own.yaml:10:57 error\[own-code-failed\]: too dark/,
    ],
    [
      "what caused it",
      'try { helper(); } catch (cause) { throw new Error("no help", { cause }); }',
      /failed: Error: no help, caused by TypeError: nothing to help[\s\S]*s7.ts:7:\d+ thrown here/,
    ],
    ["what is no error", "throw { odd: Object.create(null) };", /it threw \{ odd: \[Object: null prototype\] \{\} \}/],
    [
      "a split without a column",
      "const { train } = inputs.dataset.splits; return { dataset: { ...inputs.dataset, splits: { train, odd: { items: 1, columns: {} } } } };",
      /is no dataset[\s\S]*no values of the column `image` in the split odd/,
    ],
    [
      "a warning that says nothing",
      "(context as any).warn(null);",
      /`warn` takes a text[\s\S]*s10.ts:7:\d+ thrown here/,
    ],
    ["ending the process", "process.exit(0);", /process.exit\(0\) was called[\s\S]*s11.ts:7:\d+ thrown here/],
  ];
  let told: Ended;
  beforeAll(async () => {
    const files = CASES.map(([, text], i) => [`stages/s${i}.ts`, running(text)] as const);
    const lines = linesOf(CASES, (i) => `{ uses: ./stages/s${i}.ts, needs: [load], threshold: 0.3 }`);
    const helper = 'export function helper(): void {\n  throw new TypeError("nothing to help");\n}\n';
    told = await ended(
      lines,
      { ...Object.fromEntries(files), "stages/lib/above.ts": helper },
      "run",
      "own.yaml",
      "--no-report",
    );
  });

  it.each(CASES.map(([about, , expected], i) => [about, i, expected] as const))("is told: %s", (_, i, expected) => {
    const complaint = complaintAt(`own.yaml:${FIRST_LINE + i}:`, told.stderr);
    expect(complaint).toMatch(expected);
    expect(complaint).not.toMatch(/internal-error|\.mjs/);
  });

  it("fails the run", () => {
    expect(told.code).toBe(1);
  });
});

/** A module that lets no process be started. */
function noForks(): string {
  const text =
    'import cp from "node:child_process"; import { syncBuiltinESMExports } from "node:module";\n' +
    'cp.fork = () => { throw new Error("a worker was started"); }; syncBuiltinESMExports();';
  return `data:text/javascript,${encodeURIComponent(text)}`;
}
