import type { ElementType } from "../types.js";
import { type AttributeType, broadcast, type InferContext, type OpSpec, type OpTable, typed } from "./types.js";

/** Element types by the number that ONNX gives them, which the `to` of a Cast speaks. */
export const ELEMENT_TYPE_NUMBERS: Readonly<Record<ElementType, number>> = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
};

function unary(attributes: Record<string, AttributeType> = {}): OpSpec {
  return {
    inputs: [1, 1],
    attributes,
    infer: (context) => typed(expectType(context, 0, "float32"), context.input(0).shape),
  };
}

function predicate(input: ElementType): OpSpec {
  return {
    inputs: [1, 1],
    infer: (context) => {
      expectType(context, 0, input);
      return typed("bool", context.input(0).shape);
    },
  };
}

/** Operands of one type, broadcast against each other. */
function broadcasting(arity: readonly [number, number], result?: ElementType, operand?: ElementType): OpSpec {
  return {
    inputs: arity,
    infer: (context) => {
      const type = expectType(context, 0, operand);
      context.inputs.forEach((_, i) => {
        expectType(context, i, type);
      });
      return typed(result ?? type, broadcastInputs(context));
    },
  };
}

function expectType(context: InferContext, index: number, type?: ElementType): ElementType {
  const actual = context.input(index).type;
  if (type !== undefined && actual !== type) context.fail(`input ${index} is ${actual}, not ${type}`);
  return actual;
}

function broadcastInputs(context: InferContext): readonly number[] {
  const shapes = context.inputs.map((_, i) => context.input(i).shape);
  return broadcast(shapes) ?? context.fail(`shapes ${shapes.map((s) => `[${s}]`).join(" ")} do not broadcast`);
}

const UNARY =
  "Abs Neg Exp Log Sqrt Relu Sigmoid Tanh Floor Ceil Round Sin Cos Tan Asin Acos Atan Sinh Cosh Asinh Acosh Atanh Erf Sign Reciprocal Softplus";

export const elementwiseOps: OpTable = {
  ...Object.fromEntries(UNARY.split(" ").map((op) => [op, unary()])),
  Elu: unary({ alpha: "float" }),
  Selu: unary({ alpha: "float", gamma: "float" }),
  LeakyRelu: unary({ alpha: "float" }),
  Softmax: unary({ axis: "int" }),
  LogSoftmax: unary({ axis: "int" }),
  Identity: { inputs: [1, 1], infer: (context) => [context.input(0)] },
  Cast: {
    inputs: [1, 1],
    attributes: { to: "int" },
    infer: (context) => {
      const to = context.int("to");
      const type = Object.entries(ELEMENT_TYPE_NUMBERS).find(([, number]) => number === to)?.[0];
      return typed(
        (type as ElementType | undefined) ?? context.fail(`casts to unknown type ${to}`),
        context.input(0).shape,
      );
    },
  },
  Clip: {
    inputs: [1, 3],
    infer: (context) => {
      for (const bound of [1, 2]) {
        if (context.inputs[bound] && context.input(bound).shape.length > 0) context.fail(`bound ${bound} is no scalar`);
      }
      return [context.input(0)];
    },
  },
  IsNaN: predicate("float32"),
  IsInf: predicate("float32"),
  Not: predicate("bool"),
  ...Object.fromEntries(["Add", "Sub", "Mul", "Div", "Pow"].map((op) => [op, broadcasting([2, 2])])),
  ...Object.fromEntries(["Max", "Min"].map((op) => [op, broadcasting([1, 1000], "float32", "float32")])),
  ...Object.fromEntries(
    ["Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Equal"].map((op) => [op, broadcasting([2, 2], "bool")]),
  ),
  ...Object.fromEntries(["And", "Or"].map((op) => [op, broadcasting([2, 2], "bool", "bool")])),
  PRelu: broadcasting([2, 2]),
  Where: {
    inputs: [3, 3],
    infer: (context) => {
      expectType(context, 0, "bool");
      expectType(context, 2, expectType(context, 1));
      return typed(context.input(1).type, broadcastInputs(context));
    },
  },
};
