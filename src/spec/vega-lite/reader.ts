import { isObject, type Json, type JsonPath } from "../../base/json.js";
import { didYouMean, oneOf, orList, shorten } from "../../base/suggest.js";
import type { Complaints, Details } from "../complaints.js";
import { describe } from "../tree.js";
import { type Columns, columnOf, columnsRead } from "./columns.js";
import type { ShapeMistake } from "./shape.js";

export interface Placed {
  readonly complaints: Complaints;
  /** Where a part of the specification was written. */
  place(path: JsonPath): Details;
}

/** Reads names in a specification and complains of those that name nothing. */
export class Reader {
  readonly #placed: Placed;

  constructor(placed: Placed) {
    this.#placed = placed;
  }

  /** The name of a column, which it returns. */
  field(field: string, columns: Columns, path: JsonPath): string {
    const name = columnOf(field);
    if (!columns.has(name)) this.unknown("field", name, columns.names, path);
    return name;
  }

  expression(text: Json | undefined, columns: Columns, path: JsonPath): void {
    if (typeof text !== "string") return;
    for (const name of columnsRead(text)) {
      // Encodings make columns of their own, named by what they were made from.
      const made = name.startsWith("__") || columns.names.some((known) => name.includes(`_${known}`));
      if (!made && !columns.has(name)) this.unknown("field", name, columns.names, path);
    }
  }

  /** A condition: an expression, a comparison of a field, or several under `and`, `or`, `not`. */
  predicate(value: Json | undefined, columns: Columns, path: JsonPath): void {
    if (typeof value === "string") this.expression(value, columns, path);
    if (Array.isArray(value)) {
      (value as readonly Json[]).forEach((each, i) => {
        this.predicate(each, columns, [...path, i]);
      });
    }
    if (!isObject(value)) return;
    if (typeof value.field === "string") this.field(value.field, columns, [...path, "field"]);
    for (const key of ["and", "or", "not"]) this.predicate(value[key], columns, [...path, key]);
  }

  unknown(what: string, name: string, known: readonly string[], path: JsonPath): void {
    this.#placed.complaints.error(`unknown-${what}`, `there is no ${WHAT[what] ?? what} \`${shorten(name)}\` here`, {
      ...this.#placed.place(path),
      expected: known.length === 0 ? undefined : oneOf(known),
      fix:
        didYouMean(name, known) ??
        (known.length === 0
          ? "Remove it."
          : `Name ${what === "field" ? "a column that the table has" : "one of these"}.`),
    });
  }

  /** Of what Vega-Lite's own schema does not allow. */
  shape({ path, unknown, missing, words, types }: ShapeMistake, value: Json | undefined): void {
    const { complaints } = this.#placed;
    const at = this.#placed.place(path);
    const names = [...words].sort();
    if (unknown !== undefined) {
      complaints.error("unknown-key", `Vega-Lite knows no key \`${shorten(unknown)}\` here`, {
        ...this.#placed.place([...path, unknown]),
        expected: oneOf(names),
        fix: didYouMean(unknown, names) ?? "Remove it: Vega-Lite would pass over it.",
      });
    } else if (missing) {
      const keys = names.map((name) => `\`${name}: …\``);
      complaints.error("missing-key", "Vega-Lite needs one key more here", { ...at, fix: `Add ${orList(keys)}.` });
    } else {
      const near = typeof value === "string" ? didYouMean(value, names) : undefined;
      complaints.error("wrong-value", "Vega-Lite does not take this value here", {
        ...at,
        received: describe(value),
        expected: [...(names.length > 0 ? [oneOf(names)] : []), ...types].join(", or "),
        fix: near ?? "Write what Vega-Lite takes here: https://vega.github.io/vega-lite/docs/ describes it.",
      });
    }
  }

  wrong(message: string, path: JsonPath, fix: string): void {
    this.#placed.complaints.error("wrong-value", message, { ...this.#placed.place(path), fix });
  }
}

const WHAT: Readonly<Record<string, string>> = {
  field: "column",
  channel: "channel of an encoding",
  transform: "transformation",
  type: "type of data",
  table: "table",
  mark: "mark",
  aggregate: "aggregate",
  repeat: "repetition",
};
