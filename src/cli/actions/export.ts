import { join, resolve } from "node:path";
import type { Diagnostic } from "../../base/diagnostic.js";
import { ITEM_GROUPS, type ItemGroup } from "../../base/items.js";
import { err, ok } from "../../base/result.js";
import { didYouMean, orList } from "../../base/suggest.js";
import {
  EXPORT_FORMATS,
  type ExportFormat,
  ITEM_FORMATS,
  isItemFormat,
  isModelFormat,
  isReportFormat,
} from "../../exec/export-formats.js";
import { WorkerPool } from "../../exec/pool.js";
import type { RunRecord, Store } from "../../store/types.js";
import { cwdOf, type Place, runsDirOf } from "../paths.js";
import { usageError } from "../usage.js";
import { type ExportPart, type ExportPlace, exportModels, exportReport } from "./export-files.js";
import { exportItems } from "./export-items.js";
import { withRuns } from "./runs.js";
import type { Diagnosed } from "./store.js";

export interface ExportRequest extends Place {
  readonly format: ExportFormat;
  /** The folder to write into. Default: `export/<format>` in the run's folder. */
  readonly output?: string;
  /** Names of the variants that are wanted. Default: all; of models, all that have weights. */
  readonly variants?: readonly string[];
  /** Of models and items: the stage that trained them. Default: the last one of each variant. */
  readonly stage?: string;
  /** Of `npz`, `parquet` and `csv`: the splits whose items are wanted. Default: all. */
  readonly splits?: readonly string[];
  /** Of the same: the groups of columns. Default: everything, in `csv` without the reconstructions. */
  readonly columns?: readonly ItemGroup[];
  /** Whether code of a project's own that the run was made with may run. Default: true. */
  readonly ownCode?: boolean;
}

export interface ExportSummary {
  readonly run: string;
  readonly format: ExportFormat;
  /** What was written, in the order of the variants. */
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  /** What was left out, and why. */
  readonly warnings: readonly Diagnostic[];
}

/**
 * Writes what a past run left as files: its models (`onnx`, `tfjs`) and what they say of every item (`npz`, `parquet`,
 * `csv`), a folder a variant; every table and chart of its report (`csv`, `json`, `svg`, `png`, `md`). `csv` is both, unless
 * `stage`, `splits` or `columns` say that the items alone are meant. The same results give the same bytes.
 */
export async function exportRun(run: string, request: ExportRequest): Promise<Diagnosed<ExportSummary>> {
  const problems = checkRequest(request);
  if (problems.length > 0) return err(problems);
  return withRuns([run], request, ([record], store) => exportRecord(record as RunRecord, store, request));
}

function checkRequest({ format, stage, splits, columns }: ExportRequest): readonly Diagnostic[] {
  if (!EXPORT_FORMATS.includes(format)) return [unknownWord("format", format, EXPORT_FORMATS)];
  const unknown = (columns ?? []).filter((group) => !ITEM_GROUPS.includes(group));
  if (unknown.length > 0) return unknown.map((group) => unknownWord("group of columns", group, ITEM_GROUPS));
  if (stage !== undefined && !isModelFormat(format) && !isItemFormat(format)) return [noModels(format)];
  const asked = splits !== undefined ? "--split" : columns !== undefined ? "--columns" : null;
  return asked === null || isItemFormat(format) ? [] : [noItems(format, asked)];
}

async function exportRecord(
  record: RunRecord,
  store: Store,
  request: ExportRequest,
): Promise<Diagnosed<ExportSummary>> {
  const chosen = chooseVariants(record, request.variants);
  if (!chosen.ok) return chosen;
  const { format } = request;
  const cwd = cwdOf(request);
  const folder = resolve(cwd, request.output ?? join(runsDirOf(request), record.run, "export", format));
  const pool = new WorkerPool({ slots: 1, log: () => {}, ownCode: request.ownCode ?? true });
  try {
    const part = await exportParts(chosen.value, request, { folder, cwd, storePath: store.path, pool });
    return part.ok ? ok({ run: record.run, format, ...part.value }) : part;
  } finally {
    await pool.close();
  }
}

async function exportParts(
  record: RunRecord,
  { format, variants, stage, splits, columns }: ExportRequest,
  place: ExportPlace,
): Promise<Diagnosed<ExportPart>> {
  const asked = variants !== undefined;
  if (isModelFormat(format)) return exportModels(record, format, { asked, stage }, place);
  const alone = !isReportFormat(format) || [stage, splits, columns].some((choice) => choice !== undefined);
  const report = alone ? ok({ files: [], warnings: [] }) : await exportReport(record, format, place);
  if (!report.ok || !isItemFormat(format)) return report;
  const items = await exportItems(record, format, { stage, splits, columns, asked, alone }, place);
  if (!items.ok) return items;
  return ok({
    files: [...report.value.files, ...items.value.files],
    warnings: [...report.value.warnings, ...items.value.warnings],
  });
}

/** The record with the wanted variants alone. */
function chooseVariants(record: RunRecord, wanted: readonly string[] | undefined): Diagnosed<RunRecord> {
  if (wanted === undefined) return ok(record);
  const names = record.variants.map(({ name }) => name);
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0) return err(unknown.map((name) => unknownVariant(record.run, name, names)));
  return ok({ ...record, variants: record.variants.filter(({ name }) => wanted.includes(name)) });
}

function unknownWord(what: string, word: string, words: readonly string[]): Diagnostic {
  return usageError(`there is no ${what} \`${word}\``, didYouMean(word, words) ?? `Say one of ${orList(words)}.`);
}

function noModels(format: ExportFormat): Diagnostic {
  const formats = EXPORT_FORMATS.filter((each) => isModelFormat(each) || isItemFormat(each));
  const fix = `Leave --stage out, or say --format ${orList(formats)}.`;
  return usageError(`--stage chooses among trained models, and --format ${format} writes none`, fix);
}

function noItems(format: ExportFormat, option: string): Diagnostic {
  const fix = `Leave ${option} out, or say --format ${orList(ITEM_FORMATS)}.`;
  return usageError(`${option} chooses among items, and --format ${format} writes none`, fix);
}

function unknownVariant(run: string, name: string, names: readonly string[]): Diagnostic {
  return {
    code: "unknown-variant",
    severity: "error",
    message: `the run ${run} has no variant \`${name}\``,
    expected: orList(names),
    fix: didYouMean(name, names) ?? "Run `pipe show` for the variants of a run.",
  };
}
