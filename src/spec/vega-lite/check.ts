import { isObject, type Json, type JsonObject, type JsonPath } from "../../base/json.js";
import { Columns, inlineColumns } from "./columns.js";
import { AGGREGATES, CHANNELS, MARKS, TYPES } from "./grammar.js";
import { type Placed, Reader } from "./reader.js";
import { shapeMistake } from "./shape.js";
import { afterTransform } from "./transforms.js";

/** Table → its columns. */
export type Tables = ReadonlyMap<string, Columns>;

/**
 * Complains of marks, channels, types, tables and columns that a Vega-Lite specification names and that are not there,
 * and of keys and values that have no meaning in it: Vega-Lite itself would draw an empty chart, or say something about its own
 * code. Anything else is reported when the chart is compiled, which is too heavy to do here.
 */
export function checkVegaLite(spec: JsonObject, tables: Tables, placed: Placed): void {
  const { complaints } = placed;
  const before = complaints.errorCount;
  const reader = new Reader(placed);
  new Check(withOwn(tables, spec.datasets), reader).view(spec, Columns.anything, []);
  const mistake = complaints.errorCount === before ? shapeMistake(spec) : null;
  if (mistake !== null) reader.shape(mistake, valueAt(spec, mistake.path));
}

function valueAt(spec: Json, path: JsonPath): Json | undefined {
  return path.reduce<Json | undefined>((value, key) => (value as { [key: string]: Json } | undefined)?.[key], spec);
}

/** A specification may bring tables of its own under names. */
function withOwn(tables: Tables, datasets: Json | undefined): Tables {
  if (!isObject(datasets)) return tables;
  return new Map([...tables, ...Object.entries(datasets).map(([name, rows]) => [name, inlineColumns(rows)] as const)]);
}

/** Keys under which the views of a composed chart stand, besides layers. */
const LISTS = ["hconcat", "vconcat", "concat"];

/** An encoding that stands around layers: each layer shows it, with its own columns. */
interface Shared {
  readonly encoding: JsonObject;
  readonly path: JsonPath;
}

class Check {
  readonly #tables: Tables;
  readonly #reader: Reader;
  /** Of the repetitions around what is looked at: `repeat` of a list, else `row`, `column`, `layer`. */
  #repeated: readonly string[] = [];

  constructor(tables: Tables, reader: Reader) {
    this.#tables = tables;
    this.#reader = reader;
  }

  /**
   * @param given the columns of the view around it.
   * @param shared the encodings around it, the nearest last.
   */
  view(view: Json | undefined, given: Columns, path: JsonPath, shared: readonly Shared[] = []): void {
    if (!isObject(view)) return;
    let columns = this.#data(view.data, given, [...path, "data"]);
    if (Array.isArray(view.transform)) {
      (view.transform as readonly Json[]).forEach((transform, i) => {
        columns = this.#transform(transform, columns, [...path, "transform", i]);
      });
    }
    this.#mark(view.mark, [...path, "mark"]);
    const encodings = isObject(view.encoding)
      ? [...shared, { encoding: view.encoding, path: [...path, "encoding"] }]
      : shared;
    if (Array.isArray(view.layer)) {
      (view.layer as readonly Json[]).forEach((each, i) => {
        this.view(each, columns, [...path, "layer", i], encodings);
      });
    } else this.#encodings(encodings, columns);
    this.#selections(view.params, columns, [...path, "params"]);
    this.#facet(view.facet, columns, [...path, "facet"]);
    this.#repeat(view.repeat, columns, [...path, "repeat"]);
    const around = this.#repeated;
    if (isObject(view.repeat)) this.#repeated = [...around, ...Object.keys(view.repeat)];
    else if (Array.isArray(view.repeat)) this.#repeated = [...around, "repeat"];
    this.view(view.spec, columns, [...path, "spec"]);
    this.#repeated = around;
    for (const key of LISTS) {
      const list = view[key];
      if (!Array.isArray(list)) continue;
      (list as readonly Json[]).forEach((each, i) => {
        this.view(each, columns, [...path, key, i]);
      });
    }
  }

  #data(data: Json | undefined, given: Columns, path: JsonPath): Columns {
    if (!isObject(data)) return given;
    if (data.url !== undefined) {
      this.#reader.wrong(
        "a chart reads the tables of its run only",
        [...path, "url"],
        "Write `data: { name: history }`.",
      );
      return Columns.anything;
    }
    if (data.values !== undefined) return inlineColumns(data.values);
    if (typeof data.name !== "string") return Columns.anything;
    const columns = this.#tables.get(data.name);
    if (columns === undefined) this.#reader.unknown("table", data.name, [...this.#tables.keys()], [...path, "name"]);
    return columns ?? Columns.anything;
  }

  /** A lookup brings columns of another table. */
  #transform(transform: Json, columns: Columns, path: JsonPath): Columns {
    if (!isObject(transform) || !isObject(transform.from))
      return afterTransform(transform, columns, path, this.#reader);
    const { lookup, from, as } = transform;
    if (typeof lookup === "string") this.#reader.field(lookup, columns, [...path, "lookup"]);
    const other = this.#data(from.data, Columns.anything, [...path, "from", "data"]);
    const read = (value: Json | undefined, at: JsonPath) =>
      typeof value === "string" ? [this.#reader.field(value, other, at)] : [];
    read(from.key, [...path, "from", "key"]);
    const fields = Array.isArray(from.fields) ? (from.fields as readonly Json[]) : [];
    const brought = fields.flatMap((field, i) => read(field, [...path, "from", "fields", i]));
    const names = typeof as === "string" ? [as] : Array.isArray(as) ? (as as readonly string[]) : brought;
    return columns.with(names);
  }

  #mark(mark: Json | undefined, path: JsonPath): void {
    const type = isObject(mark) ? mark.type : mark;
    const at = isObject(mark) ? [...path, "type"] : path;
    if (typeof type === "string" && !MARKS.includes(type)) this.#reader.unknown("mark", type, MARKS, at);
  }

  /** A channel of a nearer encoding takes the place of one around it. */
  #encodings(encodings: readonly Shared[], columns: Columns): void {
    encodings.forEach(({ encoding, path }, i) => {
      const nearer = encodings.slice(i + 1).flatMap((each) => Object.keys(each.encoding));
      this.#encoding(encoding, new Set(nearer), columns, path);
    });
  }

  #encoding(encoding: JsonObject, replaced: ReadonlySet<string>, columns: Columns, path: JsonPath): void {
    for (const [channel, definition] of Object.entries(encoding)) {
      if (replaced.has(channel)) continue;
      const at = [...path, channel];
      if (!CHANNELS.includes(channel)) this.#reader.unknown("channel", channel, CHANNELS, at);
      else if (Array.isArray(definition)) {
        (definition as readonly Json[]).forEach((each, i) => {
          this.#definition(each, columns, [...at, i]);
        });
      } else this.#definition(definition, columns, at);
    }
  }

  /** What a channel shows: a field, perhaps under conditions, aggregated, in an order. */
  #definition(definition: Json | undefined, columns: Columns, path: JsonPath): void {
    if (!isObject(definition)) return;
    const { field, type, aggregate, sort, condition } = definition;
    for (const key of ["field", "datum"]) {
      const { [key]: shown } = definition;
      const repeat = isObject(shown) ? shown.repeat : undefined;
      if (typeof repeat === "string" && !this.#repeated.includes(repeat))
        this.#reader.unknown("repeat", repeat, this.#repeated, [...path, key, "repeat"]);
    }
    if (typeof field === "string") this.#reader.field(field, columns, [...path, "field"]);
    if (typeof type === "string" && !TYPES.includes(type)) this.#reader.unknown("type", type, TYPES, [...path, "type"]);
    for (const op of ["argmin", "argmax"]) {
      const by = isObject(aggregate) ? aggregate[op] : undefined;
      if (typeof by === "string") this.#reader.field(by, columns, [...path, "aggregate", op]);
    }
    if (typeof aggregate === "string" && !AGGREGATES.includes(aggregate)) {
      this.#reader.unknown("aggregate", aggregate, AGGREGATES, [...path, "aggregate"]);
    }
    if (isObject(sort) && typeof sort.field === "string")
      this.#reader.field(sort.field, columns, [...path, "sort", "field"]);
    const conditions: readonly Json[] = Array.isArray(condition) ? condition : [condition ?? null];
    conditions.forEach((each, i) => {
      if (!isObject(each)) return;
      const at = Array.isArray(condition) ? [...path, "condition", i] : [...path, "condition"];
      this.#reader.predicate(each.test, columns, [...at, "test"]);
      this.#definition(each, columns, at);
    });
  }

  #selections(params: Json | undefined, columns: Columns, path: JsonPath): void {
    if (!Array.isArray(params)) return;
    (params as readonly Json[]).forEach((param, i) => {
      const select = isObject(param) ? param.select : undefined;
      if (!isObject(select)) return;
      const list = (key: "fields" | "encodings") =>
        Array.isArray(select[key]) ? (select[key] as readonly Json[]) : [];
      list("fields").forEach((field, k) => {
        if (typeof field === "string") this.#reader.field(field, columns, [...path, i, "select", "fields", k]);
      });
      list("encodings").forEach((channel, k) => {
        if (typeof channel === "string" && !CHANNELS.includes(channel)) {
          this.#reader.unknown("channel", channel, CHANNELS, [...path, i, "select", "encodings", k]);
        }
      });
    });
  }

  #facet(facet: Json | undefined, columns: Columns, path: JsonPath): void {
    if (!isObject(facet)) return;
    this.#definition(facet, columns, path);
    for (const key of ["row", "column"]) this.#definition(facet[key], columns, [...path, key]);
  }

  /** Lists of columns, each shown in turn; of layers and others by their key. */
  #repeat(repeat: Json | undefined, columns: Columns, path: JsonPath): void {
    if (isObject(repeat)) for (const key of Object.keys(repeat)) this.#repeat(repeat[key], columns, [...path, key]);
    if (!Array.isArray(repeat)) return;
    (repeat as readonly Json[]).forEach((field, i) => {
      if (typeof field === "string") this.#reader.field(field, columns, [...path, i]);
    });
  }
}
