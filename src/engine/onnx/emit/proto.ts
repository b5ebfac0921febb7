import protobuf from "protobufjs/minimal.js";
import { ELEMENT_TYPE_NUMBERS } from "../ops/elementwise.js";
import type { AttributeType } from "../ops/types.js";
import type { Attribute, ConstantData, ElementType } from "../types.js";

/**
 * The ONNX file format, as far as the engine writes it: one interface a message, and the numbers of its fields
 * (https://github.com/onnx/onnx/blob/main/docs/IR.md and the protocol definition beside it).
 */
export interface ModelProto {
  readonly graph: GraphProto;
  /** Operator set version by domain; "" is ONNX's own. */
  readonly opsets: Readonly<Record<string, number>>;
}

export interface GraphProto {
  readonly name: string;
  readonly nodes: readonly NodeProto[];
  readonly initializers: readonly TensorProto[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
}

export interface NodeProto {
  readonly op: string;
  readonly domain: string;
  /** An empty name stands for an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: readonly AttributeProto[];
}

export type AttributeProto =
  | { readonly name: string; readonly type: AttributeType; readonly value: Attribute }
  | { readonly name: string; readonly type: "graph"; readonly value: GraphProto };

export interface TensorProto {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly data: ConstantData;
}

export interface ValueInfo {
  readonly name: string;
  readonly type: ElementType;
  /** A string names a size that only the run knows. */
  readonly shape: readonly (number | string)[];
}

type Writer = protobuf.Writer;
type WriteMessage<T> = (writer: Writer, message: T) => void;

/** The version of the file format that goes with operator set 18. */
const IR_VERSION = 8;
const ATTRIBUTE_TYPE_NUMBERS = { float: 1, int: 2, string: 3, graph: 5, ints: 7 } as const;

export function encodeModel(model: ModelProto): Uint8Array {
  const writer = protobuf.Writer.create();
  writer.uint32(tag(1, VARINT)).int64(IR_VERSION);
  text(writer, 2, "pipe");
  message(writer, 7, model.graph, writeGraph);
  for (const opset of Object.entries(model.opsets)) message(writer, 8, opset, writeOpset);
  return writer.finish();
}

function writeOpset(writer: Writer, [domain, version]: [string, number]): void {
  text(writer, 1, domain);
  writer.uint32(tag(2, VARINT)).int64(version);
}

function writeGraph(writer: Writer, graph: GraphProto): void {
  for (const node of graph.nodes) message(writer, 1, node, writeNode);
  text(writer, 2, graph.name);
  for (const tensor of graph.initializers) message(writer, 5, tensor, writeTensor);
  for (const input of graph.inputs) message(writer, 11, input, writeValueInfo);
  for (const output of graph.outputs) message(writer, 12, output, writeValueInfo);
}

function writeNode(writer: Writer, node: NodeProto): void {
  for (const input of node.inputs) text(writer, 1, input);
  for (const output of node.outputs) text(writer, 2, output);
  text(writer, 4, node.op);
  for (const attribute of node.attributes) message(writer, 5, attribute, writeAttribute);
  if (node.domain !== "") text(writer, 7, node.domain);
}

function writeAttribute(writer: Writer, attribute: AttributeProto): void {
  text(writer, 1, attribute.name);
  switch (attribute.type) {
    case "float":
      writer.uint32(tag(2, FIXED32)).float(attribute.value as number);
      break;
    case "int":
      writer.uint32(tag(3, VARINT)).int64(attribute.value as number);
      break;
    case "string":
      text(writer, 4, attribute.value as string);
      break;
    case "graph":
      message(writer, 6, attribute.value, writeGraph);
      break;
    case "ints":
      for (const item of attribute.value as readonly number[]) writer.uint32(tag(8, VARINT)).int64(item);
      break;
  }
  writer.uint32(tag(20, VARINT)).int32(ATTRIBUTE_TYPE_NUMBERS[attribute.type]);
}

function writeTensor(writer: Writer, tensor: TensorProto): void {
  for (const size of tensor.shape) writer.uint32(tag(1, VARINT)).int64(size);
  writer.uint32(tag(2, VARINT)).int32(ELEMENT_TYPE_NUMBERS[tensor.type]);
  text(writer, 8, tensor.name);
  writer.uint32(tag(9, LENGTH)).bytes(rawData(tensor));
}

/** Little-endian, as every machine that ONNX Runtime's Node binding exists for. */
function rawData({ type, data }: TensorProto): Uint8Array {
  const array =
    data instanceof Float32Array
      ? data
      : type === "int64"
        ? BigInt64Array.from(data, BigInt)
        : type === "int32"
          ? Int32Array.from(data)
          : Uint8Array.from(data);
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function writeValueInfo(writer: Writer, value: ValueInfo): void {
  text(writer, 1, value.name);
  message(writer, 2, value, (type) => message(type, 1, value, writeTensorType));
}

function writeTensorType(writer: Writer, value: ValueInfo): void {
  writer.uint32(tag(1, VARINT)).int32(ELEMENT_TYPE_NUMBERS[value.type]);
  message(writer, 2, value.shape, (shape, sizes) => {
    for (const size of sizes) message(shape, 1, size, writeDimension);
  });
}

function writeDimension(writer: Writer, size: number | string): void {
  if (typeof size === "string") text(writer, 2, size);
  else writer.uint32(tag(1, VARINT)).int64(size);
}

const VARINT = 0;
const LENGTH = 2;
const FIXED32 = 5;

function tag(field: number, wireType: number): number {
  return (field << 3) | wireType;
}

function text(writer: Writer, field: number, value: string): void {
  writer.uint32(tag(field, LENGTH)).string(value);
}

function message<T>(writer: Writer, field: number, value: T, write: WriteMessage<T>): void {
  writer.uint32(tag(field, LENGTH)).fork();
  write(writer, value);
  writer.ldelim();
}
