/** What trained models say of every item, as files that other programs read: `exportItems`. */
import { join } from "node:path";
import { classesOf, targetOf } from "../artifact/columns.js";
import { type ArtifactStore, fetchArtifact } from "../artifact/io.js";
import type { Diagnostic } from "../base/diagnostic.js";
import { unsafePath, type WrittenFile } from "../base/exported.js";
import { err, ok, type Result } from "../base/result.js";
import type { Engine } from "../engine/index.js";
import { aboutItems, type TableFile } from "./about.js";
import { type Asked, answersOf } from "./answers.js";
import { engineLike } from "./engine.js";
import { makeFile, writeBytes } from "./file.js";
import { nothingToTell, tooLarge, unknownSplit } from "./messages.js";
import { exceedsNpz } from "./npz.js";
import { itemTable, saysNothing } from "./table.js";
import type { ItemFormat, ItemsRequest, ItemTable, TrainedItems } from "./types.js";

export type { ItemsRequest } from "./types.js";

type Made<T> = Result<T, readonly Diagnostic[]>;
type Warn = (warning: Diagnostic) => void;

/**
 * Writes a file a split of every model, in a folder that is called after the model, and `about.json` beside them. One split
 * is in memory at a time.
 *
 * @param warn receives what is left out, and why.
 * Throws `DamagedEntry` where an artifact's bytes are gone or changed.
 */
export async function exportItems(
  request: ItemsRequest,
  store: ArtifactStore,
  warn: Warn = () => {},
): Promise<Made<readonly WrittenFile[]>> {
  const engine = await engineLike(request.engine, warn);
  if (!engine.ok) return engine;
  try {
    const files: WrittenFile[] = [];
    for (const trained of request.models) {
      const written = await exportModelItems(engine.value, trained, request, store);
      if (!written.ok) return written;
      if (written.value.length === 0) warn(nothingToTell(trained.name, request));
      files.push(...written.value);
    }
    return ok(files);
  } finally {
    engine.value.dispose();
  }
}

async function exportModelItems(
  engine: Engine,
  trained: TrainedItems,
  request: ItemsRequest,
  store: ArtifactStore,
): Promise<Made<readonly WrittenFile[]>> {
  const { name } = trained;
  const asked: Asked = {
    model: fetchArtifact(store, "model", trained.model),
    weights: fetchArtifact(store, "weights", trained.weights),
    dataset: fetchArtifact(store, "dataset", trained.dataset),
    seed: trained.seed,
  };
  const splits = chosenSplits(name, asked, request);
  if (!splits.ok) return splits;
  const write = await writerOf(request.format);
  const written: WrittenFile[] = [];
  const tables: TableFile[] = [];
  for (const split of splits.value) {
    const table = await tableOf(engine, name, asked, split, request);
    if (!table.ok) return table;
    if (saysNothing(table.value)) continue;
    const { items, columns } = table.value;
    const file = `${split}.${request.format}`;
    const made = makeIn(request, name, file, (path) => write(path, table.value));
    if (!made.ok) return made;
    written.push(made.value);
    tables.push({ split, file, items, columns: columns.map(({ name, dtype, shape }) => ({ name, dtype, shape })) });
  }
  if (written.length === 0) return ok([]);
  const about = Buffer.from(`${JSON.stringify(aboutItems(asked, engine.name, tables), null, 2)}\n`);
  const made = makeIn(request, name, "about.json", (path) => writeBytes(path, [about]));
  return made.ok ? ok([...written, made.value]) : made;
}

function chosenSplits(name: string, { dataset }: Asked, { splits }: ItemsRequest): Made<readonly string[]> {
  const known = Object.keys(dataset.splits);
  if (splits === undefined) return ok(known);
  const unknown = splits.filter((split) => !known.includes(split));
  if (unknown.length > 0) return err(unknown.map((split) => unknownSplit(name, split, known)));
  return ok(known.filter((split) => splits.includes(split)));
}

async function tableOf(
  engine: Engine,
  name: string,
  asked: Asked,
  split: string,
  { format, groups }: ItemsRequest,
): Promise<Made<ItemTable>> {
  const wanted = { reconstructions: groups.includes("reconstructions") };
  const answers = await answersOf(engine, asked, split, wanted);
  if (!answers.ok) return err(answers.error.map((each) => ({ ...each, message: `${name}: ${each.message}` })));
  const table = itemTable(answers.value, targetOf(asked.dataset, split), classesOf(asked.dataset), groups);
  return format === "npz" && exceedsNpz(table) ? err([tooLarge(name, split)]) : ok(table);
}

/** Each loaded when it is asked for. */
async function writerOf(format: ItemFormat): Promise<(path: string, table: ItemTable) => void> {
  switch (format) {
    case "npz":
      return (await import("./npz.js")).writeNpz;
    case "parquet":
      return (await import("./parquet.js")).writeParquet;
    case "csv":
      return (await import("./csv.js")).writeCsv;
  }
}

function makeIn(
  { folder, shownFolder }: ItemsRequest,
  variant: string,
  file: string,
  write: (path: string) => void,
): Made<WrittenFile> {
  const unsafe = unsafePath(`${variant}/${file}`);
  if (unsafe !== undefined) return err([unsafe]);
  const made = makeFile(join(folder, variant, file), join(shownFolder, variant, file), write);
  return made.ok ? ok({ name: `${variant}/${file}`, bytes: made.value }) : made;
}
