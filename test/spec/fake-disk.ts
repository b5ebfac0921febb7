import type { Disk } from "../../src/base/disk.js";
import { err, ok } from "../../src/base/result.js";

/** Files in memory, by absolute path, over another disk if there is one. */
export function fakeDisk(files: Readonly<Record<string, Uint8Array | string>>, below?: Disk): Disk {
  const find = (path: string) => {
    const file = files[path];
    return typeof file === "string" ? new TextEncoder().encode(file) : file;
  };
  const missing = err({ why: "missing", detail: "" } as const);
  return {
    size: (path) => {
      const file = find(path);
      return file ? ok(file.length) : (below?.size(path) ?? missing);
    },
    read: (path, slice) => {
      const file = find(path);
      if (!file) return below?.read(path, slice) ?? missing;
      return ok(slice ? file.slice(slice.from, slice.from + slice.length) : file);
    },
  };
}

/** An IDX file of unsigned bytes. */
export function idx(shape: readonly number[], value: (i: number) => number = () => 0): Uint8Array {
  const size = shape.reduce((product, n) => product * n, 1);
  const bytes = new Uint8Array(4 + 4 * shape.length + size);
  const view = new DataView(bytes.buffer);
  bytes.set([0, 0, 8, shape.length]);
  shape.forEach((n, i) => void view.setUint32(4 + 4 * i, n));
  for (let i = 0; i < size; i++) bytes[4 + 4 * shape.length + i] = value(i);
  return bytes;
}
