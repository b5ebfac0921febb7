import { didYouMean, oneOf } from "../base/suggest.js";
import type { RawComparison } from "./comparison.js";
import type { Complaints } from "./complaints.js";
import type { Span } from "./source.js";
import type { Experiment, Pipeline } from "./types.js";

/** What one file on the command line brings. */
export interface Part {
  /** Null for a pipeline. */
  readonly comparison: RawComparison | null;
  readonly variants: readonly { readonly pipeline: Pipeline; readonly namedAt: Span | undefined }[];
}

/** All variants side by side. Null after a complaint, or without any variant. */
export function joinExperiments(parts: readonly Part[], complaints: Complaints): Experiment | null {
  const variants = parts.flatMap((part) => part.variants);
  const [first] = variants;
  if (first === undefined) {
    complaints.error("missing-file", "there is nothing to run", { fix: "Name a pipeline or a comparison." });
    return null;
  }
  complainOfTwins(variants, complaints);
  const comparisons = parts.flatMap(({ comparison }) => comparison ?? []);
  const names = variants.map(({ pipeline }) => pipeline.name);
  const asked = comparisons.find(({ baseline }) => baseline !== undefined)?.baseline;
  if (asked !== undefined && !names.includes(asked.name)) {
    complaints.error("unknown-variant", `there is no variant \`${asked.name}\` to be the baseline`, {
      at: asked.at,
      expected: oneOf(names),
      fix: didYouMean(asked.name, names) ?? "Name one of the variants.",
    });
  }
  const [only] = comparisons;
  return {
    name: only && comparisons.length === 1 ? only.name : names.join("-").slice(0, 64),
    question: comparisons
      .map(({ question }) => question)
      .filter(Boolean)
      .join(" "),
    description: describeAll(
      comparisons,
      variants.map(({ pipeline }) => pipeline),
    ),
    variants: variants.map(({ pipeline }) => pipeline),
    baseline: asked?.name ?? first.pipeline.name,
  };
}

function describeAll(comparisons: readonly RawComparison[], pipelines: readonly Pipeline[]): string {
  const texts = comparisons.length > 0 ? comparisons : pipelines.length === 1 ? pipelines : [];
  return texts
    .map(({ description }) => description)
    .filter(Boolean)
    .join(" ");
}

/** Names of variants name files and rows; some file systems do not tell cases apart. */
function complainOfTwins(variants: Part["variants"], complaints: Complaints): void {
  const seen = new Map<string, Pipeline>();
  for (const { pipeline, namedAt } of variants) {
    const key = pipeline.name.toLowerCase();
    const twin = seen.get(key);
    if (twin === undefined) {
      seen.set(key, pipeline);
      continue;
    }
    complaints.error("duplicate-variant", `two variants have the name \`${pipeline.name}\``, {
      at: namedAt,
      received: twin.file === pipeline.file ? pipeline.file : `${twin.file} and ${pipeline.file}`,
      fix: "Give each variant a `name` of its own.",
    });
  }
}
