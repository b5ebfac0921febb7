import type { Attributes, ConstantData, ElementType, TensorType } from "../types.js";

export type AttributeType = "int" | "float" | "string" | "ints";

/** What `infer` may look at: input types, attributes, and the elements of inputs that are constants. */
export interface InferContext {
  readonly op: string;
  readonly inputs: readonly (TensorType | undefined)[];
  readonly attributes: Attributes;
  /** An input that must be there. */
  input(index: number): TensorType;
  /** Whole numbers of a constant input such as axes; throws when it is not a constant. */
  constant(index: number): readonly number[];
  int(name: string, fallback?: number): number;
  ints(name: string): readonly number[] | undefined;
  fail(reason: string): never;
}

/** One legal operator: how many inputs, which attributes, and what comes out. */
export interface OpSpec {
  /** Fewest and most inputs. */
  readonly inputs: readonly [number, number];
  readonly attributes?: Readonly<Record<string, AttributeType>>;
  readonly infer: (context: InferContext) => readonly TensorType[];
}

export type OpTable = Readonly<Record<string, OpSpec>>;
export type ConstantLookup = (value: TensorType) => ConstantData | undefined;

export function typed(type: ElementType, shape: readonly number[]): readonly TensorType[] {
  return [{ type, shape }];
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i]);
}

/** The shape that NumPy's rule gives to several operands; `undefined` when they do not fit. */
export function broadcast(shapes: readonly (readonly number[])[]): readonly number[] | undefined {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  const result = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    for (let i = 0; i < shape.length; i++) {
      const at = rank - shape.length + i;
      const n = shape[i] as number;
      if (n === 1 || n === result[at]) continue;
      if (result[at] !== 1) return undefined;
      result[at] = n;
    }
  }
  return result;
}

/** An axis counted from the front. */
export function positiveAxis(context: InferContext, axis: number, rank: number): number {
  const positive = axis < 0 ? axis + rank : axis;
  if (positive < 0 || positive >= Math.max(rank, 1)) context.fail(`axis ${axis} of rank ${rank}`);
  return positive;
}
