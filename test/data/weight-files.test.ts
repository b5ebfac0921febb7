import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { manifestEntries, safetensorsEntries, safetensorsHeader, valuesOf } from "../../src/data/weight-files.js";
import { value } from "../stages/support.js";

const folder = join(import.meta.dirname, "weights");
const file = new Uint8Array(readFileSync(join(folder, "weights.safetensors")));

function entriesOf(bytes: Uint8Array) {
  const header = safetensorsHeader(bytes.subarray(0, 16), bytes.length);
  return header.ok ? safetensorsEntries(bytes.subarray(0, header.value), bytes.length) : header;
}

/** A file with this header, and as many bytes of data. */
function made(header: unknown, data = 64): Uint8Array {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 8);
  return bytes;
}

describe("a safetensors file", () => {
  it("is read as the format's own library wrote it", () => {
    const expected = JSON.parse(readFileSync(join(folder, "values.json"), "utf8"));
    const entries = value(entriesOf(file) as never) as Parameters<typeof valuesOf>[1][];
    const read = entries.map((entry) => [entry.name, { shape: entry.shape, values: [...valuesOf(file, entry)] }]);
    const single = Object.entries(expected as Record<string, { shape: number[]; values: number[] }>).map(
      ([name, array]) => [name, { ...array, values: array.values.map(Math.fround) }],
    );
    expect(Object.fromEntries(read)).toEqual(Object.fromEntries(single));
  });

  it("reads bfloat16", () => {
    const bytes = made({ a: { dtype: "BF16", shape: [2], data_offsets: [0, 4] } }, 4);
    new DataView(bytes.buffer).setUint16(bytes.length - 4, 0x3fc0, true);
    new DataView(bytes.buffer).setUint16(bytes.length - 2, 0xc2f7, true);
    const [entry] = value(entriesOf(bytes) as never) as Parameters<typeof valuesOf>[1][];
    expect([...valuesOf(bytes, entry as never)]).toEqual([1.5, -123.5]);
  });

  const array = { dtype: "F32", shape: [2], data_offsets: [0, 8] };
  const first = JSON.stringify(array);
  const NAMED_TWICE = `{"a":${first},"a":${first.replace("[0,8]", "[8,16]")}}`;
  const long = made("{}");
  new DataView(long.buffer).setUint32(0, 100_000_001, true);
  it.each([
    ["nothing", new Uint8Array(0), "is not a safetensors file"],
    ["text", new TextEncoder().encode("name: not weights, but a text"), "is not a safetensors file"],
    ["no JSON", made("{ no json }"), "is not a safetensors file"],
    ["no arrays", made({ __metadata__: { a: "b" } }), "holds no arrays"],
    ["integers", made({ a: { ...array, dtype: "I64" } }), "holds `a`, whose numbers are of a type that is not read"],
    ["a negative shape", made({ a: { ...array, shape: [-2] } }), "is not a safetensors file"],
    ["a shape that is too large", made({ a: { ...array, shape: [2 ** 40, 2 ** 40] } }), "is not a safetensors file"],
    ["a place in the header", made({ a: { ...array, data_offsets: [-8, 0] } }), "is not a safetensors file"],
    ["a place beyond the end", made({ a: { ...array, data_offsets: [60, 68] } }), "is cut off"],
    [
      "a name of any length",
      made({ ["n".repeat(9000)]: { ...array, dtype: "I8" } }),
      `holds \`${"n".repeat(59)}…\`, whose numbers are of a type that is not read`,
    ],
    ["a place that is no number", made({ a: { ...array, data_offsets: ["x", "y"] } }), "is not a safetensors file"],
    ["a place in quotes", made({ a: { ...array, data_offsets: ["0", "8"] } }, 8), "is not a safetensors file"],
    ["a place between bytes", made({ a: { ...array, data_offsets: [0.5, 8.5] } }, 9), "is not a safetensors file"],
    ["two arrays in one place", made({ a: array, b: array }, 8), "is not a safetensors file"],
    ["data behind the last array", made({ a: array }, 12), "is not a safetensors file"],
    ["a name that occurs twice", made(NAMED_TWICE, 16), "is not a safetensors file"],
    ["a header of more than the format allows", long, "is not a safetensors file"],
  ])("is refused where it is %s", (_, bytes, message) => {
    const entries = entriesOf(bytes);
    expect(entries.ok ? entries.value : entries.error).toMatchObject({ code: "weights-file", message });
  });
});

describe("a manifest", () => {
  const manifest = (weightsManifest: unknown) => new TextEncoder().encode(JSON.stringify({ weightsManifest }));
  const kernel = { name: "dense/kernel", shape: [2, 3], dtype: "float32" };

  it("tells where each array stands", () => {
    const entries = manifestEntries(
      manifest([{ paths: ["weights.bin"], weights: [kernel, { ...kernel, name: "b", shape: [3] }] }]),
      36,
    );
    expect(entries).toMatchObject({
      ok: true,
      value: [
        { name: "dense/kernel", from: 0 },
        { name: "b", from: 24 },
      ],
    });
  });

  it.each([
    [[{ paths: ["a", "b"], weights: [kernel] }], "is not the model.json"],
    [[{ paths: ["a"], weights: [{ ...kernel, quantization: { dtype: "uint8" } }] }], "of a type that is not read"],
    [[{ paths: ["a"], weights: [{ ...kernel, shape: [9, 9] }] }], "is cut off"],
    [[{ paths: ["a"], weights: [] }], "holds no arrays"],
    [null, "is not the model.json"],
  ])("is refused otherwise", (groups, message) => {
    const entries = manifestEntries(manifest(groups), 24);
    expect(entries.ok ? "" : entries.error.message).toContain(message);
  });
});
