import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RunEvent } from "../../src/base/event.js";
import type { RunSummary } from "../../src/index.js";
import { NO_ENGINES } from "./tensorflow.js";
import { writeTinyData } from "./tiny-data.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
export const bin = join(root, "bin/pipe.js");

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface PipeOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Another installation's `bin/pipe.js`. */
  readonly bin?: string;
  /** Flags of Node itself. */
  readonly node?: readonly string[];
}

/** A directory of its own in which the real `pipe` is called, as a user would. */
export class Project {
  readonly dir = mkdtempSync(join(tmpdir(), "pipe-project-"));

  write(file: string, text: string): void {
    const path = join(this.dir, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  read(file: string): string {
    return readFileSync(join(this.dir, file), "utf8");
  }

  /** Paths below a folder, files only. */
  list(folder: string): string[] {
    const entries = readdirSync(join(this.dir, folder), { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  }

  /** A tiny dataset and two variants of an autoencoder on it: a run takes a second or two. */
  writeTinyExperiment(): void {
    writeTinyData(join(this.dir, "data"));
    this.write("base.yaml", PIPELINE);
    this.write("narrow.yaml", "extends: base.yaml\nname: narrow\nparams: { hidden: 3 }\n");
    this.write("wide.yaml", "extends: base.yaml\nname: wide\nparams: { hidden: 6 }\n");
    this.write("compare.yaml", "name: width\nquestion: Is wider better?\nvariants: [narrow.yaml, wide.yaml]\n");
  }

  /** A classifier with a convolution in line 9 of `cnn.yaml`, over the data of the tiny experiment. */
  writeTinyCnn(): void {
    this.write("cnn.yaml", CNN);
  }

  pipe(...args: string[]): Promise<Ended> {
    return this.pipeWith({}, ...args);
  }

  pipeWith(options: PipeOptions, ...args: string[]): Promise<Ended> {
    return this.start(options, ...args).ended;
  }

  /** Starts `pipe` and leaves it running. */
  start(options: PipeOptions, ...args: string[]): Running {
    return new Running(this.dir, options, args);
  }

  /** The run as `pipe show` tells it. */
  async show(run = "latest"): Promise<RunSummary> {
    const { code, stdout, stderr } = await this.pipe("show", run, "--json");
    if (code !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as RunSummary;
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** The package installed a second time, in its own folder, where ONNX Runtime has no binary for any system. */
export class InstallationWithoutOnnx {
  readonly #dir = mkdtempSync(join(tmpdir(), "pipe-package-"));
  readonly bin = join(this.#dir, "bin/pipe.js");
  readonly #onnx = join(this.#dir, "node_modules/onnxruntime-node");

  constructor() {
    for (const name of ["bin", "dist", "schemas", "package.json"]) {
      cpSync(join(root, name), join(this.#dir, name), { recursive: true });
    }
    mkdirSync(dirname(this.#onnx));
    // Links are followed to the real packages, so only what this one asks for has another ONNX Runtime.
    for (const name of readdirSync(join(root, "node_modules")).filter((name) => name !== "onnxruntime-node")) {
      symlinkSync(join(root, "node_modules", name), join(this.#dir, "node_modules", name), "junction");
    }
    const withoutBinaries = (path: string) => path !== join(root, "node_modules/onnxruntime-node/bin");
    cpSync(join(root, "node_modules/onnxruntime-node"), this.#onnx, { recursive: true, filter: withoutBinaries });
  }

  /** A binary for this system that does not load. */
  addBrokenBinary(): void {
    const folder = join(this.#onnx, "bin/napi-v6", process.platform, process.arch);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "onnxruntime_binding.node"), "no library");
  }

  remove(): void {
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

/** A running `pipe` whose events, with `--json`, can be waited for. */
export class Running {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ended>;
  readonly #waiting: { readonly matches: (event: RunEvent) => boolean; readonly resolve: () => void }[] = [];

  constructor(cwd: string, options: PipeOptions, args: readonly string[]) {
    const { NO_COLOR: _, FORCE_COLOR: __, ...inherited } = process.env;
    const env = { ...inherited, CI: "", ...NO_ENGINES, ...options.env };
    this.child = spawn(process.execPath, [...(options.node ?? []), options.bin ?? bin, ...args], { cwd, env });
    let stdout = "";
    let stderr = "";
    let seen = 0;
    this.child.stdin.end();
    this.child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      const lines = stdout.split("\n");
      for (; seen < lines.length - 1; seen++) this.#hear(lines[seen] as string);
    });
    this.child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    this.ended = new Promise((resolve) => this.child.on("close", (code) => resolve({ code, stdout, stderr })));
  }

  /** Resolves at the first such event from now on; rejects when the process ends without one. */
  event(matches: (event: RunEvent) => boolean): Promise<void> {
    const found = new Promise<void>((resolve) => this.#waiting.push({ matches, resolve }));
    const never = this.ended.then(({ stderr }) => {
      throw new Error(`the process ended first: ${stderr}`);
    });
    return Promise.race([found, never]);
  }

  #hear(line: string): void {
    if (!line.startsWith('{"type":')) return;
    const event = JSON.parse(line) as RunEvent;
    for (const { matches, resolve } of this.#waiting) if (matches(event)) resolve();
  }
}

const PIPELINE = `name: base
description: A tiny autoencoder
seed: 3
params: { hidden: 4, epochs: 2, learningRate: 0.01 }
stages:
  load:
    dataset: tiny
    train: { images: data/train-images.idx, labels: data/train-labels.idx }
    test: { images: data/test-images.idx, labels: data/test-labels.idx }
  flatten: {}
  normalize: { method: min-max }
  build:
    family: variational-autoencoder
    encoder: [{ dense: { units: "\${params.hidden}", activation: relu } }]
    latent: { units: 2 }
    decoder:
      - dense: { units: "\${params.hidden}", activation: relu }
      - dense: { units: 64, activation: sigmoid }
  train:
    optimizer: { adam: { learningRate: "\${params.learningRate}" } }
    loss: { reconstruction: binary-crossentropy, kl: 1 }
    batchSize: 8
    epochs: "\${params.epochs}"
  evaluate: {}
  visualize: {}
`;

const CNN = `name: cnn
stages:
  load: { dataset: tiny, train: { images: data/train-images.idx, labels: data/train-labels.idx } }
  normalize: {}
  build:
    family: sequential
    layers:
      - reshape: { targetShape: [8, 8, 1] }
      - conv2d: { filters: 2, kernelSize: 3 }
      - flatten
      - dense: { units: 3, activation: softmax }
  train: { loss: categorical-crossentropy, epochs: 1, validation: false }
`;
