import type { ItemTable } from "../../src/items/types.js";

export const classes = ["a,b", 'say "hi"', "ü 🎉", ""];

/** Five items with everything that is hard to write; `fixtures/make.py` has the same. */
const latent = Float32Array.of(0.1, -0, NaN, Infinity, -Infinity, 1e-45, 3.4028235e38, 1 / 3, 16777216, -1e-7);

export const sample: ItemTable = {
  items: 5,
  classes,
  columns: [
    { name: "item", dtype: "int32", shape: [], values: Int32Array.of(0, 1, 2, 3, 4) },
    { name: "label", dtype: "int32", shape: [], values: Int32Array.of(0, 1, 2, 3, 7) },
    { name: "label_name", dtype: "text", shape: [], values: [...classes, null] },
    { name: "latent", dtype: "float32", shape: [2], values: latent },
    {
      name: "reconstruction",
      dtype: "float32",
      shape: [2, 4, 1],
      values: Float32Array.from({ length: 40 }, (_, i) => i / 8),
    },
    { name: "loss", dtype: "float32", shape: [], values: latent.filter((_, i) => i % 2 === 1) },
  ],
};
