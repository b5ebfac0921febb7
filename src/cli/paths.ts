import { resolve } from "node:path";
import { pathBelow } from "../base/paths.js";

export const DEFAULT_RUNS = "runs";

/** Where a program is called from and where it keeps its results. */
export interface Place {
  /** Default: the process's. Relative paths start here. */
  readonly cwd?: string;
  /** The runs directory. Default: `runs`. */
  readonly runs?: string;
}

export function cwdOf(place: Place): string {
  return place.cwd ?? process.cwd();
}

/** Absolute. */
export function runsDirOf(place: Place): string {
  return resolve(cwdOf(place), place.runs ?? DEFAULT_RUNS);
}

/** A path as the user would type it: relative where it lies below the working directory. */
export function shownPath(path: string, cwd: string): string {
  const below = pathBelow(cwd, path);
  return below === null || below === "." ? path : below;
}
