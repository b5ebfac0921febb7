import { type Arrays, datasetOfArrays, stepOf } from "../src/artifact/columns.js";
import { sizeOf, type Tensor, tensorOf } from "../src/artifact/tensor.js";
import type { Dataset } from "../src/artifact/types.js";
import { readDigested } from "../src/base/file-content.js";
import { type CatalogueEntry, type CatalogueFile, cataloguePath, findInCatalogue } from "../src/data/catalogue.js";
import { bytesOfItems, holdable, type IdxArray, type IdxProblem, parseIdx } from "../src/data/idx.js";
import {
  type Diagnostic,
  defineStage,
  err,
  type FileContent,
  ok,
  type Result,
  type StageContext,
} from "../src/stage.js";

type Context = StageContext<"load">;
type SplitName = "train" | "test";
type Path = readonly (string | number)[];

/** One file of the dataset, before it is read. */
interface SourceFile {
  readonly role: string;
  /** Where the parameters name it. */
  readonly at: Path;
  /** Reads it, and keeps as many bytes as are wanted of it. */
  readonly read: (wanted: (start: Uint8Array) => number) => Result<FileContent, readonly Diagnostic[]>;
  /** What its MD5 must be, where that is known. */
  readonly md5?: string;
}

interface SplitFiles {
  readonly images: SourceFile;
  readonly labels?: SourceFile;
}

/** Reads IDX files into the splits of a dataset; their bytes stay as they are. */
export default defineStage({
  kind: "load",
  async run(context) {
    const { params } = context;
    const entry = params.train === undefined ? findInCatalogue(params.dataset) : undefined;
    if (entry === undefined && params.train === undefined) return err([unknownDataset(params.dataset)]);
    const files = entry === undefined ? ownFiles(context) : catalogueFiles(entry);
    const sources: Dataset["sources"][number][] = [];
    const splits: Record<string, Arrays> = {};
    let highest = 0;
    for (const [name, { images, labels }] of Object.entries(files)) {
      const split = readSplit(images, labels, params.limit?.[name as SplitName], sources);
      if (!split.ok) return split;
      splits[name] = split.value.split;
      highest = Math.max(highest, split.value.highestLabel);
    }
    const classes = splits.train?.y === null ? null : (params.classes ?? entry?.classes ?? numbered(highest));
    const dataset = datasetOfArrays({ name: params.dataset, classes, splits, sources });
    return ok({ dataset: { ...dataset, steps: [stepOf("load", dataset)] } });
  },
});

function catalogueFiles(entry: CatalogueEntry): Readonly<Record<string, SplitFiles>> {
  const file = (role: string, { path, md5 }: CatalogueFile): SourceFile => ({
    role,
    at: ["dataset"],
    read: (wanted) => readPublished(role, cataloguePath(entry, { path, md5 }), wanted),
    md5,
  });
  return Object.fromEntries(
    Object.entries(entry.splits).map(([name, { images, labels }]) => [
      name,
      { images: file(`${name} images`, images), labels: file(`${name} labels`, labels) },
    ]),
  );
}

function ownFiles(context: Context): Readonly<Record<string, SplitFiles>> {
  const files: Record<string, SplitFiles> = {};
  for (const name of ["train", "test"] as const) {
    const given = context.params[name];
    if (given === undefined) continue;
    const file = (what: "images" | "labels"): SourceFile => {
      const at = [name, what];
      return { role: `${name} ${what}`, at, read: (wanted) => context.read(at, wanted) };
    };
    files[name] = { images: file("images"), ...(given.labels === undefined ? {} : { labels: file("labels") }) };
  }
  return files;
}

function readSplit(
  images: SourceFile,
  labels: SourceFile | undefined,
  limit: number | undefined,
  sources: Dataset["sources"][number][],
): Result<{ readonly split: Arrays; readonly highestLabel: number }, readonly Diagnostic[]> {
  const x = readSource(images, sources, limit);
  if (!x.ok) return x;
  const all = x.value.shape[0] ?? 0;
  const items = Math.min(all, limit ?? all);
  if (labels === undefined) return ok({ split: { x: firstItems(x.value, items), y: null }, highestLabel: 0 });
  const y = readSource(labels, sources);
  if (!y.ok) return y;
  if (y.value.shape.length !== 1 || y.value.shape[0] !== all) {
    const received = `[${y.value.shape}] labels for ${all} images`;
    const found = problem("counts-differ", `${labels.role} do not fit the images`, labels.at, received, `[${all}]`);
    return err([{ ...found, fix: "Name images and labels that belong together." }]);
  }
  const split = { x: firstItems(x.value, items), y: firstItems(y.value, items) };
  // A limit takes items away, not classes.
  return ok({ split, highestLabel: y.value.data.reduce((highest, label) => Math.max(highest, label), 0) });
}

function firstItems({ shape: [, ...item], data }: IdxArray, items: number): Tensor {
  return tensorOf("uint8", [items, ...item], data.subarray(0, items * sizeOf(item)));
}

/** @param limit how many of its first items are wanted; without it, all. */
function readSource(
  file: SourceFile,
  sources: Dataset["sources"][number][],
  limit?: number,
): Result<IdxArray, readonly Diagnostic[]> {
  const content = file.read((start) => bytesOfItems(start, limit));
  if (!content.ok) return content;
  const { bytes, size, md5 } = content.value;
  if (file.md5 !== undefined && md5 !== file.md5) {
    return err([
      {
        ...problem("missing-data", `${file.role} are not the published file`, file.at, `MD5 ${md5}`, `MD5 ${file.md5}`),
        fix: "Install the package that brings them again.",
      },
    ]);
  }
  const array = parseIdx(bytes, size);
  if (!array.ok) return err([idxDiagnostic(file, array.error)]);
  const held = holdable(array.value.shape, limit);
  if (!held.ok) return err([idxDiagnostic(file, held.error)]);
  sources.push({ role: file.role, bytes: size, md5 });
  return array;
}

/** A file of the catalogue: its MD5 says whether it is the one that is meant. */
function readPublished(
  role: string,
  path: string,
  wanted: (start: Uint8Array) => number,
): Result<FileContent, readonly Diagnostic[]> {
  try {
    return ok(readDigested(path, wanted));
  } catch (error) {
    const found = problem("unreadable-file", `${role} cannot be read`, ["dataset"], (error as Error).message);
    return err([{ ...found, fix: "Check the file's permissions and its disk." }]);
  }
}

function idxDiagnostic(file: SourceFile, { code, message, received, expected, fix }: IdxProblem): Diagnostic {
  return { ...problem(code, `the file of ${file.role} ${message}`, file.at, received, expected), fix };
}

function unknownDataset(name: string): Diagnostic {
  return {
    ...problem("unknown-dataset", `there is no dataset \`${name}\``, ["dataset"]),
    fix: "Name one that is known, or give files of your own with `train`.",
  };
}

function problem(code: string, message: string, path: Path, received?: string, expected?: string): Diagnostic {
  return {
    code,
    severity: "error",
    message,
    path,
    ...(received === undefined ? {} : { received }),
    ...(expected === undefined ? {} : { expected }),
  };
}

/** The numbers from 0 to the largest label, as names. */
function numbered(highest: number): readonly string[] {
  return Array.from({ length: highest + 1 }, (_, i) => String(i));
}
