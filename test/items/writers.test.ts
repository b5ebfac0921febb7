import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { afterAll, describe, expect, it } from "vitest";
import { writeCsv } from "../../src/items/csv.js";
import { makeFile, writeBytes } from "../../src/items/file.js";
import { exceedsNpz, writeNpz } from "../../src/items/npz.js";
import { writeParquet } from "../../src/items/parquet.js";
import type { ItemTable } from "../../src/items/types.js";
import { csvRows } from "./csv-rows.js";
import { sample } from "./sample.js";

const folder = mkdtempSync(join(tmpdir(), "pipe-items-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function written(write: (path: string, table: ItemTable) => void, table: ItemTable = sample): Buffer {
  const path = join(folder, "file");
  write(path, table);
  return readFileSync(path);
}

function fixture(name: string): Buffer {
  return readFileSync(new URL(`fixtures/${name}`, import.meta.url));
}

/** A table of one column of numbers, one an item. */
function numbers(values: Float32Array): ItemTable {
  return { items: values.length, classes: null, columns: [{ name: "x", dtype: "float32", shape: [], values }] };
}

describe("NPZ", () => {
  it("is what NumPy writes", () => {
    expect(unzipSync(written(writeNpz))).toEqual(unzipSync(fixture("items.npz")));
  });

  it("has the same bytes each time", () => {
    expect(written(writeNpz).equals(written(writeNpz))).toBe(true);
  });

  it("has no names where there are no classes", () => {
    expect(written(writeNpz, { ...sample, classes: null }).includes("classes.npy")).toBe(false);
  });

  it("keeps half a pair of surrogates out of the names", () => {
    const bytes = written(writeNpz, { ...sample, classes: ["x\ud800"] });
    expect(bytes.includes(Buffer.from([0x78, 0, 0, 0, 0xfd, 0xff, 0, 0]))).toBe(true);
  });

  it("is refused where its numbers of 32 bits do not reach", () => {
    expect(exceedsNpz(sample)).toBe(false);
    const values = { length: 2 ** 30 } as Float32Array;
    expect(exceedsNpz({ ...numbers(values), columns: [{ name: "x", dtype: "float32", shape: [], values }] })).toBe(
      true,
    );
  });
});

describe("Parquet", () => {
  it("is what PyArrow read as the sample", () => {
    const bytes = written(writeParquet);
    expect(bytes.equals(fixture("items.parquet"))).toBe(true);
  });

  it("goes on in groups of rows where the table is long", () => {
    const rows = 2 ** 20 + 3;
    const bytes = written(writeParquet, numbers(Float32Array.from({ length: rows }, (_, i) => i)));
    const last = Buffer.from(Float32Array.of(rows - 1).buffer);
    expect(bytes.length).toBeGreaterThan(4 * rows);
    expect(bytes.includes(last)).toBe(true);
    expect(bytes.subarray(-4).toString()).toBe("PAR1");
  });
});

describe("CSV", () => {
  it("quotes what must be quoted, and tells an empty name from none", () => {
    const table = { ...sample, columns: sample.columns.slice(0, 3) };
    const lines = ["item,label,label_name", '0,0,"a,b"', '1,1,"say ""hi"""', "2,2,ü 🎉", '3,3,""', "4,7,"];
    expect(written(writeCsv, table).toString()).toBe(`${lines.join("\n")}\n`);
  });

  it("quotes line ends of every kind", () => {
    const column = { name: "t", dtype: "text", shape: [], values: ["a\nb", "a\rb", "a\r\nb", " a ", "a;b"] } as const;
    expect(written(writeCsv, { items: 5, classes: null, columns: [column] }).toString()).toBe(
      't\n"a\nb"\n"a\rb"\n"a\r\nb"\n a \na;b\n',
    );
  });

  it("has a column for every number of an item", () => {
    const [heads, first] = csvRows(written(writeCsv).toString());
    const pixels = Array.from({ length: 8 }, (_, i) => i);
    const wanted = ["latent_0", "latent_1", ...pixels.map((i) => `reconstruction_${i}`), "loss"];
    expect(heads?.slice(3)).toEqual(wanted);
    expect(first?.slice(5, 13).map(Number)).toEqual(pixels.map((i) => i / 8));
  });

  it("gives every number back, as float32 and as float64", () => {
    const special = [0.1, -0, 1e-45, 3.4028235e38, 1 / 3, 16777216, -1e-7, 123456789];
    const bits = Uint32Array.from({ length: 2000 }, (_, i) => Math.imul(i + 1, 0x9e3779b1));
    const values = Float32Array.of(...special, ...new Float32Array(bits.buffer)).filter(Number.isFinite);
    const texts = csvRows(written(writeCsv, numbers(values)).toString()).slice(1);
    const read = texts.map(([text]) => Number(text));
    expect(values.length).toBeGreaterThan(1900);
    expect(read.findIndex((value, i) => !Object.is(value, values[i]))).toBe(-1);
  });

  it("writes what is no number as other programs do", () => {
    const text = written(writeCsv, numbers(Float32Array.of(NaN, Infinity, -Infinity))).toString();
    expect(text).toBe("x\nNaN\ninf\n-inf\n");
  });
});

describe("a file", () => {
  const shown = "out/file";

  it("has its name only when it is whole", () => {
    const path = join(folder, "new/deep/file");
    const result = makeFile(path, shown, (partial) => {
      writeBytes(partial, [Buffer.from("ab"), Buffer.from("c")]);
      expect(readdirSync(join(folder, "new/deep"))).not.toContain("file");
    });
    expect(result).toEqual({ ok: true, value: 3 });
    expect(readdirSync(join(folder, "new/deep"))).toEqual(["file"]);
  });

  it("leaves the old one where the disk is full, and nothing else", () => {
    mkdirSync(join(folder, "full"));
    writeFileSync(join(folder, "full/file"), "old");
    const full = Object.assign(new Error("ENOSPC: no space left on device, write"), { syscall: "write" });
    const result = makeFile(join(folder, "full/file"), shown, (partial) => {
      writeFileSync(partial, "half");
      throw full;
    });
    expect(result).toMatchObject({
      ok: false,
      error: [{ code: "output-unwritable", message: `cannot write ${shown}: ${full.message}` }],
    });
    expect(readdirSync(join(folder, "full"))).toEqual(["file"]);
    expect(readFileSync(join(folder, "full/file"), "utf8")).toBe("old");
  });

  it("hides no bug", () => {
    const bug = () => {
      throw new TypeError("x is undefined");
    };
    expect(() => makeFile(join(folder, "bug"), shown, bug)).toThrow("x is undefined");
  });
});
