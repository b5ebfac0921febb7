/**
 * Loads `@tensorflow/tfjs-node`. The package is made for older programs than this one, so some things are set before it
 * is: what it reads from the environment, functions that Node has given up, and which TensorFlow.js it speaks to.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import util from "node:util";
import * as tf from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import { findTensorflow, TENSORFLOW_PACKAGE, type TensorflowHome } from "../../base/tensorflow-home.js";

/** Registers the backend `tensorflow`. Throws where the package is not there, or does not load. */
export function loadTensorflow(): void {
  const home = findTensorflow();
  if (home === null) throw new Error(`${TENSORFLOW_PACKAGE} is not installed`);
  if (home.binding === null) throw new Error(`${TENSORFLOW_PACKAGE} has no native library in ${home.folder}`);
  setEnvironment();
  setRemovedFunctions();
  setChainedOperations();
  shareModules(home, home.binding);
  createRequire(join(home.folder, "package.json"))(home.folder);
  const said = home.manifest?.libtensorflow;
  const loaded = libtensorflowVersion();
  if (said !== undefined && said !== loaded) {
    // What it computes would be stored under the other's version.
    throw new Error(`the library in ${home.folder} is ${loaded} and was installed as ${said}`);
  }
}

/** libtensorflow's version, as the loaded library says it. */
export function libtensorflowVersion(): string {
  return (tf.backend() as unknown as { readonly binding: { readonly TF_Version: string } }).binding.TF_Version;
}

/**
 * The library reads these when it is loaded. Sums over several threads have other bits than those of one, and oneDNN's
 * kernels other bits than its own, so neither is left to the user's environment. oneDNN's are the more exact ones.
 */
function setEnvironment(): void {
  Object.assign(process.env, {
    TF_NUM_INTRAOP_THREADS: "1",
    TF_NUM_INTEROP_THREADS: "1",
    OMP_NUM_THREADS: "1",
    TF_ENABLE_ONEDNN_OPTS: "1",
  });
  // Errors only: the rest is a banner on processors and accelerators.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
}

/** Gone in Node 23, and loud before: the package calls them for every tensor. */
function setRemovedFunctions(): void {
  Object.assign(util, {
    isArray: Array.isArray,
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
  });
}

/** What its kernels call as methods of tensors, which have them only in the union package. */
const CHAINED: Readonly<Record<string, (x: tf.Tensor, other: tf.TensorLike) => tf.Tensor>> = {
  add: tf.add,
  sub: tf.sub,
  mul: tf.mul,
  toFloat: (x) => tf.cast(x, "float32"),
  toInt: (x) => tf.cast(x, "int32"),
};

function setChainedOperations(): void {
  const methods = Object.entries(CHAINED).map(([name, operation]) => [
    name,
    function (this: tf.Tensor, other: tf.TensorLike) {
      return operation(this, other);
    },
  ]);
  Object.assign(tf.Tensor.prototype, Object.fromEntries(methods));
}

/**
 * Gives the package the TensorFlow.js of this program, whatever is installed beside it: the union package would bring its
 * own gradients and put them in the place of those that are registered. `@mapbox/node-pre-gyp` only looks for the native
 * part, and warns of its own age on Node 22.
 */
function shareModules(home: TensorflowHome, binding: string): void {
  const { resolve, cache } = createRequire(join(home.folder, "package.json"));
  const modules: Readonly<Record<string, unknown>> = {
    "@tensorflow/tfjs-core": tf,
    "@tensorflow/tfjs": { ...tf, ...layers, version: { "tfjs-core": tf.version_core } },
    "@mapbox/node-pre-gyp": { find: () => binding },
  };
  for (const [name, exports] of Object.entries(modules)) {
    const id = resolve(name);
    if (cache[id] !== undefined) continue;
    cache[id] = { id, filename: id, path: home.folder, paths: [], loaded: true, exports, children: [] } as never;
  }
}
