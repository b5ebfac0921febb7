/**
 * Who may import whom, as ARCHITECTURE.md tells it. A folder in a row may import from the folders of the row, and from
 * itself; `types only` names files whose types may be used although their code may not.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

interface Rule {
  /** Folders, or files, whose code may be imported. */
  readonly from: readonly string[];
  /** Folders, or files, of which only types may be imported. */
  readonly typesOnly?: readonly string[];
}

const BASE = "src/base/";

/** The longest matching key is the rule of a file. */
const RULES: Readonly<Record<string, Rule>> = {
  "src/base/": { from: [] },
  "src/data/": { from: [BASE] },
  "src/gen/": { from: [], typesOnly: [BASE, "src/artifact/"] },
  // The registries name the modules that only a worker may load; they load none themselves.
  "src/gen/registry-layers.ts": { from: ["src/layers/"] },
  "src/gen/registry": { from: ["stages/", "src/engine/", "src/report/"] },
  // All kinds as a value. Who reads or plans experiments is handed one; see also "looks kinds up in no table".
  "src/catalog/": {
    from: [BASE, "src/gen/", "src/layers/index.ts", "src/own/layer.ts"],
    typesOnly: ["src/own/answers.ts"],
  },
  "src/artifact/": { from: [BASE] },
  "src/store/": { from: [BASE], typesOnly: ["src/artifact/"] },
  "src/layer.ts": { from: [BASE], typesOnly: ["src/gen/"] },
  // A layer's file is facts and code that is handed its library: whoever plans may load it.
  "src/layers/": { from: ["src/layer.ts"], typesOnly: ["src/gen/"] },
  "src/layers/index.ts": { from: [BASE, "src/gen/registry-layers.ts"], typesOnly: ["src/layer.ts", "src/gen/"] },
  "src/spec/": {
    from: [BASE, "src/data/", "src/layers/index.ts"],
    typesOnly: ["src/catalog/types.ts", "src/gen/", "src/layer.ts", "src/artifact/graph.ts"],
  },
  "src/plan/": { from: [BASE], typesOnly: ["src/spec/types.ts", "src/store/types.ts"] },
  // A project's own code: what is noted of it, and, for workers alone, bundling and running it.
  "src/own/": { from: [BASE], typesOnly: ["src/artifact/", "src/stage.ts", "src/layer.ts"] },
  "src/own/outputs.ts": {
    from: [BASE, "src/artifact/codecs/index.ts"],
    typesOnly: ["src/artifact/types.ts", "src/artifact/dataset.ts"],
  },
  "src/own/ports.ts": { from: [BASE, "src/artifact/codecs/index.ts"] },
  "src/define/": {
    from: ["src/artifact/"],
    typesOnly: [BASE, "src/stage.ts", "src/layer.ts", "src/engine/", "src/report/"],
  },
  "src/authors.ts": { from: [BASE, "src/define/", "src/artifact/"] },
  "src/exec/": {
    from: [BASE],
    typesOnly: ["src/plan/", "src/spec/types.ts", "src/store/types.ts", "src/own/note.ts", "src/own/answers.ts"],
  },
  // The worker's side: what an attempt needs, each part loaded when it is asked for.
  "src/exec/own-names.ts": { from: [BASE, "src/artifact/"] },
  "src/exec/perform.ts": {
    from: [BASE, "src/artifact/"],
    typesOnly: ["src/stage.ts", "src/store/types.ts", "src/own/note.ts", "src/own/answers.ts"],
  },
  "src/exec/worker.ts": {
    from: [
      BASE,
      "src/store/index.ts",
      "src/own/",
      "src/gen/registry.ts",
      "src/engine/index.ts",
      "src/engine/export/index.ts",
      "src/items/index.ts",
      "src/report/index.ts",
    ],
  },
  "src/items/": { from: [BASE, "src/artifact/", "src/engine/index.ts"] },
  "src/engine/": { from: [BASE, "src/artifact/", "src/gen/", "src/layer.ts", "src/layers/index.ts"] },
  "src/report/": {
    from: [BASE, "src/artifact/", "src/gen/registry-charts.ts", "src/gen/validators.ts", "src/layers/index.ts"],
    typesOnly: ["src/gen/"],
  },
  "src/stage.ts": { from: [BASE], typesOnly: ["src/artifact/", "src/gen/"] },
  "stages/": {
    from: ["src/stage.ts", "src/artifact/", "src/data/", BASE, "src/engine/index.ts", "src/report/index.ts"],
  },
  "src/cli/": {
    from: [
      BASE,
      "src/spec/",
      "src/plan/",
      "src/store/",
      "src/exec/",
      // What kinds there are, and the metrics of a run: no code that computes.
      "src/catalog/",
      "src/own/note.ts",
      "src/own/answers.ts",
      "src/artifact/io.ts",
    ],
    typesOnly: ["src/report/", "src/items/", "src/artifact/"],
  },
  "src/index.ts": {
    from: [BASE, "src/cli/", "src/authors.ts", "src/exec/export-formats.ts"],
    typesOnly: ["src/store/types.ts"],
  },
};

/** Packages, and the folders that may load them. A package that stands in no row belongs nowhere yet. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  "@tensorflow/": ["src/engine/"],
  "onnxruntime-node": ["src/engine/onnx/runtime.ts"],
  protobufjs: ["src/engine/onnx/"],
  "hyparquet-writer": ["src/items/"],
  vega: ["src/report/"],
  "@dagrejs/": ["src/report/"],
  "@resvg/": ["src/report/"],
  "fast-png": ["src/report/"],
  "ml-matrix": ["src/report/"],
  "better-sqlite3": ["src/store/"],
  ajv: ["src/catalog/own-schema.ts"],
  rolldown: ["src/own/bundle.ts"],
  yaml: ["src/spec/"],
  leven: [BASE],
  picocolors: [BASE, "src/cli/"],
  commander: ["src/cli/"],
  listr2: ["src/cli/loggers/"],
  "string-width": ["src/cli/loggers/"],
  "cli-truncate": ["src/cli/loggers/"],
  fflate: ["src/items/"],
  open: ["src/cli/"],
};

interface Import {
  readonly from: string;
  readonly to: string;
  readonly types: boolean;
}

/** Who loads which package. */
const packages: { readonly from: string; readonly name: string }[] = [];
const files = ["src", "stages"].flatMap((folder) =>
  (readdirSync(join(root, folder), { recursive: true }) as string[])
    .map((file) => join(folder, file).replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".ts") && statSync(join(root, file)).isFile()),
);
const imports = files.flatMap(importsOf);

/** Imports of our own files. Strings and comments that look like imports do not occur at the beginning of a line. */
function importsOf(file: string): readonly Import[] {
  const text = readFileSync(join(root, file), "utf8");
  const found: Import[] = [];
  const add = (target: string, types: boolean): void => {
    if (!target.startsWith(".")) {
      if (!types && !target.startsWith("node:")) packages.push({ from: file, name: target });
      return;
    }
    const to = relative(root, join(root, dirname(file), target)).replaceAll("\\", "/");
    found.push({ from: file, to: to.replace(/\.js$/, ".ts"), types });
  };
  for (const match of text.matchAll(/^(?:import|export)\s+(type\s+)?(?:([^;"=]*?)from\s+)?"([^"]+)";/gm)) {
    const [, keyword, names = "", target = ""] = match;
    const each =
      /\{([^}]*)\}/
        .exec(names)?.[1]
        ?.split(",")
        .filter((name) => name.trim() !== "") ?? [];
    const allTypes = each.length > 0 && each.every((name) => name.trim().startsWith("type "));
    add(target, keyword !== undefined || allTypes);
  }
  for (const match of text.matchAll(/\bimport\("([^"]+)"\)/g)) add(match[1] ?? "", false);
  return found;
}

function ruleOf(file: string): { readonly folder: string; readonly rule: Rule } {
  const keys = Object.keys(RULES).filter((key) => file.startsWith(key));
  const folder = keys.sort((a, b) => b.length - a.length)[0];
  if (folder === undefined) throw new Error(`${file} lies in no known folder: add a rule for it`);
  return { folder, rule: RULES[folder] as Rule };
}

function isAllowed({ from, to, types }: Import): boolean {
  const { folder, rule } = ruleOf(from);
  // A file with a rule of its own may import its folder, but those right in src lie in none.
  const home = folder.endsWith("/") ? folder : `${dirname(folder)}/`;
  const own = home === "src/" || home === "stages/" ? [] : [home];
  const allowed = [...own, ...rule.from, ...(types ? (rule.typesOnly ?? []) : [])];
  return allowed.some((place) => to.startsWith(place));
}

describe("architecture", () => {
  it("reads every import", () => {
    expect(files.length).toBeGreaterThan(100);
    expect(imports).toContainEqual({ from: "src/cli/main.ts", to: "src/cli/usage.ts", types: false });
    expect(imports).toContainEqual({ from: "src/exec/record.ts", to: "src/plan/types.ts", types: true });
    // Loaded on demand.
    expect(imports).toContainEqual({ from: "src/exec/worker.ts", to: "src/engine/index.ts", types: false });
    expect(imports.filter(({ to }) => !files.includes(to)).map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it("has no import that the table does not allow", () => {
    const forbidden = imports.filter((found) => !isAllowed(found));
    expect(forbidden.map(({ from, to, types }) => `${from} → ${to}${types ? " (types)" : ""}`)).toEqual([]);
  });

  it("allows nothing that no file needs", () => {
    const needless = Object.entries(RULES).flatMap(([folder, { from, typesOnly = [] }]) => {
      const found = imports.filter((one) => ruleOf(one.from).folder === folder);
      const unused = (places: readonly string[], types: boolean) =>
        places.filter((place) => !found.some(({ to, ...one }) => to.startsWith(place) && one.types === types));
      return [...unused(from, false), ...unused(typesOnly, true)].map((place) => `${folder} → ${place}`);
    });
    expect(needless).toEqual([]);
  });

  it("looks kinds up in no table of all kinds", () => {
    // What src/gen holds besides types are tables. Read they are where a catalog is composed of them, and by the one
    // file of the engine, of the report, and of the layers, that knows which code is whose.
    const composing = /^src\/(gen|catalog)\/|^src\/(engine|report)\/kinds\.ts$|^src\/(exec\/worker|layers\/index)\.ts$/;
    const readers = imports.filter(
      ({ from, to, types }) => to.startsWith("src/gen/") && !types && !composing.test(from),
    );
    expect(readers.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it("loads each package in its own folder only", () => {
    const misplaced = packages.filter(({ from, name }) => {
      const key = Object.keys(PACKAGES)
        .filter((start) => name.startsWith(start))
        .sort((a, b) => b.length - a.length)[0];
      return key === undefined || !PACKAGES[key]?.some((folder) => from.startsWith(folder));
    });
    expect(packages.length).toBeGreaterThan(50);
    expect(misplaced.map(({ from, name }) => `${from} → ${name}`)).toEqual([]);
  });

  it("has no cycle", () => {
    // A registry leads to every kind, and a kind to the file that says what one is: that is no knot. What is loaded on
    // demand counts: a knot of it is as hard to take apart.
    const edges = new Map<string, string[]>();
    for (const { from, to } of imports) {
      if (!from.startsWith("src/gen/registry")) edges.set(from, [...(edges.get(from) ?? []), to]);
    }
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(" → "));
      if (path.includes(file) || done.has(file)) return;
      for (const next of edges.get(file) ?? []) visit(next, [...path, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
    expect(cycles).toEqual([]);
  });

  it("keeps the parent process away from what computes", () => {
    const heavy = /^(src\/(engine|items|report\/(?!version\.ts|types\.ts))|stages\/)/;
    const seen = new Set<string>();
    const visit = (file: string): void => {
      if (seen.has(file)) return;
      seen.add(file);
      for (const found of imports) if (found.from === file && !found.types) visit(found.to);
    };
    visit("src/cli/main.ts");
    visit("src/index.ts");
    expect(seen.size).toBeGreaterThan(50);
    expect([...seen].filter((file) => heavy.test(file))).toEqual([]);
  });

  it("keeps files short enough to read in one go", () => {
    const long = files
      .filter((file) => !file.startsWith("src/gen/"))
      .map((file) => ({ file, lines: readFileSync(join(root, file), "utf8").split("\n").length - 1 }))
      .filter(({ lines }) => lines > 400);
    expect(long).toEqual([]);
  });
});
