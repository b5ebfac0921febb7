/**
 * YAML text → a checked experiment. Start reading here: the phases stand in the order in which they run.
 *
 *     read ─▶ parse ─▶ extends ─▶ --set ─▶ ${params} ─▶ skeleton ─▶ references ─▶ schemas ─▶ files, shapes
 *     read.ts parse.ts extends.ts sets.ts  params.ts    skeleton.ts references.ts schema.ts  flow.ts
 *     └────── a file ──────┘ └──────────────────────── a variant (variant.ts) ──────────────────────────┘
 *
 * Each phase goes on as far as it can, so that all complaints come at once, but no further than what it
 * builds on: a mistake in one place does not make complaints in others.
 */
import type { Diagnostic } from "../base/diagnostic.js";
import { type Disk, nodeDisk } from "../base/disk.js";
import { err, ok, type Result } from "../base/result.js";
import type { Catalog } from "../catalog/types.js";
import { isComparison, readComparison } from "./comparison.js";
import { Complaints, type OwnReference } from "./complaints.js";
import { resolveExtends } from "./extends.js";
import { joinExperiments, type Part } from "./join.js";
import { Files } from "./read.js";
import { parseSettings } from "./sets.js";
import type { Span } from "./source.js";
import { type MapTree, spanAt } from "./tree.js";
import type { Experiment, LoadedExperiment } from "./types.js";
import { checkVariant, type Variant } from "./variant.js";

export interface LoadOptions {
  /** The kinds that the files can name. */
  readonly catalog: Catalog;
  /** What relative paths of `files` and of `--set` start from, absolute. */
  readonly cwd: string;
  /** Arguments of `--set`: `params.epochs=2`. */
  readonly sets?: readonly string[];
  /** Hears of kinds of the project's own that the catalog does not know: without them nothing can be loaded. */
  readonly onMissing?: (reference: OwnReference) => void;
  /** Default: the real one. */
  readonly disk?: Disk;
}

/**
 * Reads pipelines and comparisons and joins them into one experiment. Nothing is run, no data but labels are read.
 *
 * @param files as typed; a pipeline counts as one variant.
 * @returns the experiment with warnings, or all complaints, sorted by file and place, warnings among them.
 */
export function loadExperiment(files: readonly string[], options: LoadOptions): Result<LoadedExperiment, Diagnostic[]> {
  const { catalog, cwd, disk = nodeDisk } = options;
  const complaints = new Complaints();
  const settings = parseSettings(options.sets ?? [], cwd, complaints);
  const reader = new Files(disk, cwd, complaints);
  const parts: Part[] = [];
  for (const file of files) {
    const read = reader.read(file);
    if (read.tree === null) continue;
    const comparison = isComparison(read.tree) ? readComparison(read.tree, read, reader, catalog, complaints) : null;
    const sources = comparison?.variants ?? [{ ...read, tree: read.tree, namedAt: undefined }];
    const variants = sources.flatMap(({ tree, absolute, shown, namedAt }) => {
      const merged = resolveExtends(tree, [{ absolute, shown }], reader, complaints);
      if (merged === null) return [];
      const variant: Variant = { tree: merged, file: shown, absolute, settings };
      const oneOfSeveral = sources.length + files.length > 2 ? placeOf(merged) : undefined;
      const pipeline = complaints.within(oneOfSeveral, () => checkVariant(variant, catalog, disk, complaints));
      return pipeline === null ? [] : [{ pipeline, namedAt }];
    });
    parts.push({ comparison, variants });
  }
  const experiment: Experiment | null = complaints.errorCount === 0 ? joinExperiments(parts, complaints) : null;
  const all = complaints.list();
  for (const reference of complaints.missing) options.onMissing?.(reference);
  if (experiment === null || complaints.errorCount > 0) return err(all);
  const named = experiment.variants.flatMap(({ stages }) => stages.flatMap((stage) => stage.files));
  const read = new Set([...reader.paths, ...named.map(({ absolute }) => absolute)]);
  return ok({ ...experiment, warnings: all, files: [...read] });
}

/** Where a variant can be told from others: at its name. */
function placeOf(tree: MapTree): Span {
  return tree.entries.get("name")?.value.at ?? spanAt(tree, []);
}
