/**
 * Changes one constant or operator of the onnx engine at a time, and lists the changes after which every training step is compiled
 * as recorded.txt says: those that the record does not notice. Run it by hand after `npm run build`:
 *
 *     node test/onnx/mutants.js [folder or file of src/engine/onnx …]
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { rolldown } from "rolldown";
import { parseSync } from "rolldown/utils";

const root = fileURLToPath(new URL("../..", import.meta.url));
const engine = join(root, "src/engine/onnx");
// As deep in the checkout as the tests, which look for schemas from where they are; packages are found from there.
const folder = join(root, "node_modules/.mutants");

const OTHER_OPERATOR = {
  "+": "-",
  "-": "+",
  "*": "/",
  "/": "*",
  "%": "*",
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
  "===": "!==",
  "!==": "===",
  "&&": "||",
  "||": "&&",
  "??": "&&",
};

/**
 * The steps, and what compiles them. TensorFlow.js stays outside of both bundles, so that the steps are made once and every change
 * is only another compiler; its tracing backend has a name of its own, since TensorFlow.js keeps those that it knows.
 */
const STEPS = `export { recordedPrograms } from ${JSON.stringify(join(root, "test/onnx/support/examples.ts"))};`;
const COMPILER = `export { compiledStep } from ${JSON.stringify(join(root, "test/onnx/support/recorded.ts"))};`;
const BACKEND = join(engine, "trace/backend.ts");

/** Where the text can be changed, and to what. */
function mutantsOf(file, text) {
  const found = [];
  const { program } = parseSync(file, text);
  const visit = (node) => {
    if (node === null || typeof node !== "object") return;
    if (Array.isArray(node)) return node.forEach(visit);
    if (typeof node.type !== "string") return;
    if (node.type.startsWith("TS") && !/^TS(As|Satisfies|NonNull)Expression$/.test(node.type)) return;
    if (node.type === "ImportDeclaration" || node.type === "ThrowStatement") return;
    if (node.type === "Literal" && typeof node.value === "number") {
      found.push({ start: node.start, end: node.end, text: `(${node.value === 0 ? 1 : node.value * 2})` });
    } else if (node.type === "Literal" && typeof node.value === "boolean") {
      found.push({ start: node.start, end: node.end, text: String(!node.value) });
    } else if (node.type === "BinaryExpression" || node.type === "LogicalExpression") {
      const other = OTHER_OPERATOR[node.operator];
      const at = text.indexOf(node.operator, node.left.end);
      if (other !== undefined) found.push({ start: at, end: at + node.operator.length, text: other });
    } else if (node.type === "UnaryExpression" && (node.operator === "!" || node.operator === "-")) {
      found.push({ start: node.start, end: node.start + 1, text: "" });
    }
    for (const [key, value] of Object.entries(node)) if (key !== "type") visit(value);
  };
  visit(program.body);
  return found;
}

let count = 0;

/** A module made of this entry, with `files` (path → text) in the place of what is in them. */
async function bundle(entry, files) {
  const built = await rolldown({
    input: "\0entry",
    platform: "node",
    external: (id) => /^(node:|@?[a-z])/.test(id),
    checks: { ineffectiveDynamicImport: false },
    plugins: [
      {
        name: "mutant",
        resolveId: (id) => (id === "\0entry" ? id : id.startsWith("/") ? id : undefined),
        load: (id) => (id === "\0entry" ? entry : id in files ? { code: files[id], moduleType: "ts" } : undefined),
      },
    ],
  });
  const script = join(folder, `${process.pid}-${count++}.mjs`);
  await built.write({ file: script, format: "esm", codeSplitting: false });
  await built.close();
  return import(pathToFileURL(script).href);
}

async function compilerWith(files) {
  const backend = readFileSync(BACKEND, "utf8");
  const own = backend.replace(/TRACE_BACKEND = "[^"]+"/, `TRACE_BACKEND = "trace-${count}"`);
  if (own === backend) throw new Error("the tracing backend's name is not found");
  return (await bundle(COMPILER, { [BACKEND]: own, ...files })).compiledStep;
}

/** Answers, for each change that the parent sends, whether every step is compiled as recorded. */
async function serve() {
  const recorded = new Map(
    readFileSync(join(root, "test/onnx/recorded.txt"), "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split(" | "))
      .map(([label, onnx]) => [label, onnx]),
  );
  const steps = await (await bundle(STEPS, {})).recordedPrograms();
  const unchanged = await compilerWith({});
  const same = (compile, [label, make]) => recorded.get(label) === `onnx ${compile(make())}`;
  process.on("message", async (files) => {
    let step;
    try {
      const compile = await compilerWith(files);
      for (step of steps) if (!same(compile, step)) return process.send({ label: step[0] });
      process.send({});
    } catch (error) {
      // What is no program any more counts as noticed, if this process is sound after it.
      const label = step?.[0] ?? "no program";
      const sound =
        step === undefined ||
        (() => {
          try {
            return same(unchanged, step);
          } catch {
            return false;
          }
        })();
      process.send({ label, error: String(error) }, () => !sound && process.exit());
    }
  });
  process.send("ready");
}

let child;

/** The first step that is not compiled as recorded with these texts; undefined where there is none. */
async function noticedBy(files) {
  if (!child?.connected) {
    child = fork(fileURLToPath(import.meta.url), [], {
      env: { ...process.env, MUTANTS_CHILD: "1" },
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    await once(child, "message");
  }
  const late = setTimeout(() => child.kill("SIGKILL"), 120_000);
  const { label } = await new Promise((resolve) => {
    child.once("message", resolve).once("exit", () => resolve({ label: "no end" }));
    child.send(files);
  });
  clearTimeout(late);
  child.removeAllListeners();
  return label;
}

function filesOf(path) {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { recursive: true })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(path, file));
}

async function main() {
  const named = process.argv.slice(2);
  const files = (named.length === 0 ? ["rewrites", "kernels", "lower", "emit", "ops"] : named).flatMap((name) =>
    filesOf(join(engine, name)),
  );
  const label = await noticedBy({});
  if (label !== undefined) throw new Error(`recorded.txt is not what is made without a change: ${label}`);
  let tried = 0;
  let survived = 0;
  for (const file of files.sort()) {
    const text = readFileSync(file, "utf8");
    for (const { start, end, text: by } of mutantsOf(file, text)) {
      tried++;
      const other = text.slice(0, start) + by + text.slice(end);
      if ((await noticedBy({ [file]: other })) !== undefined) continue;
      survived++;
      const line = text.slice(0, start).split("\n").length;
      const shown = text.split("\n")[line - 1].trim();
      console.log(`${relative(root, file)}:${line}: \`${text.slice(start, end)}\` → \`${by}\`: ${shown}`);
    }
    console.error(`${relative(root, file)}: ${tried} tried so far`);
  }
  console.log(`${survived} of ${tried} changes go unnoticed`);
}

if (process.env.MUTANTS_CHILD !== undefined) await serve();
else {
  mkdirSync(folder, { recursive: true });
  try {
    await main();
  } finally {
    child?.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}
