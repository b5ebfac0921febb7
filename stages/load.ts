import { stepOf } from "../src/artifact/columns.js";
import { type Chunk, type Column, type Dataset, itemsPerChunk, type Split } from "../src/artifact/dataset.js";
import { memory } from "../src/artifact/scratch.js";
import { rangeOf } from "../src/artifact/tensor.js";
import { inputMeaning } from "../src/base/channels.js";
import { type DType, isFloat, numbersOf } from "../src/base/dtype.js";
import { readInPieces } from "../src/base/file-content.js";
import { MOST_CLASSES } from "../src/base/labels.js";
import { type CatalogueEntry, type CatalogueFile, cataloguePath, findInCatalogue } from "../src/data/catalogue.js";
import type { IdxHeader, IdxProblem } from "../src/data/idx.js";
import { IdxStream } from "../src/data/idx-stream.js";
import { type Diagnostic, defineStage, err, type FileSums, ok, type Result, type StageContext } from "../src/stage.js";

type Context = StageContext<"load">;
type Path = readonly (string | number)[];
type Made<T> = Result<T, readonly Diagnostic[]>;

/** One file of the dataset, before it is read. */
interface SourceFile {
  readonly role: string;
  /** Where the parameters name it. */
  readonly at: Path;
  readonly read: (use: (piece: Uint8Array) => Promise<void>) => Promise<Made<FileSums>>;
  /** What its MD5 must be, where that is known. */
  readonly md5?: string;
}

interface SplitFiles {
  readonly images: SourceFile;
  readonly labels?: SourceFile;
}

/** What a file held: its first items in chunks, and the range of all of them. */
interface Read {
  readonly dtype: DType;
  /** Of an item. */
  readonly shape: readonly number[];
  /** In the file. */
  readonly all: number;
  readonly chunks: readonly Chunk[];
  readonly low: number;
  readonly high: number;
  readonly whole: boolean;
}

/** Reads IDX files into the splits of a dataset, chunk by chunk; their numbers stay as they are. */
export default defineStage({
  kind: "load",
  async run(context) {
    const { params } = context;
    const own = ownFiles(context);
    const entry = Object.keys(own).length === 0 ? findInCatalogue(params.dataset) : undefined;
    if (entry === undefined && Object.keys(own).length === 0) return err([unknownDataset(params.dataset)]);
    const files = entry === undefined ? own : catalogueFiles(entry);
    const sources: Dataset["sources"][number][] = [];
    const images = new Map<string, Read>();
    const labels = new Map<string, Read>();
    for (const [name, split] of Object.entries(files)) {
      const read = await readSplit(name, split, context, sources);
      if (!read.ok) return read;
      images.set(name, read.value.images);
      if (read.value.labels !== undefined) labels.set(name, read.value.labels);
    }
    const columns = columnsOf(images, labels, params, params.classes ?? entry?.classes);
    if (!columns.ok) return columns;
    const splits = [...images].map(([name, read]): [string, Split] => {
      const truth = labels.get(name);
      const data = {
        image: { chunks: read.chunks },
        ...(truth === undefined ? {} : { label: { chunks: truth.chunks } }),
      };
      return [name, { items: countOf(read), columns: data }];
    });
    const name = params.dataset;
    const dataset = { name, columns: columns.value, splits: Object.fromEntries(splits), sources, steps: [] };
    const [first] = [images.get("train") ?? [...images.values()][0]] as [Read];
    return ok({ dataset: { ...dataset, steps: [stepOf("load", dataset, [first.low, first.high])] } });
  },
});

function countOf({ chunks }: Read): number {
  return chunks.reduce((sum, { items }) => sum + items, 0);
}

function catalogueFiles(entry: CatalogueEntry): Readonly<Record<string, SplitFiles>> {
  const file = (role: string, { path, md5 }: CatalogueFile): SourceFile => ({
    role,
    at: ["dataset"],
    read: (use) => readPublished(role, cataloguePath(entry, { path, md5 }), use),
    md5,
  });
  return Object.fromEntries(
    Object.entries(entry.splits).map(([name, { images, labels }]) => [
      name,
      { images: file(`${name} images`, images), labels: file(`${name} labels`, labels) },
    ]),
  );
}

/** `train`, `test`, and what `splits` names. */
function ownFiles(context: Context): Readonly<Record<string, SplitFiles>> {
  const { train, test, splits = {} } = context.params;
  const named = [
    ...(train === undefined ? [] : [["train", train, ["train"]] as const]),
    ...Object.entries(splits).map(([name, files]) => [name, files, ["splits", name]] as const),
    ...(test === undefined ? [] : [["test", test, ["test"]] as const]),
  ];
  return Object.fromEntries(
    named.map(([name, given, place]) => {
      const file = (what: "images" | "labels"): SourceFile => {
        const at = [...place, what];
        return { role: `${name} ${what}`, at, read: (use) => context.readInPieces(at, use) };
      };
      return [name, { images: file("images"), ...(given.labels === undefined ? {} : { labels: file("labels") }) }];
    }),
  );
}

async function readSplit(
  name: string,
  { images, labels }: SplitFiles,
  context: Context,
  sources: Dataset["sources"][number][],
): Promise<Made<{ readonly images: Read; readonly labels?: Read }>> {
  const limit = own(context.params.limit, name);
  const x = await readSource(images, context, sources, limit);
  if (!x.ok || labels === undefined) return x.ok ? ok({ images: x.value }) : x;
  const y = await readSource(labels, context, sources, limit);
  if (!y.ok) return y;
  const { all } = x.value;
  if (y.value.shape.length > 1 || y.value.all !== all) {
    const received = `[${[y.value.all, ...y.value.shape]}] labels for ${all} images`;
    const found = problem("counts-differ", `${labels.role} do not fit the images`, labels.at, received, `[${all}]`);
    return err([{ ...found, fix: "Name images and labels that belong together." }]);
  }
  return ok({ images: x.value, labels: y.value });
}

/** Names of splits are the user's own. */
function own<T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}

/** @param limit how many of its first items are kept; without it, all. */
async function readSource(
  file: SourceFile,
  context: Context,
  sources: Dataset["sources"][number][],
  limit?: number,
): Promise<Made<Read>> {
  const chunks: Chunk[] = [];
  let [low, high, whole] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, true];
  let [seen, kept] = [0, 0];
  let broken: string | null = null;
  const take = (bytes: Uint8Array, items: number, { dtype, shape, itemBytes, bytes: total }: IdxHeader): void => {
    const numbers = numbersOf(dtype, bytes);
    const range = rangeOf(numbers);
    [low, high] = [Math.min(low, range[0]), Math.max(high, range[1])];
    if (isFloat(dtype)) {
      whole &&= numbers.every(Number.isInteger);
      const at = broken === null ? numbers.findIndex((value) => !Number.isFinite(value)) : -1;
      if (at >= 0)
        broken = `${numbers[at]} in item ${seen + Math.floor((at * items) / numbers.length)}, counted from 0`;
    }
    const wanted = Math.min(items, (limit ?? Number.POSITIVE_INFINITY) - kept);
    if (wanted > 0) {
      const part = bytes.subarray(0, wanted * itemBytes);
      chunks.push({ items: wanted, bytes: context.keep(part) });
      kept += wanted;
    }
    seen += items;
    if (total > memory.heldBytes) context.progress({ done: seen, total: shape[0] as number, unit: "items" });
  };
  // A limit takes items away, not classes: labels are read to their end.
  const items = file.role.endsWith(" labels") ? undefined : limit;
  const stream = new IdxStream({ itemsPerChunk, chunk: take, ...(items === undefined ? {} : { items }) });
  const sums = await file.read((piece) => stream.push(piece));
  const header = await stream.end();
  if (!sums.ok) return sums;
  const { size, md5 } = sums.value;
  if (file.md5 !== undefined && md5 !== file.md5) {
    return err([
      {
        ...problem("missing-data", `${file.role} are not the published file`, file.at, `MD5 ${md5}`, `MD5 ${file.md5}`),
        fix: "Install the package that brings them again.",
      },
    ]);
  }
  if (!header.ok) return err([idxDiagnostic(file, header.error)]);
  if (broken !== null) {
    const found = problem("data-not-finite", `${file.role} have values that are no finite numbers`, file.at, broken);
    return err([
      { ...found, expected: "finite numbers", fix: "Replace these values, or leave their items out of the file." },
    ]);
  }
  const { dtype, shape } = header.value;
  sources.push({ role: file.role, bytes: size, md5 });
  const range = low > high ? { low: 0, high: 0 } : { low, high };
  return ok({ dtype, shape: shape.slice(1), all: shape[0] as number, chunks, ...range, whole });
}

/** A file of the catalogue: its MD5 says whether it is the one that is meant. */
async function readPublished(
  role: string,
  path: string,
  use: (piece: Uint8Array) => Promise<void>,
): Promise<Made<FileSums>> {
  const sums = await readInPieces(path, use);
  if (sums.ok) return sums;
  const found = problem("unreadable-file", `${role} cannot be read`, ["dataset"], sums.error.message);
  return err([{ ...found, fix: "Check the file's permissions and its disk." }]);
}

type Params = Context["params"];

/** What the files hold, described: equal in every split. */
function columnsOf(
  images: ReadonlyMap<string, Read>,
  labels: ReadonlyMap<string, Read>,
  params: Params,
  names: readonly string[] | undefined,
): Made<readonly Column[]> {
  const input = sameInAll("images", images);
  if (!input.ok) return input;
  const { dtype, shape } = input.value;
  const plain = { scale: 1, offset: 0 };
  const image: Column = { name: "image", role: "input", dtype, shape, meaning: inputMeaning(shape), ...plain };
  if (labels.size === 0) return ok([image]);
  if (labels.size < images.size) {
    const bare = [...images.keys()].filter((name) => !labels.has(name)).join(", ");
    const found = problem("labels-missing", `the split ${bare} has no labels, others have`, []);
    return err([{ ...found, fix: "Give labels for every split, or for none." }]);
  }
  const target = sameInAll("labels", labels);
  if (!target.ok) return target;
  const meaning = params.meaning?.label ?? (isFloat(target.value.dtype) ? "number" : "category");
  const label: Column = { ...image, name: "label", role: "target", ...target.value, meaning };
  if (meaning === "number") return ok([image, label]);
  const classes = classesOf([...labels.values()], target.value.shape, names);
  return classes.ok ? ok([image, { ...label, classes: classes.value }]) : classes;
}

function sameInAll(what: string, reads: ReadonlyMap<string, Read>): Made<Pick<Read, "dtype" | "shape">> {
  const [first, ...others] = [...reads].map(([name, { dtype, shape }]) => ({ name, dtype, shape }));
  if (first === undefined) throw new Error("a dataset has at least one split");
  const { dtype, shape } = first;
  const described = (one: typeof first) => `${one.dtype} [${one.shape}]`;
  const other = others.find((one) => described(one) !== described(first));
  if (other === undefined) return ok({ dtype, shape });
  const message = `the ${what} of ${other.name} are of another type or shape than those of ${first.name}`;
  const found = problem("items-differ", message, [], described(other), described(first));
  return err([{ ...found, fix: "Name files of one dataset." }]);
}

/** Names of the classes, or of the labels where an item has several; or why the numbers are none. */
function classesOf(
  labels: readonly Read[],
  shape: readonly number[],
  names: readonly string[] | undefined,
): Made<readonly string[]> {
  const [low, high] = [Math.min(...labels.map(({ low }) => low)), Math.max(...labels.map(({ high }) => high))];
  const several = shape.length > 0;
  const most = several ? 1 : MOST_CLASSES - 1;
  if (low < 0 || high > most || labels.some(({ whole }) => !whole)) {
    const expected = several ? "0 or 1 for each label" : `whole numbers from 0 to ${most}`;
    const found = problem(
      "label-out-of-range",
      "the labels are no classes",
      [],
      `labels from ${low} to ${high}`,
      expected,
    );
    return err([{ ...found, fix: "Write `meaning: { label: number }` where they are values to predict." }]);
  }
  return ok(names ?? numbered(several ? (shape[0] as number) - 1 : high));
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
