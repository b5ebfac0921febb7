import type { JsonPath } from "../../base/json.js";
import type { Complaints, Details } from "../complaints.js";
import { placeOf } from "../schema-errors.js";
import type { Span } from "../source.js";
import { keySpanAt, type MapTree, spanAt, type Tree, treeAt } from "../tree.js";

/** Where a part of a model was written: in a stage, or in a block that a stage uses. */
export interface Place {
  readonly root: MapTree;
  readonly path: JsonPath;
  /** Where the blocks are used that it stands in, the innermost first. */
  readonly uses: readonly Span[];
}

export function inside({ root, path, uses }: Place, ...more: JsonPath): Place {
  return { root, path: [...path, ...more], uses };
}

export function treeOf({ root, path }: Place): Tree | undefined {
  return treeAt(root, path);
}

export function spanOf({ root, path }: Place): Span {
  return spanAt(root, path);
}

/** For complaints about something else, where this is named beside. */
export function detailsAt(place: Place): Details {
  return placeOf(place.root, place.path);
}

/** Complaints about this place, and the places that use the block that it stands in. */
export function at(place: Place, complaints: Complaints) {
  const { root, path, uses } = place;
  return {
    error(code: string, message: string, details: Details): void {
      complaints.inBlock(uses, () => complaints.error(code, message, { ...detailsAt(place), ...details }));
    },
    /** About the key at the end of the path, not about its value. */
    keyError(code: string, message: string, details: Details): void {
      complaints.inBlock(uses, () => complaints.error(code, message, { at: keySpanAt(root, path), ...details }));
    },
    warn(code: string, message: string, details: Details): void {
      complaints.inBlock(uses, () => complaints.warn(code, message, { ...detailsAt(place), ...details }));
    },
  };
}
