import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Images of 8×8 pixels, a bright bar in one of three places, which is the class. */
export function writeTinyData(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [split, items] of [
    ["train", 60],
    ["test", 30],
  ] as const) {
    const images = new Uint8Array(items * 64);
    const labels = new Uint8Array(items);
    for (let item = 0; item < items; item++) {
      labels[item] = item % 3;
      for (let pixel = 0; pixel < 64; pixel++) {
        const row = Math.floor(pixel / 8);
        const lit = Math.floor(row / 3) === item % 3;
        images[item * 64 + pixel] = lit ? 200 + ((item * 7 + pixel) % 55) : (item * 5 + pixel * 3) % 30;
      }
    }
    writeFileSync(join(folder, `${split}-images.idx`), idx(images, [items, 8, 8]));
    writeFileSync(join(folder, `${split}-labels.idx`), idx(labels, [items]));
  }
}

/** IDX of unsigned bytes: two zero bytes, type 8, the number of dimensions, each as a big-endian word, the data. */
export function idx(data: Uint8Array, shape: readonly number[]): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header[2] = 8;
  header[3] = shape.length;
  shape.forEach((size, i) => void header.writeUInt32BE(size, 4 + 4 * i));
  return Buffer.concat([header, data]);
}
