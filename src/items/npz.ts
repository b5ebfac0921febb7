/**
 * NumPy's archive of arrays: a zip file of `.npy` files, nothing compressed, as `numpy.savez` writes it.
 * Format of the arrays: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
 */
import { Zip, ZipPassThrough } from "fflate";
import { writeBytes } from "./file.js";
import type { ItemTable, NumberColumn } from "./types.js";

/** Sizes and places in a zip file without extensions are numbers of 32 bits. */
const LARGEST = 2 ** 32 - 1;

/** Every column of numbers is an array; names of classes stand once, in `classes`, and not beside each item. */
export function writeNpz(path: string, table: ItemTable): void {
  writeBytes(path, zipped(arrays(table)));
}

/** Whether the file would be larger than such files can be, with some room for the headers. */
export function exceedsNpz({ columns }: ItemTable): boolean {
  const bytes = columns.reduce((sum, { dtype, values }) => sum + (dtype === "text" ? 0 : 4 * values.length), 0);
  return bytes > LARGEST - 2 ** 20;
}

interface Entry {
  readonly name: string;
  readonly parts: readonly Uint8Array[];
}

function arrays({ items, columns, classes }: ItemTable): readonly Entry[] {
  const numbers = columns.filter((column): column is NumberColumn => column.dtype !== "text");
  const entries = numbers.map(({ name, dtype, shape, values }) => ({
    name: `${name}.npy`,
    parts: [npyHeader(dtype === "int32" ? "<i4" : "<f4", [items, ...shape]), bytesOf(values)],
  }));
  return classes === null ? entries : [...entries, { name: "classes.npy", parts: textArray(classes) }];
}

/** Typed arrays are little-endian wherever Node runs. */
function bytesOf({ buffer, byteOffset, byteLength }: Int32Array | Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Version 1.0: magic, version, length of the header, the header padded so that the data begin at a multiple of 64. */
function npyHeader(descr: string, shape: readonly number[]): Uint8Array {
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${tuple}), }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64;
  const header = Buffer.alloc(length, " ");
  header.write("\x93NUMPY\x01\x00", "latin1");
  header.writeUInt16LE(length - 10, 8);
  header.write(text, 10, "latin1");
  header.write("\n", length - 1);
  return header;
}

/** Texts of one length in UTF-32, shorter ones filled up with zeros. */
function textArray(texts: readonly string[]): readonly Uint8Array[] {
  const points = texts.map((text) => Array.from(text, codePoint));
  const width = Math.max(1, ...points.map(({ length }) => length));
  const data = new Int32Array(texts.length * width);
  points.forEach((row, i) => {
    data.set(row, i * width);
  });
  return [npyHeader(`<U${width}`, [texts.length]), bytesOf(data)];
}

/** Half of a pair of surrogates is no character, and no array of texts may hold one. */
function codePoint(character: string): number {
  const point = character.codePointAt(0) as number;
  return point >= 0xd800 && point <= 0xdfff ? 0xfffd : point;
}

/** The pieces of a zip file. All its files are of the first day that the format knows, so that equal tables give equal bytes. */
function* zipped(entries: readonly Entry[]): Iterable<Uint8Array> {
  const pieces: Uint8Array[] = [];
  const archive = new Zip((error, piece) => {
    if (error !== null) throw error;
    pieces.push(piece);
  });
  for (const { name, parts } of entries) {
    const file = new ZipPassThrough(name);
    file.mtime = new Date(1980, 0, 1);
    archive.add(file);
    parts.forEach((part, i) => {
      file.push(part, i === parts.length - 1);
    });
    yield* pieces.splice(0);
  }
  archive.end();
  yield* pieces;
}
