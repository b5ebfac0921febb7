import { fileWriter, ParquetWriter } from "hyparquet-writer";
import { sizeOf } from "../artifact/tensor.js";
import type { ItemColumn, ItemTable } from "./types.js";

type Schema = ConstructorParameters<typeof ParquetWriter>[0]["schema"];

/** Numbers in a group of rows: the library takes rows of several numbers as plain arrays, which are large. */
const GROUP = 1 << 20;

/**
 * A plain column for a single number or a text, a list for several numbers an item, row-major. Nothing is compressed:
 * digits of predictions do not shrink.
 */
export function writeParquet(path: string, { items, columns }: ItemTable): void {
  const schema: Schema = [{ name: "schema", num_children: columns.length }, ...columns.flatMap(schemaOf)];
  const file = new ParquetWriter({
    writer: fileWriter(path),
    schema,
    codec: "UNCOMPRESSED",
    createdBy: "pipe-experiments",
    kvMetadata: [],
  });
  const width = columns.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const rows = Math.max(1, Math.floor(GROUP / width));
  for (let from = 0; from < items; from += rows) {
    const to = Math.min(items, from + rows);
    const columnData = columns.map((column) => ({ name: column.name, data: dataOf(column, from, to) }));
    file.write({ columnData, rowGroupSize: rows });
  }
  file.finish();
}

function schemaOf({ name, dtype, shape }: ItemColumn): Schema {
  if (dtype === "text") {
    return [
      {
        name,
        type: "BYTE_ARRAY",
        converted_type: "UTF8",
        logical_type: { type: "STRING" },
        repetition_type: "OPTIONAL",
      },
    ];
  }
  const type = dtype === "int32" ? "INT32" : "FLOAT";
  if (shape.length === 0) return [{ name, type, repetition_type: "REQUIRED" }];
  return [
    { name, converted_type: "LIST", logical_type: { type: "LIST" }, repetition_type: "REQUIRED", num_children: 1 },
    { name: "list", repetition_type: "REPEATED", num_children: 1 },
    { name: "element", type, repetition_type: "REQUIRED" },
  ];
}

function dataOf({ dtype, shape, values }: ItemColumn, from: number, to: number) {
  if (dtype === "text") return values.slice(from, to);
  if (shape.length === 0) return values.slice(from, to);
  const size = sizeOf(shape);
  return Array.from({ length: to - from }, (_, i) =>
    Array.from(values.slice((from + i) * size, (from + i + 1) * size)),
  );
}
