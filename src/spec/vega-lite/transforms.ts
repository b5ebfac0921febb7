import { isObject, type Json, type JsonObject, type JsonPath } from "../../base/json.js";
import { Columns } from "./columns.js";
import { AGGREGATES, TRANSFORMS } from "./grammar.js";
import type { Reader } from "./reader.js";

/** Complains of what a transformation reads and is not there; returns the columns after it. */
export function afterTransform(transform: Json, columns: Columns, path: JsonPath, reader: Reader): Columns {
  if (!isObject(transform)) return columns;
  const kinds = TRANSFORMS.filter((each) => Object.hasOwn(transform, each));
  // Several kinds have an extent too.
  const kind = kinds.find((each) => each !== "extent") ?? kinds[0];
  if (kind === undefined) {
    const [first = ""] = Object.keys(transform);
    reader.unknown("transform", first, TRANSFORMS, [...path, first]);
    return columns.opened();
  }
  const step = steps[kind] ?? (() => columns.opened());
  return step({ transform, columns, path, reader });
}

interface Step {
  readonly transform: JsonObject;
  readonly columns: Columns;
  readonly path: JsonPath;
  readonly reader: Reader;
}

/** Names of new columns: `as` is one, a list, or left out. */
function named({ transform }: Step, ...otherwise: readonly string[]): readonly string[] {
  const { as } = transform;
  if (typeof as === "string") return [as, ...otherwise.slice(1).map((_, i) => (i === 0 ? `${as}_end` : as))];
  return Array.isArray(as) ? as.filter((name): name is string => typeof name === "string") : otherwise;
}

/** Reads the columns that stand under some keys: one, or a list. */
function read({ transform, columns, path, reader }: Step, ...keys: readonly string[]): readonly string[] {
  return keys.flatMap((key) => {
    const value = transform[key];
    const list: readonly (readonly [Json, JsonPath])[] = Array.isArray(value)
      ? value.map((item, i) => [item as Json, [...path, key, i]] as const)
      : [[value ?? null, [...path, key]]];
    return list.flatMap(([field, at]) => (typeof field === "string" ? [reader.field(field, columns, at)] : []));
  });
}

/** In a transformation a whole row may be taken, too: that of the least or the greatest value. */
const OPERATIONS = [...AGGREGATES, "argmax", "argmin"];

/** Fields under `op` and `field`, and the new columns that they make. */
function operations({ transform, columns, path, reader }: Step, key: string): readonly string[] {
  const list = transform[key];
  if (!Array.isArray(list)) return [];
  return (list as readonly Json[]).flatMap((operation, i) => {
    if (!isObject(operation)) return [];
    const { op, field, as } = operation;
    if (typeof field === "string") reader.field(field, columns, [...path, key, i, "field"]);
    if (typeof op === "string" && key !== "window" && !OPERATIONS.includes(op)) {
      reader.unknown("aggregate", op, OPERATIONS, [...path, key, i, "op"]);
    }
    return typeof as === "string" ? [as] : [`${op}${typeof field === "string" ? `_${field}` : ""}`];
  });
}

function sorted(step: Step): void {
  const { sort } = step.transform;
  if (!Array.isArray(sort)) return;
  (sort as readonly Json[]).forEach((each, i) => {
    if (isObject(each) && typeof each.field === "string") {
      step.reader.field(each.field, step.columns, [...step.path, "sort", i, "field"]);
    }
  });
}

const steps: Readonly<Record<string, (step: Step) => Columns>> = {
  aggregate: (step) => new Columns([...read(step, "groupby"), ...operations(step, "aggregate")]),
  joinaggregate: (step) => {
    read(step, "groupby");
    return step.columns.with(operations(step, "joinaggregate"));
  },
  window: (step) => {
    read(step, "groupby");
    sorted(step);
    return step.columns.with(operations(step, "window"));
  },
  bin: (step) => {
    read(step, "field");
    return step.columns.with(named(step, "bin", "bin_end"));
  },
  timeUnit: (step) => {
    read(step, "field");
    return step.columns.with(named(step, "time", "time_end"));
  },
  calculate: (step) => {
    step.reader.expression(step.transform.calculate, step.columns, [...step.path, "calculate"]);
    return step.columns.with(named(step));
  },
  filter: (step) => {
    step.reader.predicate(step.transform.filter, step.columns, [...step.path, "filter"]);
    return step.columns;
  },
  fold: (step) => {
    read(step, "fold");
    return step.columns.with(named(step, "key", "value"));
  },
  flatten: (step) => step.columns.with([...read(step, "flatten"), ...named(step)]),
  stack: (step) => {
    read(step, "stack", "groupby");
    sorted(step);
    return step.columns.with(named(step, "stack", "stack_end"));
  },
  impute: (step) => {
    read(step, "impute", "key", "groupby");
    return step.columns;
  },
  density: (step) => {
    read(step, "density");
    return new Columns([...read(step, "groupby"), ...named(step, "value", "density")]);
  },
  quantile: (step) => {
    read(step, "quantile");
    return new Columns([...read(step, "groupby"), ...named(step, "prob", "value")]);
  },
  regression: (step) => curve(step, "regression"),
  loess: (step) => curve(step, "loess"),
  pivot: (step) => {
    read(step, "pivot", "value");
    return new Columns(read(step, "groupby")).opened();
  },
  extent: (step) => {
    read(step, "extent");
    return step.columns;
  },
  sample: ({ columns }) => columns,
};

function curve(step: Step, key: string): Columns {
  const axes = read(step, "on", key);
  return new Columns([...read(step, "groupby"), ...named(step, ...axes), "rSquared", "coef"]);
}
