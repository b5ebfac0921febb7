/**
 * Changes one constant or operator of the onnx engine at a time, and lists the changes after which every training step is compiled
 * as recorded.txt says: those that the record does not notice. Run it by hand after `npm run build`:
 *
 *     node test/onnx/mutants.js [folder or file of src/engine/onnx …]
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { parseSync } from "rolldown/utils";

const root = fileURLToPath(new URL("../..", import.meta.url));
const engine = join(root, "src/engine/onnx");
// Inside the checkout, where packages are found.
const folder = join(root, "node_modules/.cache/mutants");

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

/** Ends at the first step that is not compiled as recorded. */
const ENTRY = `
import { readFileSync } from "node:fs";
import { recordedPrograms } from ${JSON.stringify(join(root, "test/onnx/support/examples.ts"))};
import { compiledStep } from ${JSON.stringify(join(root, "test/onnx/support/recorded.ts"))};
const recorded = readFileSync(${JSON.stringify(join(root, "test/onnx/recorded.txt"))}, "utf8");
for (const [label, make] of await recordedPrograms()) {
  if (!recorded.includes(label + " | onnx " + compiledStep(make()))) process.exit(1);
}
`;

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

/** Whether the steps are compiled as recorded when `file` has this text. */
async function asRecorded(file, text) {
  const built = await rolldown({
    input: "\0entry",
    platform: "node",
    external: (id) => /^(node:|@?[a-z])/.test(id),
    checks: { ineffectiveDynamicImport: false },
    plugins: [
      {
        name: "mutant",
        resolveId: (id) => (id === "\0entry" ? id : id.startsWith("/") ? id : undefined),
        load: (id) => (id === "\0entry" ? ENTRY : id === file ? { code: text, moduleType: "ts" } : undefined),
      },
    ],
  });
  const script = join(folder, "mutant.mjs");
  await built.write({ file: script, format: "esm", codeSplitting: false });
  await built.close();
  return spawnSync(process.execPath, [script], { timeout: 60_000 }).status === 0;
}

function filesOf(path) {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { recursive: true })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(path, file));
}

mkdirSync(folder, { recursive: true });
try {
  const named = process.argv.slice(2);
  const files = (named.length === 0 ? ["rewrites", "kernels", "lower", "emit", "ops"] : named).flatMap((name) =>
    filesOf(join(engine, name)),
  );
  if (!(await asRecorded(null, null))) throw new Error("recorded.txt is not what is made without a change");
  let count = 0;
  let survived = 0;
  for (const file of files.sort()) {
    const text = readFileSync(file, "utf8");
    for (const { start, end, text: by } of mutantsOf(file, text)) {
      count++;
      const other = text.slice(0, start) + by + text.slice(end);
      // What is no program any more counts as noticed.
      if (!(await asRecorded(file, other).catch(() => false))) continue;
      survived++;
      const line = text.slice(0, start).split("\n").length;
      const shown = text.split("\n")[line - 1].trim();
      console.log(`${relative(root, file)}:${line}: \`${text.slice(start, end)}\` → \`${by}\`: ${shown}`);
    }
    console.error(`${relative(root, file)}: ${count} tried so far`);
  }
  console.log(`${survived} of ${count} changes go unnoticed`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
