import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findTensorflow } from "../../src/base/tensorflow-home.js";
import { PACKAGES, WHEEL } from "../../src/cli/install/sources.js";
import { Project } from "../rig/rig.js";
import { tensorflowHere } from "../rig/tensorflow.js";

let project: Project;
/** The only folder on the path of `pipe`: programs that play npm, Python and the compiler. */
let tools = "";
let engines = "";

beforeEach(() => {
  project = new Project();
  tools = mkdtempSync(join(tmpdir(), "pipe-tools-"));
  engines = join(project.dir, "engines");
});
afterEach(() => {
  project.remove();
  rmSync(tools, { recursive: true });
});

/** A program that is this JavaScript. */
function tool(name: string, code: string): void {
  writeFileSync(join(tools, name), `#!${process.execPath}\n${code}`, { mode: 0o755 });
}

/** npm as far as it is needed; the package's own installer then ends as it does without a network. */
function npm(
  integrity: string = PACKAGES["@tensorflow/tfjs-node"].integrity,
  installer = "throw new Error('getaddrinfo ENOTFOUND')",
): void {
  const locked = {
    "node_modules/@tensorflow/tfjs-node": { integrity },
    "node_modules/node-api-headers": { integrity: PACKAGES["node-api-headers"].integrity },
  };
  tool(
    "npm",
    `const fs = require("node:fs");
     const folder = "node_modules/@tensorflow/tfjs-node";
     for (const part of ["scripts", "binding"]) fs.mkdirSync(folder + "/" + part, { recursive: true });
     fs.writeFileSync(folder + "/scripts/install.js", ${JSON.stringify(installer)});
     fs.writeFileSync(folder + "/binding/binding.cc", "");
     fs.writeFileSync("package-lock.json", ${JSON.stringify(JSON.stringify({ packages: locked }))});`,
  );
}

/** \`-m pip --version\`, \`-m pip download … -d FOLDER\`, and the script that unpacks: \`-c CODE WHEEL TARGET …\`. */
function python({ download = "" } = {}): void {
  tool(
    "python3",
    `const fs = require("node:fs");
     const args = process.argv.slice(2);
     if (args[0] === "-c") {
       fs.mkdirSync(args[3] + "/tensorflow/include", { recursive: true });
       fs.writeFileSync(args[3] + "/tensorflow/libtensorflow_cc.so.2", "");
     }
     if (args[2] === "download") {
       ${download}
       fs.writeFileSync(args[args.indexOf("-d") + 1] + "/${WHEEL.name.replace("-", "_")}-${WHEEL.version}-cp311.whl", "");
     }`,
  );
}

const compiler = (code: string) => tool("g++", code);
const WRITES_RUBBISH = `require("node:fs").writeFileSync(process.argv[process.argv.indexOf("-o") + 1], "no library");`;

const pipe = (...args: string[]) => project.pipeWith({ env: { PATH: tools, CXX: "", PIPE_ENGINES: engines } }, ...args);

/** What is left in the folder of engines. */
const left = (): string[] => (existsSync(engines) ? readdirSync(engines) : []);

describe.runIf(process.platform === "linux" && process.arch === "x64")("an installation that cannot be done", () => {
  const wanting: readonly (readonly [string, () => void, RegExp])[] = [
    ["npm", () => {}, /error\[tool-missing\]: npm is not there: it fetches the engine's package/],
    ["g++", () => npm(), /error\[tool-missing\]: g\+\+ is not there: it compiles .*\n.*apt-get install g\+\+/s],
    ["Python", () => [npm(), compiler("")], /error\[tool-missing\]: Python is not there: .*\n.*python3-pip/s],
    [
      "pip",
      () => [npm(), compiler(""), tool("python3", "process.exit(1)")],
      /error\[tool-missing\]: pip is not there: .*\n.*ensurepip/s,
    ],
  ];
  it.each(wanting)("says that %s is missing, and what to do", async (_, bring, message) => {
    bring();
    const { code, stdout, stderr } = await pipe("engine", "install", "tensorflow");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(message);
    expect(left()).toEqual([]);
  });

  const failing: readonly (readonly [string, () => void, RegExp, string[]])[] = [
    [
      "npm brings other bytes",
      () => npm("sha512-other"),
      /npm brought another @tensorflow\/tfjs-node 4.* sha512-other/s,
      [],
    ],
    [
      "npm fails",
      () => tool("npm", "console.error('npm error 404'); process.exit(1)"),
      /npm could not install .*received: npm error 404/s,
      [],
    ],
    [
      "pip fails",
      () => [npm(), compiler(""), python({ download: "console.error('ERROR: no such wheel'); process.exit(1);" })],
      /pip could not fetch tensorflow-cpu .*received: ERROR: no such wheel/s,
      [".downloads"],
    ],
    [
      "the compiler fails",
      () => [npm(), python(), compiler("console.error('binding.cc:1:1: error: what?'); process.exit(1)")],
      /the native part could not be compiled\n.*received: binding.cc:1:1: error: what\?/s,
      [".downloads"],
    ],
    [
      "what was compiled does not load",
      () => [npm(), python(), compiler(WRITES_RUBBISH)],
      /the native part does not load\n.*tfjs_binding.node/s,
      [".downloads"],
    ],
  ];
  it.each(failing)("leaves nothing but a finished download: %s", async (_, bring, message, rest) => {
    bring();
    const { code, stdout, stderr } = await pipe("engine", "install", "tensorflow", "--json");
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ diagnostics: [{ code: "engine-install-failed" }] });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(left()).toEqual(rest);
  });

  it("says that the publisher's installer was tried, and why another way was taken", async () => {
    npm();
    expect((await pipe("engine", "install", "tensorflow")).stderr).toMatch(
      /warning\[engine-install-detour\]: .*\(Error: getaddrinfo ENOTFOUND\); libtensorflow is taken from PyPI instead/,
    );
    const asked = await pipe("engine", "install", "tensorflow", "--from", "official");
    expect(asked.stderr).toMatch(/error\[engine-install-failed\]: the package's own installer did not get through/);
    expect((await pipe("engine", "install", "tensorflow", "--from", "wheel")).stderr).not.toContain("own installer");
  });

  it("takes the other way too where what the publisher's installer brought does not load", async () => {
    const brings = "require('node:fs').mkdirSync('lib/napi-v8', { recursive: true });";
    npm(undefined, `${brings} require('node:fs').writeFileSync('lib/napi-v8/tfjs_binding.node', 'no library')`);
    const { code, stderr } = await pipe("engine", "install", "tensorflow");
    expect(code).toBe(1);
    expect(stderr).toMatch(/warning\[engine-install-detour\]: .* of no use here \(Error: its library does not load: /);
    expect(stderr).toMatch(/error\[tool-missing\]: g\+\+/);
  });

  it("is told where the folder of engines cannot be made", async () => {
    project.write("engines", "a file");
    npm();
    const { code, stderr } = await pipe("engine", "install", "tensorflow");
    expect(code).toBe(1);
    expect(stderr).toMatch(/error\[engine-install-failed\]: the folder of engines, .*engines, cannot be changed: /);
  });
});

describe.runIf(process.platform === "linux" && process.arch === "x64")("an installation that is stopped", () => {
  it("ends what it started, leaves nothing, and is exit code 130", async () => {
    npm();
    compiler("");
    // Tells that it runs, and then takes for ever.
    python({ download: `fs.writeFileSync("${join(tools, "pid")}", String(process.pid)); for (;;);` });
    const env = { PATH: tools, CXX: "", PIPE_ENGINES: engines };
    const running = project.start({ env }, "engine", "install", "tensorflow", "--from", "wheel");
    const pid = await waitFor(() => Number(readIfThere(join(tools, "pid"))));
    running.child.kill("SIGINT");
    const { code, stdout, stderr } = await running.ended;
    expect({ code, stdout }).toEqual({ code: 130, stdout: "" });
    expect(stderr).toMatch(/error\[interrupted\]: stopped; nothing was installed/);
    expect(left()).toEqual([".downloads"]);
    expect(() => process.kill(pid, 0)).toThrow();
  });

  it("is waited for by nobody, and not disturbed", async () => {
    mkdirSync(join(engines, `.staging-${process.pid}-x`), { recursive: true });
    mkdirSync(join(engines, ".downloads"));
    const { code, stderr } = await pipe("engine", "install", "tensorflow");
    expect(code).toBe(1);
    expect(stderr).toMatch(/error\[engine-install-failed\]: another installation is under way\n.*\.staging-/s);
    await pipe("engine", "remove", "tensorflow");
    expect(left()).toEqual([".downloads", `.staging-${process.pid}-x`]);
  });

  it("leaves what a later one removes, when it is killed", async () => {
    // No process has this number: it is above every system's limit.
    mkdirSync(join(engines, ".staging-99999999-x"), { recursive: true });
    await pipe("engine", "install", "tensorflow");
    expect(left()).toEqual([]);
  });
});

function readIfThere(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

/** Looks again and again until there is something to see. */
async function waitFor<T>(look: () => T): Promise<T> {
  for (;;) {
    const seen = look();
    if (seen) return seen;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe("an engine that is to be removed", () => {
  it("is gone with all that belongs to it, and may be gone before", async () => {
    mkdirSync(join(engines, "tensorflow", "node_modules"), { recursive: true });
    mkdirSync(join(engines, ".downloads"));
    // Half an engine was never installed.
    expect((await pipe("engine", "remove", "tensorflow")).stdout).toMatch(/^nothing to remove/);
    expect(left()).toEqual([]);
    const again = await pipe("engine", "remove", "tensorflow", "--json");
    expect(JSON.parse(again.stdout)).toMatchObject({ engine: "tensorflow", status: "absent" });
    expect(again.code).toBe(0);
  });
});

describe.runIf(tensorflowHere)("an engine that is installed", () => {
  // Wherever it is on this machine.
  const env = { PIPE_ENGINES: process.env.PIPE_ENGINES ?? "" };

  it("is left as it is by another installation", async () => {
    const { code, stdout, stderr } = await project.pipeWith({ env }, "engine", "install", "tensorflow", "--json");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({
      engine: "tensorflow",
      status: "present",
      versions: { "@tensorflow/tfjs-node": "4.22.0", libtensorflow: expect.stringMatching(/^2\./) },
    });
  });

  it("does not compute under the version of another library", async () => {
    const real = join(findTensorflow()?.folder as string, "../..");
    mkdirSync(join(engines, "tensorflow"), { recursive: true });
    symlinkSync(real, join(engines, "tensorflow", "node_modules"), "junction");
    const manifest = { format: 1, engine: "tensorflow", package: "4.22.0", libtensorflow: "2.9.1", from: "official" };
    writeFileSync(join(engines, "tensorflow", "engine.json"), JSON.stringify(manifest));
    const { stdout } = await pipe("doctor");
    expect(stdout).toMatch(
      /^ {2}no {5}tensorflow: .* the library in .* is 2\.[1-9]\d\..* and was installed as 2\.9\.1$/m,
    );
  });

  it("works, says doctor after a step of training, and where it is", async () => {
    const { stdout } = await project.pipeWith({ env }, "doctor");
    expect(stdout).toMatch(/^ {2}works {2}tensorflow: in \/.*@tensorflow\/tfjs-node$/m);
    expect(stdout).toMatch(/^ {2}libtensorflow +2\./m);
  });

  it("trains what the others train, the same bits each time, under its library's version", async () => {
    project.writeTinyExperiment();
    const run = async (engine: string) => {
      const flags = ["--engine", engine, "--force", "--no-report"];
      const { code, stderr } = await project.pipeWith({ env }, "run", "narrow.yaml", ...flags);
      expect(code, stderr).toBe(0);
      // Nothing that a library says of itself, neither here nor in the workers' log.
      expect(stderr).not.toMatch(/TensorFlow\b(?!,)|Deprecat|oneDNN|cpu_feature/);
      expect(project.list("runs")).not.toContain("worker.log");
      return project.show();
    };
    const [first, again, cpu] = [await run("tensorflow"), await run("tensorflow"), await run("cpu")];
    const digests = ({ variants }: typeof first) => variants[0]?.stages.flatMap(({ outputs }) => outputs);
    expect(digests(again)).toEqual(digests(first));
    expect(first.engine?.version).toMatch(/^4\.22\.0 on libtensorflow 2\.\d+\.\d+ with tfjs 4\.22\.0$/);
    const loss = ({ variants }: typeof first) => variants[0]?.metrics.test?.loss as number;
    expect(loss(first) / loss(cpu)).toBeCloseTo(1, 4);
  });
});
