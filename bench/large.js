/**
 * Data that is larger than memory should hold: node bench/large.js [GB=5] [folder]. Writes an IDX file of bytes, trains a small
 * autoencoder for an epoch on a few of its items and on all, measures it, and says how long each stage took and how much
 * memory its process held at most. Takes three times the file's size on the disk, in a temporary folder that is deleted.
 */
import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SIDE = 64;
const [gigabytes = "5", place = tmpdir()] = process.argv.slice(2);
const items = Math.floor((Number(gigabytes) * 1e9) / SIDE ** 2);
const folder = mkdtempSync(join(place, "pipe-large-"));
const bin = join(import.meta.dirname, "../bin/pipe.js");

/** Blurred blobs: each item's place and size follow from its number. */
function writeImages(path, count) {
  const file = openSync(path, "w");
  const header = Buffer.from([0, 0, 8, 3, 0, 0, 0, 0, 0, 0, 0, SIDE, 0, 0, 0, SIDE]);
  header.writeUInt32BE(count, 4);
  writeSync(file, header);
  const block = Buffer.alloc(1000 * SIDE ** 2);
  for (let from = 0; from < count; from += 1000) {
    const some = Math.min(1000, count - from);
    for (let i = 0; i < some; i++) {
      // No two items are alike, so that none is stored once for several.
      const [x, y, r] = [(from + i) % SIDE, ((from + i) * 7) % SIDE, 40 + ((from + i) % 90)];
      for (let p = 0; p < SIDE ** 2; p++) {
        const distance = ((p % SIDE) - x) ** 2 + (Math.floor(p / SIDE) - y) ** 2;
        block[i * SIDE ** 2 + p] = Math.max(0, 255 - (255 * distance) / r / 4);
      }
      block.writeUInt32LE(from + i, i * SIDE ** 2);
    }
    writeSync(file, block.subarray(0, some * SIDE ** 2));
  }
  closeSync(file);
}

const pipeline = (limit) => `name: large
seed: 1
stages:
  load: { dataset: blobs, train: { images: train.idx }, test: { images: test.idx }${limit ? `, limit: { train: ${limit} }` : ""} }
  flatten: {}
  normalize: {}
  build:
    family: autoencoder
    encoder: [ { dense: { units: 16, activation: relu } } ]
    decoder: [ { dense: { units: ${SIDE ** 2}, activation: sigmoid } } ]
  train: { loss: mean-squared-error, epochs: 1, batchSize: 256, validation: 0.02 }
  evaluate: { splits: [train, test], predictions: train }
`;

/** @returns how it ended, and the most memory that the parent's process held, sampled. */
function run(args) {
  return new Promise((done) => {
    const child = spawn(process.execPath, [bin, ...args], { cwd: folder, env: { ...process.env, CI: "true" } });
    let [said, peak] = ["", 0];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (said += data));
    const timer = setInterval(() => {
      try {
        const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8")) ?? [];
        peak = Math.max(peak, Number(kilobytes) * 1024);
      } catch {}
    }, 200);
    child.on("close", (code) => {
      clearInterval(timer);
      done({ code, said, peak });
    });
  });
}

const mib = (bytes) => `${Math.round(bytes / 2 ** 20)} MiB`;

try {
  writeImages(join(folder, "train.idx"), items);
  writeImages(join(folder, "test.idx"), 2000);
  console.log(`${items} items of ${SIDE} × ${SIDE}: ${gigabytes} GB`);
  for (const limit of [20_000, null]) {
    writeFileSync(join(folder, "large.yaml"), pipeline(limit));
    const start = performance.now();
    const { code, said, peak } = await run(["run", "large.yaml", "--no-report", "--runs", join(folder, "runs")]);
    if (code !== 0) throw new Error(said);
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    const shown = await run(["show", "latest", "--json", "--runs", join(folder, "runs")]);
    const { stages } = JSON.parse(shown.said).variants[0];
    console.log(`${limit ?? "all"} items: ${seconds} s; the parent's process held ${mib(peak)}`);
    for (const { name, durationMs, peakBytes } of stages) {
      console.log(
        `  ${name.padEnd(10)} ${(durationMs / 1000).toFixed(1).padStart(7)} s  ${peakBytes ? mib(peakBytes) : ""}`,
      );
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
