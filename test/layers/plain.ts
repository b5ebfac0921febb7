/** The plainest use of every kind of layer, by its schema and its facts: tests that loop over kinds need a list of special ones only. */
import { readFileSync } from "node:fs";
import { kindNames } from "../../src/gen/tables.js";
import { layerFacts, layerShape } from "../../src/layers/index.js";
import { complete } from "../onnx/support/models.js";

type Params = Readonly<Record<string, unknown>>;

export interface PlainLayer {
  readonly input: readonly number[];
  /** Only those that must be written. */
  readonly params: Params;
}

interface Property {
  readonly type?: string | readonly string[];
  readonly enum?: readonly string[];
  readonly minimum?: number;
}

const INPUTS = [[4], [5, 3], [6, 6, 2]];

/** `listed`, and for every other kind that one input is enough for, what `make` makes of its plainest use. */
export function withPlain<T>(
  listed: Readonly<Record<string, T>>,
  make: (kind: string, plain: PlainLayer) => T,
): Readonly<Record<string, T>> {
  const others = (kindNames.layers?.names ?? []).filter((kind) => !(kind in listed) && takesOne(kind));
  return { ...listed, ...Object.fromEntries(others.map((kind) => [kind, make(kind, plainLayer(kind))])) };
}

function takesOne(kind: string): boolean {
  return (layerFacts(kind).inputs?.[0] ?? 1) === 1;
}

function plainLayer(kind: string): PlainLayer {
  const file = new URL(`../../schemas/layers/${kind}.schema.json`, import.meta.url);
  const { required = [], properties = {} } = JSON.parse(readFileSync(file, "utf8")) as {
    required?: string[];
    properties?: Record<string, Property>;
  };
  const params = Object.fromEntries(required.map((key) => [key, plainValue(kind, key, properties[key] ?? {})]));
  const resolved = complete("layers", { [kind]: params })[kind];
  const input = INPUTS.find((shape) => layerShape(kind, resolved, [shape]).ok);
  if (input === undefined) throw new Error(`${kind} takes none of the usual shapes: list an example of it`);
  return { input, params };
}

function plainValue(kind: string, key: string, property: Property): unknown {
  const { enum: values, minimum = 0 } = property;
  const types = [property.type ?? []].flat();
  if (values !== undefined) return values[0];
  if (types.includes("integer")) return Math.max(2, minimum);
  if (types.includes("number")) return Math.max(0.3, minimum);
  if (types.includes("boolean")) return true;
  throw new Error(`nothing is known to write as ${key} of ${kind}: list an example of it`);
}
