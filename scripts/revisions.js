#!/usr/bin/env node
/**
 * Writes dist/revisions.json: digests of the compiled code that computes, which go into the fingerprints of what it makes. So the
 * results of earlier code are not taken for those of this one, and no number has to be raised by hand.
 *
 * Each is the digest of a bundle of all our modules that the code imports, minified and without what it does not use: comments,
 * types, formatting, names of variables and folders do not count, and neither does the code of another stage or engine.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { rolldown } from "rolldown";
import { minifySync } from "rolldown/utils";

/** Engine → its folder in src/engine. Those that share a folder differ in the library that computes. */
const ENGINES = { onnx: "onnx", tensorflow: "eager", wasm: "eager", cpu: "eager" };
const FOLDERS = [...new Set(Object.values(ENGINES))];

const ENTRY = "\0entry";
const LEFT_OUT = "\0left out";

const root = fileURLToPath(new URL("../", import.meta.url));
const DEPENDENCIES = Object.keys(JSON.parse(readFileSync(join(root, "package.json"), "utf8")).dependencies).sort();

/**
 * @typedef {object} Revision
 * @property {string | Record<string, string>} code the digest; where the engine matters, one for each
 * @property {string[]} libraries packages that the code uses, besides those of the engine: its version says which they are
 */

/**
 * @param {string} dist the folder of the compiled code
 * @param {readonly string[]} [kinds] the stages that are wanted; default: all, and the report
 * @returns {Promise<Record<string, Revision>>} stages whose work is not done by the engine or the report are missing: they are a few lines,
 *   with a version of their own
 */
export async function revisionsOf(dist, kinds) {
  const { stageTable } = await import(pathToFileURL(join(dist, "src/gen/stages.js")).href);
  const wanted = kinds ?? [...Object.keys(stageTable), "report"];
  const revisions = await Promise.all(
    wanted.map(async (kind) => [
      kind,
      kind === "report" ? await reportRevision(dist) : await stageRevision(dist, kind, stageTable[kind].engine),
    ]),
  );
  return Object.fromEntries(revisions.filter(([, revision]) => revision !== null));
}

/** @returns {Promise<Revision | null>} */
async function stageRevision(dist, kind, usesEngine) {
  const entry = `export { default } from ${JSON.stringify(join(dist, "stages", `${kind}.js`))};`;
  const folders = usesEngine ? FOLDERS : [null];
  const bundles = await Promise.all(folders.map((folder) => bundle(dist, entry, folder)));
  const [{ modules, libraries }] = bundles;
  if (!modules.some((id) => /[\\/]src[\\/](engine|report)[\\/]/.test(id))) return null;
  const digests = bundles.map(({ code }) => digestOf(code));
  if (!usesEngine) return { code: digests[0], libraries };
  const byEngine = Object.entries(ENGINES).map(([name, folder]) => [name, digests[FOLDERS.indexOf(folder)]]);
  return { code: Object.fromEntries(byEngine), libraries };
}

/** The page's own scripts are read as text when a page is made. */
async function reportRevision(dist) {
  const entry = `export { renderReport } from ${JSON.stringify(join(dist, "src/report/index.js"))};`;
  const { code, libraries } = await bundle(dist, entry, null);
  const folder = join(dist, "src/report/page");
  const files = readdirSync(folder).filter((file) => file.endsWith(".js"));
  const scripts = files.sort().map((file) => minifySync(file, readFileSync(join(folder, file), "utf8")).code);
  return { code: digestOf([code, ...scripts].join("\n")), libraries };
}

/** Where Git writes lines with CRLF, texts of several lines have it too. */
function digestOf(code) {
  return createHash("sha256").update(code.replaceAll("\r\n", "\n")).digest("hex");
}

/**
 * @param {string} dist
 * @param {string} entry the text of a module
 * @param {string | null} engine the folder of the one engine whose code is wanted; the others are loaded on demand, and left out
 */
export async function bundle(dist, entry, engine) {
  const leftOut = FOLDERS.filter((folder) => folder !== engine).map((folder) => resolve(dist, "src/engine", folder));
  const ofEngine = new Set();
  const built = await rolldown({
    input: ENTRY,
    platform: "node",
    // A package that is imported for what it exports is not needed where that is not used.
    treeshake: { moduleSideEffects: (_, external) => (external ? false : undefined) },
    checks: { ineffectiveDynamicImport: false },
    plugins: [
      {
        name: "closure",
        resolveId(source, importer, { kind }) {
          if (source === ENTRY || source === LEFT_OUT) return source;
          if (isAbsolute(source)) return source;
          if (!source.startsWith(".")) {
            if (/[\\/]src[\\/]engine[\\/]/.test(importer)) ofEngine.add(packageOf(source));
            return { id: source, external: true };
          }
          const target = resolve(importer, "..", source);
          const skipped = kind === "dynamic-import" && leftOut.some((folder) => target.startsWith(folder));
          return skipped ? LEFT_OUT : target;
        },
        load(id) {
          if (id === ENTRY) return entry;
          return id === LEFT_OUT ? "export default null;" : undefined;
        },
      },
    ],
  });
  const { output } = await built.generate({ format: "esm", codeSplitting: false, minify: true });
  await built.close();
  const [{ code, modules }] = output;
  return {
    code,
    libraries: DEPENDENCIES.filter((name) => !ofEngine.has(name) && names(code, name)),
    modules: Object.keys(modules).filter((id) => modules[id].renderedLength > 0),
  };
}

function packageOf(source) {
  return /^(@[^/]+\/)?[^/]+/.exec(source)[0];
}

/** Whether the code has the name of a package as a text: to import it, or to find a file of it. */
function names(code, name) {
  return new RegExp(`["'\`]${name}(/[^"'\`]*)?["'\`]`).test(code);
}

/** Of what is built in this checkout. */
export async function writeRevisions() {
  const dist = join(root, "dist");
  writeFileSync(join(dist, "revisions.json"), `${JSON.stringify(await revisionsOf(dist), null, 2)}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeRevisions();
