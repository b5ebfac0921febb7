import { type Attributes, type ConstantData, GraphError, type TensorType } from "../types.js";
import { convOps } from "./conv.js";
import { elementwiseOps } from "./elementwise.js";
import { imageOps } from "./images.js";
import { matmulOps } from "./matmul.js";
import { reduceOps } from "./reduce.js";
import { shapeOps } from "./shape.js";
import type { ConstantLookup, InferContext, OpSpec, OpTable } from "./types.js";

/** What a legal graph is made of, as data: every operator that the engine emits. */
export const OPS: OpTable = { ...elementwiseOps, ...reduceOps, ...matmulOps, ...convOps, ...shapeOps, ...imageOps };

/** The types of a node's outputs; throws a GraphError when operator, inputs or attributes are not legal. */
export function inferTypes(
  op: string,
  inputs: readonly (TensorType | undefined)[],
  attributes: Attributes,
  constantOf: ConstantLookup,
): readonly TensorType[] {
  const spec = OPS[op];
  if (!spec) throw new GraphError(`unknown operator ${op}`);
  const context = contextOf(op, inputs, attributes, constantOf);
  const [fewest, most] = spec.inputs;
  if (inputs.length < fewest || inputs.length > most) {
    context.fail(`${inputs.length} inputs, expected ${fewest === most ? fewest : `${fewest} to ${most}`}`);
  }
  checkAttributes(spec, context);
  return spec.infer(context);
}

function checkAttributes(spec: OpSpec, context: InferContext): void {
  for (const [name, value] of Object.entries(context.attributes)) {
    const type = spec.attributes?.[name];
    if (!type) context.fail(`unknown attribute ${name}`);
    const legal =
      type === "ints"
        ? Array.isArray(value) && value.every(Number.isInteger)
        : type === "string"
          ? typeof value === "string"
          : typeof value === "number" && (type === "float" || Number.isInteger(value));
    if (!legal) context.fail(`attribute ${name} is ${JSON.stringify(value)}, expected ${type}`);
  }
}

function contextOf(
  op: string,
  inputs: readonly (TensorType | undefined)[],
  attributes: Attributes,
  constantOf: ConstantLookup,
): InferContext {
  const fail = (reason: string): never => {
    throw new GraphError(`${op}: ${reason}`);
  };
  const input = (index: number) => inputs[index] ?? fail(`input ${index} is missing`);
  return {
    op,
    inputs,
    attributes,
    fail,
    input,
    constant: (index) => {
      const data: ConstantData | undefined = constantOf(input(index));
      return data ? [...data] : fail(`input ${index} must be a constant`);
    },
    int: (name, fallback) => (attributes[name] as number | undefined) ?? fallback ?? fail(`no attribute ${name}`),
    ints: (name) => attributes[name] as readonly number[] | undefined,
  };
}
