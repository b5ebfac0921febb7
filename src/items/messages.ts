/** What the export of items has to say, so that it can be read side by side. */
import type { Diagnostic } from "../base/diagnostic.js";
import type { EngineName } from "../base/engines.js";
import { didYouMean, orList } from "../base/suggest.js";
import type { ItemsRequest } from "./types.js";

export function otherEngine(wanted: EngineName, name: EngineName, why: readonly Diagnostic[]): Diagnostic {
  const reason = why.map(({ message }) => message).join("; ");
  return {
    code: "engine-fallback",
    severity: "warning",
    message: `${name} computes, and the last digits may differ: ${wanted}, which computed the run, cannot be used here (${reason})`,
    fix: "Run `pipe doctor` to see what is missing.",
  };
}

export function unknownSplit(variant: string, split: string, splits: readonly string[]): Diagnostic {
  return {
    code: "unknown-split",
    severity: "error",
    message: `the data of ${variant} have no split ${split}`,
    expected: orList(splits),
    fix: didYouMean(split, splits) ?? "Name one of these with --split.",
  };
}

export function nothingToTell(variant: string, { groups }: ItemsRequest): Diagnostic {
  return {
    code: "nothing-to-export",
    severity: "warning",
    message: `${variant} has no ${orList(groups)}: its model makes none`,
    fix: "Ask for other columns with --columns.",
  };
}

export function tooLarge(variant: string, split: string): Diagnostic {
  return {
    code: "export-too-large",
    severity: "error",
    message: `${variant}: an NPZ file holds 4 GiB at most, and the split ${split} has more`,
    fix: "Write it as Parquet, or leave columns out with --columns.",
  };
}
