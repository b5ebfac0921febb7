/** Files of named arrays: safetensors, and the manifests of TensorFlow.js Layers. Headers are checked before anything runs. */
import { err, ok, type Result } from "../base/result.js";
import { shorten } from "../base/suggest.js";

/** The position of an array in a file's data. */
export interface WeightEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: WeightDtype;
  /** In bytes, from the beginning of the file. */
  readonly from: number;
}

type WeightDtype = "float16" | "bfloat16" | "float32" | "float64";

export interface WeightFileProblem {
  readonly code: "weights-file";
  /** After the file's name. */
  readonly message: string;
  readonly received?: string;
  readonly expected?: string;
  readonly fix: string;
}

const BYTES: Readonly<Record<WeightDtype, number>> = { float16: 2, bfloat16: 2, float32: 4, float64: 8 };
const SAFETENSORS: Readonly<Record<string, WeightDtype>> = {
  F16: "float16",
  BF16: "bfloat16",
  F32: "float32",
  F64: "float64",
};
/** The length of the header, in eight bytes. */
const LENGTH_BYTES = 8;
/** The format allows no more. */
const MOST_HEADER = 100_000_000;

/**
 * @param start the file's beginning: its first eight bytes are the length of the header.
 * @returns how many bytes of the beginning hold the header.
 */
export function safetensorsHeader(start: Uint8Array, size: number): Result<number, WeightFileProblem> {
  if (start.length < LENGTH_BYTES) return err(notSafetensors(`${size} bytes`));
  const view = new DataView(start.buffer, start.byteOffset);
  const length = view.getUint32(0, true) + 2 ** 32 * view.getUint32(4, true);
  if (length < 2 || length > MOST_HEADER || LENGTH_BYTES + length > size || start[LENGTH_BYTES] !== 0x7b) {
    return err(
      notSafetensors(`a header of ${length} bytes in a file of ${size}`, `at most ${MOST_HEADER} bytes, and JSON`),
    );
  }
  return ok(LENGTH_BYTES + length);
}

/** The arrays of a safetensors file, by its beginning with the whole header. */
export function safetensorsEntries(head: Uint8Array, size: number): Result<readonly WeightEntry[], WeightFileProblem> {
  const parsed = json(head.subarray(LENGTH_BYTES));
  if (!isObject(parsed)) return err(notSafetensors("a header that is no JSON object"));
  const entries: WeightEntry[] = [];
  for (const [name, about] of Object.entries(parsed)) {
    if (name === "__metadata__") continue;
    const { dtype, shape, data_offsets: offsets } = isObject(about) ? about : {};
    const kind = typeof dtype === "string" ? SAFETENSORS[dtype] : undefined;
    if (kind === undefined) return err(wrongType(name, String(dtype)));
    if (!isShape(shape) || !isShape(offsets)) return err(notSafetensors(`the array ${quoted(name)} without a place`));
    const [from = 0, to] = offsets;
    const entry = { name, shape, dtype: kind, from: head.length + from };
    if (from + bytesOf(entry) !== to) {
      return err(notSafetensors(`the array ${quoted(name)} whose place does not fit its shape`));
    }
    entries.push(entry);
  }
  const found = whole(entries, size);
  const astray = found.ok ? notBehindEachOther(entries, head.length, size) : undefined;
  return astray === undefined ? found : err(astray);
}

/**
 * The arrays of a safetensors file fill its data one behind the other. Where they do not, a header may name one twice: of
 * two keys that are alike, a reader of JSON sees the last.
 */
function notBehindEachOther(
  entries: readonly WeightEntry[],
  start: number,
  size: number,
): WeightFileProblem | undefined {
  let end = start;
  for (const entry of entries.toSorted((a, b) => a.from - b.from || bytesOf(a) - bytesOf(b))) {
    if (entry.from < end) return notSafetensors(`the array ${quoted(entry.name)} that begins inside of another one`);
    if (entry.from > end) return notSafetensors(`${entry.from - end} bytes before ${quoted(entry.name)} of no array`);
    end += bytesOf(entry);
  }
  return end < size ? notSafetensors(`${size - end} bytes at its end of no array`) : undefined;
}

/** The arrays of a `weights.bin` of this size, by the `model.json` beside it. */
export function manifestEntries(manifest: Uint8Array, size: number): Result<readonly WeightEntry[], WeightFileProblem> {
  const parsed = json(manifest);
  const groups = isObject(parsed) && Array.isArray(parsed.weightsManifest) ? parsed.weightsManifest : null;
  if (groups === null) return err(notManifest("no weightsManifest"));
  const paths = groups.flatMap((group) => (isObject(group) && Array.isArray(group.paths) ? group.paths : []));
  if (paths.length !== 1) return err(notManifest(`${paths.length} files of weights`));
  const entries: WeightEntry[] = [];
  let from = 0;
  for (const about of groups.flatMap((group) =>
    isObject(group) && Array.isArray(group.weights) ? group.weights : [],
  )) {
    const { name, shape, dtype } = isObject(about) ? about : {};
    if (typeof name !== "string" || !isShape(shape)) return err(notManifest("an array without a name or a shape"));
    if (dtype !== "float32" || (isObject(about) && "quantization" in about)) return err(wrongType(name, String(dtype)));
    const entry = { name, shape, dtype: "float32" as const, from };
    entries.push(entry);
    from += bytesOf(entry);
  }
  return whole(entries, size);
}

/** An array's values as single precision. */
export function valuesOf(bytes: Uint8Array, entry: WeightEntry): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset + entry.from, bytesOf(entry));
  const read = READERS[entry.dtype];
  return Float32Array.from({ length: bytesOf(entry) / BYTES[entry.dtype] }, (_, i) => read(view, i));
}

const READERS: Readonly<Record<WeightDtype, (view: DataView, i: number) => number>> = {
  float32: (view, i) => view.getFloat32(4 * i, true),
  float64: (view, i) => view.getFloat64(8 * i, true),
  float16: (view, i) => half(view.getUint16(2 * i, true)),
  bfloat16: (view, i) => {
    const word = new DataView(new ArrayBuffer(4));
    word.setUint16(0, view.getUint16(2 * i, true));
    return word.getFloat32(0);
  },
};

/** IEEE 754 binary16: sign, 5 bits of exponent, 10 of fraction. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function bytesOf({ shape, dtype }: Pick<WeightEntry, "shape" | "dtype">): number {
  return shape.reduce((product, n) => product * n, BYTES[dtype]);
}

function whole(entries: readonly WeightEntry[], size: number): Result<readonly WeightEntry[], WeightFileProblem> {
  if (entries.length === 0) return err(none());
  const end = Math.max(...entries.map((entry) => entry.from + bytesOf(entry)));
  return end > size ? err(cut(size, end)) : ok(entries);
}

function json(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isShape(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

/** A name that comes from a file. */
function quoted(name: string): string {
  return `\`${shorten(name)}\``;
}

function notSafetensors(received: string, expected?: string): WeightFileProblem {
  return {
    code: "weights-file",
    message: "is not a safetensors file",
    received,
    ...(expected === undefined ? {} : { expected }),
    fix: "Name a .safetensors file, or the weights.bin of a TensorFlow.js model with its `manifest`.",
  };
}

function notManifest(received: string): WeightFileProblem {
  return {
    code: "weights-file",
    message: "is not the model.json of a TensorFlow.js Layers model with one file of weights",
    received,
    fix: "Name one that `pipe export --format tfjs` wrote, or use a safetensors file.",
  };
}

function wrongType(name: string, received: string): WeightFileProblem {
  return {
    code: "weights-file",
    message: `holds ${quoted(name)}, whose numbers are of a type that is not read`,
    received: shorten(received),
    expected: "F16, BF16, F32 or F64 (float32 in a manifest)",
    fix: "Leave it out of the file, or convert it.",
  };
}

function none(): WeightFileProblem {
  return { code: "weights-file", message: "holds no arrays", fix: "Name a file with weights." };
}

function cut(size: number, end: number): WeightFileProblem {
  return {
    code: "weights-file",
    message: "is cut off",
    received: `${size} bytes`,
    expected: `${end} bytes`,
    fix: "Fetch or write it again.",
  };
}
