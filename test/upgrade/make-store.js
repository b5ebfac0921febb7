/**
 * Makes VERSION.db.br and VERSION.json with the program of another checkout, which must be built:
 *
 *     node test/upgrade/make-store.js ../pipe-0.1.0
 *
 * The store holds every kind of artifact of every family of models, and a training that failed. The JSON holds the run as `show`
 * told it, and what each artifact said when that program read it.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { fetchArtifact } from "../../dist/src/artifact/io.js";
import { openStore } from "../../dist/src/store/index.js";
import { contentsOf } from "./contents.js";

const require = createRequire(import.meta.url);
const { version } = require("../../package.json");

/** Images of 6×6 pixels, a bright pair of rows in one of three places, which is the class. */
function writeData(folder) {
  mkdirSync(folder, { recursive: true });
  for (const [split, items] of [
    ["train", 24],
    ["test", 12],
  ]) {
    const labels = Buffer.from(Array.from({ length: items }, (_, item) => item % 3));
    const images = Buffer.alloc(items * 36);
    for (let i = 0; i < images.length; i++) {
      const [item, row] = [Math.floor(i / 36), Math.floor((i % 36) / 6)];
      images[i] = Math.floor(row / 2) === item % 3 ? 200 + ((i * 7) % 55) : (i * 3) % 30;
    }
    writeFileSync(join(folder, `${split}-images.idx`), idx(images, [items, 6, 6]));
    writeFileSync(join(folder, `${split}-labels.idx`), idx(labels, [items]));
  }
}

function idx(data, shape) {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, 8, shape.length]);
  shape.forEach((size, i) => void header.writeUInt32BE(size, 4 + 4 * i));
  return Buffer.concat([header, data]);
}

const DATA = `
  load:
    dataset: bars
    train: { images: train-images.idx, labels: train-labels.idx }
    test: { images: test-images.idx, labels: test-labels.idx }`;

const FILES = {
  "classifier.yaml": `name: classifier
seed: 1
stages:${DATA}
  normalize: {}
  build:
    family: sequential
    layers:
      - conv2d: { filters: 2, kernelSize: 3, padding: same, activation: relu }
      - concatenate: { branches: [[], [{ conv2d: { filters: 1, kernelSize: 1 } }]] }
      - batch_normalization
      - max_pooling2d: { poolSize: 2 }
      - flatten
      - add: { branches: [[], [{ dense: { units: 27 } }]] }
      - dropout: { rate: 0.2 }
      - dense: { units: 3, activation: softmax }
  train:
    loss: categorical-crossentropy
    epochs: 2
    batchSize: 8
    validation: 0.25
    earlyStopping: { patience: 5, restoreBest: true }
  evaluate: {}
  visualize: {}
`,
  "autoencoder.yaml": `name: autoencoder
seed: 2
stages:${DATA}
  flatten: {}
  normalize: {}
  build:
    family: autoencoder
    encoder: [{ dense: { units: 4, activation: relu } }, { dense: { units: 2 } }]
    decoder: [{ dense: { units: 36, activation: sigmoid } }]
  train: { loss: { reconstruction: mean-squared-error }, epochs: 1, batchSize: 8 }
  evaluate: {}
  visualize: {}
`,
  "vae.yaml": `name: vae
seed: 3
stages:${DATA}
  flatten: {}
  normalize: {}
  build:
    family: variational-autoencoder
    encoder: [{ dense: { units: 4, activation: relu } }]
    latent: { units: 2, noise: 0.1, scale: exp }
    decoder: [{ dense: { units: 4, activation: relu } }, { dense: { units: 36, activation: sigmoid } }]
  train: { loss: { reconstruction: binary-crossentropy, kl: 1 }, epochs: 1, batchSize: 8 }
  evaluate: {}
  visualize: {}
`,
  "diverging.yaml": `extends: autoencoder.yaml
name: diverging
stages:
  build: { decoder: [{ dense: { units: 36 } }] }
  train: { optimizer: { sgd: { learningRate: 2 } }, epochs: 50 }
`,
  "compare.yaml": `name: everything
question: Does an upgrade keep what was stored?
variants: [classifier.yaml, autoencoder.yaml, vae.yaml, diverging.yaml]
`,
};

const project = mkdtempSync(join(tmpdir(), "pipe-upgrade-"));
try {
  writeData(project);
  for (const [file, text] of Object.entries(FILES)) writeFileSync(join(project, file), text);
  const pipe = (...args) => {
    const options = { cwd: project, encoding: "utf8", env: { ...process.env, CI: "true" } };
    return execFileSync(process.execPath, [join(import.meta.dirname, "../../bin/pipe.js"), ...args], options);
  };
  try {
    pipe("run", "compare.yaml");
  } catch (error) {
    // One of the trainings is meant to fail.
    if (error.status !== 1) throw error;
  }
  const show = JSON.parse(pipe("show", "latest", "--json"));

  const artifacts = artifactsOf(show);
  const json = { run: show.run, variants: show.variants.map(summaryOf), artifacts };
  writeFileSync(join(import.meta.dirname, `${version}.json`), `${JSON.stringify(json, null, 1)}\n`);
  writeFileSync(join(import.meta.dirname, `${version}.db.br`), brotliCompressSync(packed()));
} finally {
  rmSync(project, { recursive: true, force: true });
}

/** @returns by digest; the report belongs to no stage of the run. */
function artifactsOf({ variants }) {
  const store = openStore(join(project, "runs")).value;
  const [report] = store.lookup(reportFingerprint()).outputs;
  const outputs = variants.flatMap(({ stages }) => stages.flatMap((stage) => stage.outputs));
  const artifacts = [...outputs, report].map(({ kind, digest }) => [
    digest,
    { kind, contents: contentsOf(kind, fetchArtifact(store, kind, digest)) },
  ]);
  store.close();
  return Object.fromEntries(artifacts);
}

function summaryOf({ name, status, metrics, training, stages }) {
  return { name, status, metrics, training, stages: stages.map(({ name, status }) => `${name} ${status}`) };
}

function database() {
  const name = Number(process.versions.napi) >= 10 ? "better-sqlite3" : "better-sqlite3-node20";
  return new (require(name))(join(project, "runs/cache.db"));
}

function reportFingerprint() {
  const db = database();
  const found = db.prepare("SELECT digest FROM fingerprint WHERE kind = 'report'").pluck().get();
  db.close();
  return found;
}

/** The database in one file, without the paths of this machine. */
function packed() {
  const db = database();
  db.exec("DELETE FROM file_digest");
  db.pragma("wal_checkpoint(TRUNCATE)");
  db.pragma("journal_mode = DELETE");
  db.exec("VACUUM");
  db.close();
  return readFileSync(join(project, "runs/cache.db"));
}
