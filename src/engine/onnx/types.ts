/** What an element of a value is. Computation is in float32; the others are indices, masks and stored inputs. */
export type ElementType = "float32" | "int64" | "int32" | "bool" | "uint8";

export interface TensorType {
  readonly type: ElementType;
  /** Static: every batch size has a graph of its own. */
  readonly shape: readonly number[];
}

export type Attribute = number | string | readonly number[];
export type Attributes = Readonly<Record<string, Attribute>>;

/** Elements of a constant: float32 as such, whole numbers and booleans (0 or 1) as plain numbers. */
export type ConstantData = Float32Array | readonly number[];

/** A mistake in a graph, or in the building of one: a bug of the engine, never of its user. */
export class GraphError extends Error {
  override readonly name = "GraphError";
}
