import { resolve } from "node:path";
import type { Location } from "../base/diagnostic.js";
import type { JsonPath } from "../base/json.js";
import type { Details } from "./complaints.js";
import { type Checked, placeOf } from "./schema-errors.js";
import { locationOf, type Span } from "./source.js";
import { type MapTree, spanAt, treeAt } from "./tree.js";

/** The parameters of one stage as they were written; paths begin in them. */
export class StageTree {
  readonly params: MapTree;
  readonly #root: MapTree;
  readonly #name: string;

  constructor(name: string, key: Span, params: MapTree) {
    this.params = params;
    this.#name = name;
    // A mapping around it lets the stage's own key stand for the stage.
    this.#root = { type: "map", entries: new Map([[name, { key, value: params }]]), at: key };
  }

  /** What the schema of `kind` is to check. */
  checkedBy(kind: string): Checked {
    return { id: `stages/${kind}`, tree: this.#root, path: [this.#name], what: `the stage \`${this.#name}\`` };
  }

  place(path: JsonPath): Details {
    return placeOf(this.#root, [this.#name, ...path]);
  }

  /** The nearest enclosing place of what was not written. */
  locate(path: JsonPath): Location {
    return locationOf(spanAt(this.#root, [this.#name, ...path]));
  }

  has(path: JsonPath): boolean {
    return treeAt(this.params, path) !== undefined;
  }

  /** The path of a file that is named at `path`: relative to the file in which the name was written. */
  absolutePath(path: JsonPath, name: string): string {
    const folder = treeAt(this.params, path)?.at.source.folder;
    return folder === undefined ? name : resolve(folder, name);
  }
}
