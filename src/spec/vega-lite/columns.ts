import type { Json } from "../../base/json.js";

/** The columns of a table, as far as they are known before anything runs. */
export class Columns {
  readonly #known: ReadonlySet<string>;
  /** Of a family without end, such as `z1`, `z2`, …; null without one. */
  readonly #pattern: RegExp | null;
  /** Columns that depend on values, as after a pivot: any name may be one. */
  readonly open: boolean;

  constructor(known: Iterable<string>, pattern: RegExp | null = null, open = false) {
    this.#known = new Set(known);
    this.#pattern = pattern;
    this.open = open;
  }

  static readonly anything = new Columns([], null, true);

  has(name: string): boolean {
    return this.open || this.#known.has(name) || this.#pattern?.test(name) === true;
  }

  get names(): readonly string[] {
    return [...this.#known];
  }

  with(names: Iterable<string>): Columns {
    return new Columns([...this.#known, ...names], this.#pattern, this.open);
  }

  opened(): Columns {
    return new Columns(this.#known, this.#pattern, true);
  }
}

/** The column that a field speaks of: `a\.b` and `['a.b']` are one with a dot in its name, `a.b` and `a[0]` look into `a`. */
export function columnOf(field: string): string {
  const [, single, double, bare] = /^\[(?:'([^']*)'|"([^"]*)"|([^\]'"]*))\]/.exec(field) ?? [];
  const bracketed = single ?? double ?? bare;
  if (bracketed !== undefined) return bracketed;
  const [first = ""] = /^(?:\\.|[^.[\\])*/.exec(field) ?? [];
  return first.replace(/\\(.)/g, "$1");
}

/** The columns that an expression reads as `datum.x` or `datum['x']`. */
export function columnsRead(expression: string): readonly string[] {
  const found: string[] = [];
  // Texts first: what stands in them is no code, but for the name in `datum['x']`.
  const tokens =
    /\bdatum\s*\[\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*\]|\bdatum\s*\.\s*([A-Za-z_$][\w$]*)|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g;
  for (const [, single, double, plain] of expression.matchAll(tokens)) {
    const name = single ?? double ?? plain;
    if (name !== undefined) found.push(name);
  }
  return found;
}

/** Keys of the rows that a specification brings itself. */
export function inlineColumns(values: Json): Columns {
  if (!Array.isArray(values)) return Columns.anything;
  const rows = values as readonly Json[];
  const plain = rows.some((row) => row === null || typeof row !== "object" || Array.isArray(row));
  return new Columns([...rows.flatMap((row) => Object.keys(row as object)), ...(plain ? ["data"] : [])], null, plain);
}
