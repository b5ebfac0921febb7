/** What the engine `tensorflow` is made from, pinned by version and digest, wherever it is downloaded from. */

/** From npm. */
export const PACKAGES = {
  "@tensorflow/tfjs-node": {
    version: "4.22.0",
    integrity: "sha512-uHrXeUlfgkMxTZqHkESSV7zSdKdV0LlsBeblqkuKU9nnfxB1pC6DtoyYVaLxznzZy7WQSegjcohxxCjAf6Dc7w==",
  },
  /** Headers of Node's interface for native parts, which the compiler wants. */
  "node-api-headers": {
    version: "1.5.0",
    integrity: "sha512-Yi/FgnN8IU/Cd6KeLxyHkylBUvDTsSScT0Tna2zTrz8klmc8qF2ppj6Q1LHsmOueJWhigQwR4cO2p0XBGW5IaQ==",
  },
} as const;

/** Packages that ours stand in for when the engine is loaded: names without content, 290 MB less to install. */
export const STAND_INS = ["@tensorflow/tfjs", "@tensorflow/tfjs-core"] as const;

/**
 * From PyPI: the smallest wheel that has libtensorflow with the C interface. Compiled for Linux with glibc on x64; its
 * Python is of no account.
 */
export const WHEEL = {
  name: "tensorflow-cpu",
  version: "2.15.1",
  sha256: "54660c074d7241a503e81edfd9f5ef5af88f64051b72e2945f26318c790f2d26",
  bytes: 207_208_420,
  python: "3.11",
  platform: "manylinux_2_17_x86_64",
  /** What of it is unpacked; the headers are those that the native part includes. */
  members: [
    "tensorflow/libtensorflow",
    "tensorflow/include/tensorflow/c/",
    "tensorflow/include/tensorflow/core/platform/ctstring",
    "tensorflow/include/tsl/c/",
    "tensorflow/include/tsl/platform/ctstring",
  ],
} as const;
