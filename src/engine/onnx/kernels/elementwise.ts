import * as tf from "@tensorflow/tfjs-core";
import type { Value } from "../ir.js";
import { sameShape, sizeOf } from "../ops/types.js";
import type { KernelCall, TraceKernel, TraceKernels } from "../trace/call.js";
import type { Attributes } from "../types.js";

/** One input called x, one operator. */
export function unary(op: string, attributes: (call: KernelCall) => Attributes = () => ({})): TraceKernel {
  return (call) => call.result(call.op(op, [call.float("x")], attributes(call)), call.tensor("x").dtype);
}

/** A composition of operators on the input x. */
function formula(build: (x: Value, call: KernelCall) => Value): TraceKernel {
  return (call) => call.result(build(call.float("x"), call));
}

function binary(op: string): TraceKernel {
  return (call) => {
    const dtype = tf.upcastType(call.tensor("a").dtype, call.tensor("b").dtype);
    return call.result(call.op(op, [call.float("a"), call.float("b")]), dtype);
  };
}

function compare(op: string): TraceKernel {
  return (call) => call.result(call.op(op, [call.float("a"), call.float("b")]), "bool");
}

function logical(op: string): TraceKernel {
  return (call) => call.result(call.op(op, [call.bool("a"), call.bool("b")]), "bool");
}

/** An activation that a fused kernel may carry; `undefined` is linear. */
export function activate(call: KernelCall, value: Value, activation: string | undefined): Value {
  switch (activation) {
    case undefined:
    case "linear":
      return value;
    case "relu":
      return call.op("Relu", [value]);
    case "relu6":
      return call.op("Clip", [value, call.scalar(0), call.scalar(6)]);
    case "elu":
      return call.op("Elu", [value], { alpha: 1 });
    case "sigmoid":
      return call.op("Sigmoid", [value]);
    case "leakyrelu":
      return call.op("LeakyRelu", [value], { alpha: call.attribute<number>("leakyreluAlpha") });
    case "prelu":
      return call.op("PRelu", [value, call.float("preluActivationWeights")]);
    default:
      return call.fail(`the fused activation ${activation}`);
  }
}

function castKernel(call: KernelCall) {
  const x = call.tensor("x");
  const to = call.attribute<tf.DataType>("dtype");
  if (to === "bool") return call.result(call.bool("x"), to);
  // Towards zero, as tfjs does; booleans and integers already are whole.
  if (to === "int32" && x.dtype === "float32") return call.result(call.as("x", "int32"), to);
  return call.alias("x", x.shape, to);
}

function fill(value: number): TraceKernel {
  return (call) => {
    const { shape, dtype } = call.tensor("x");
    const values = dtype === "float32" ? new Float32Array(sizeOf(shape)) : new Int32Array(sizeOf(shape));
    return call.constant(values.fill(value), shape, dtype);
  };
}

function addN(call: KernelCall) {
  const values = call.names().map((name) => call.float(name));
  return call.result(values.reduce((sum, value) => call.op("Add", [sum, value])));
}

/** 0 below zero, 1 above; for a slope other than 0 it takes that value below, and at NaN stays NaN. */
function step(call: KernelCall) {
  const alpha = call.attribute<number>("alpha");
  const above = call.op("Greater", [call.float("x"), call.scalar(0)]);
  if (alpha === 0) return call.result(call.cast(above, "float32"));
  return call.result(call.op("Where", [above, call.scalar(1), call.scalar(alpha)]));
}

/** dy where y ≥ 0, dy · (y + 1) below: y is the activation's output. */
function eluGrad(call: KernelCall) {
  const slope = call.op("Add", [call.op("Min", [call.float("y"), call.scalar(0)]), call.scalar(1)]);
  return call.result(call.op("Mul", [call.float("dy"), slope]));
}

function select(call: KernelCall) {
  const { shape, dtype } = call.tensor("t");
  let condition = call.bool("condition");
  if (condition.shape.length === 1 && shape.length > 1) {
    condition = call.reshape(condition, [condition.shape[0] as number, ...shape.slice(1).map(() => 1)]);
  }
  return call.result(call.op("Where", [condition, call.float("t"), call.float("e")]), dtype);
}

/** tfjs divides towards minus infinity and keeps the divisor's sign in the remainder. */
function mod(call: KernelCall) {
  const a = call.float("a");
  const b = call.float("b");
  const quotient = call.op("Floor", [call.op("Div", [a, b])]);
  return call.result(call.op("Sub", [a, call.op("Mul", [quotient, b])]), call.tensor("a").dtype);
}

function broadcastTo(call: KernelCall) {
  const shape = call.attribute<number[]>("shape");
  const x = call.tensor("x");
  if (sameShape(shape, x.shape)) return call.alias("x", shape);
  return call.result(call.op("Expand", [call.float("x"), call.ints(shape)]), x.dtype);
}

export const elementwiseKernels: TraceKernels = {
  Abs: unary("Abs"),
  Acos: unary("Acos"),
  Acosh: unary("Acosh"),
  Asin: unary("Asin"),
  Asinh: unary("Asinh"),
  Atan: unary("Atan"),
  Atanh: unary("Atanh"),
  Ceil: unary("Ceil"),
  Cos: unary("Cos"),
  Cosh: unary("Cosh"),
  Elu: unary("Elu", () => ({ alpha: 1 })),
  Erf: unary("Erf"),
  Exp: unary("Exp"),
  Floor: unary("Floor"),
  LeakyRelu: unary("LeakyRelu", (call) => ({ alpha: call.attribute<number>("alpha") })),
  Log: unary("Log"),
  Neg: unary("Neg"),
  Reciprocal: unary("Reciprocal"),
  Relu: unary("Relu"),
  Round: unary("Round"),
  Selu: unary("Selu", () => ({ alpha: 1.6732632423543772, gamma: 1.0507009873554805 })),
  Sigmoid: unary("Sigmoid"),
  Sign: unary("Sign"),
  Sin: unary("Sin"),
  Sinh: unary("Sinh"),
  Softplus: unary("Softplus"),
  Sqrt: unary("Sqrt"),
  Tan: unary("Tan"),
  Tanh: unary("Tanh"),
  Expm1: formula((x, call) => call.op("Sub", [call.op("Exp", [x]), call.scalar(1)])),
  Log1p: formula((x, call) => call.op("Log", [call.op("Add", [x, call.scalar(1)])])),
  Rsqrt: formula((x, call) => call.op("Reciprocal", [call.op("Sqrt", [x])])),
  Square: formula((x, call) => call.op("Mul", [x, x])),
  Relu6: formula((x, call) => call.op("Clip", [x, call.scalar(0), call.scalar(6)])),
  ClipByValue: (call) => {
    const bounds = ["clipValueMin", "clipValueMax"].map((name) => call.scalar(call.attribute<number>(name)));
    return call.result(call.op("Clip", [call.float("x"), ...bounds]));
  },
  Prelu: (call) => call.result(call.op("PRelu", [call.float("x"), call.float("alpha")])),
  EluGrad: eluGrad,
  Step: step,

  Add: binary("Add"),
  Sub: binary("Sub"),
  Multiply: binary("Mul"),
  RealDiv: binary("Div"),
  Maximum: binary("Max"),
  Minimum: binary("Min"),
  Pow: binary("Pow"),
  AddN: addN,
  Mod: mod,
  FloorDiv: (call) => call.result(call.op("Floor", [call.op("Div", [call.float("a"), call.float("b")])]), "int32"),
  SquaredDifference: (call) => {
    const difference = call.op("Sub", [call.float("a"), call.float("b")]);
    return call.result(call.op("Mul", [difference, difference]));
  },

  Equal: compare("Equal"),
  Greater: compare("Greater"),
  GreaterEqual: compare("GreaterOrEqual"),
  Less: compare("Less"),
  LessEqual: compare("LessOrEqual"),
  NotEqual: (call) => {
    const equal = call.op("Equal", [call.float("a"), call.float("b")]);
    return call.result(call.op("Not", [equal]), "bool");
  },
  LogicalAnd: logical("And"),
  LogicalOr: logical("Or"),
  LogicalNot: (call) => call.result(call.op("Not", [call.bool("x")]), "bool"),
  IsNan: (call) => call.result(call.op("IsNaN", [call.float("x")]), "bool"),
  IsInf: (call) => call.result(call.op("IsInf", [call.float("x")]), "bool"),
  IsFinite: (call) => {
    const x = call.float("x");
    return call.result(call.op("Not", [call.op("Or", [call.op("IsNaN", [x]), call.op("IsInf", [x])])]), "bool");
  },
  Select: select,

  Cast: castKernel,
  Identity: (call) => call.alias("x", call.shape("x")),
  BroadcastTo: broadcastTo,
  ZerosLike: fill(0),
  OnesLike: fill(1),
};
