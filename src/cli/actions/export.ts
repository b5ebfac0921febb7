import { join, resolve } from "node:path";
import type { Diagnostic } from "../../base/diagnostic.js";
import type { Digest } from "../../base/digest.js";
import type { Json } from "../../base/json.js";
import { err, ok } from "../../base/result.js";
import { didYouMean, orList } from "../../base/suggest.js";
import { EXPORT_FORMATS, type ExportFormat, isModelFormat, REPORT_FORMATS } from "../../exec/export-formats.js";
import { artifactGone, exportLost } from "../../exec/messages.js";
import { WorkerPool } from "../../exec/pool.js";
import type { ExportedFile, TaskOutcome } from "../../exec/protocol.js";
import type { RunRecord, Store, VariantRecord } from "../../store/types.js";
import { cwdOf, type Place, runsDirOf, shownPath } from "../paths.js";
import { reportInput } from "../report-input.js";
import { usageError } from "../usage.js";
import { writeOutput } from "../write-output.js";
import { withRuns } from "./runs.js";
import type { Diagnosed } from "./store.js";
import { lastOutput } from "./summary.js";

export interface ExportRequest extends Place {
  readonly format: ExportFormat;
  /** The folder to write into. Default: `export/<format>` in the run's folder. */
  readonly output?: string;
  /** Names of the variants that are wanted. Default: all; of models, all that have weights. */
  readonly variants?: readonly string[];
}

export interface ExportSummary {
  readonly run: string;
  readonly format: ExportFormat;
  /** What was written, in the order of the variants. */
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  /** Variants that were left out, and why. */
  readonly warnings: readonly Diagnostic[];
}

/**
 * Writes what a past run left as files: its models (`onnx`, `tfjs`), a folder a variant, or every table and chart of its
 * report (`csv`, `json`, `svg`, `png`, `md`). The same results give the same bytes.
 */
export async function exportRun(run: string, request: ExportRequest): Promise<Diagnosed<ExportSummary>> {
  const { format } = request;
  if (!EXPORT_FORMATS.includes(format)) return err([unknownFormat(format)]);
  return withRuns([run], request, ([record], store) => exportRecord(record as RunRecord, store, request));
}

async function exportRecord(
  record: RunRecord,
  store: Store,
  request: ExportRequest,
): Promise<Diagnosed<ExportSummary>> {
  const { format } = request;
  const cwd = cwdOf(request);
  const chosen = chooseVariants(record, request.variants);
  if (!chosen.ok) return chosen;
  const source = isModelFormat(format)
    ? storedModels(chosen.value, request.variants !== undefined)
    : ok({ input: reportInput([chosen.value], { cwd }) as unknown as Json, warnings: [] });
  if (!source.ok) return source;
  const { input, warnings } = source.value;
  const files = await makeFiles(format, input, store.path);
  if (!files.ok) return files;
  const folder = resolve(cwd, request.output ?? join(runsDirOf(request), record.run, "export", format));
  const written: ExportSummary["files"][number][] = [];
  for (const { name, content } of files.value) {
    const path = join(folder, name);
    const failure = writeOutput(path, content, cwd);
    if (failure !== undefined) return err([failure]);
    written.push({ path: shownPath(path, cwd), bytes: content.byteLength });
  }
  return ok({ run: record.run, format, files: written, warnings });
}

/** The record with the wanted variants alone. */
function chooseVariants(record: RunRecord, wanted: readonly string[] | undefined): Diagnosed<RunRecord> {
  if (wanted === undefined) return ok(record);
  const names = record.variants.map(({ name }) => name);
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0) return err(unknown.map((name) => unknownVariant(record.run, name, names)));
  return ok({ ...record, variants: record.variants.filter(({ name }) => wanted.includes(name)) });
}

/** The artifacts that a model's files are made from. */
const MODEL_KINDS = ["model", "weights", "dataset"] as const;

interface Source {
  readonly input: Json;
  readonly warnings: readonly Diagnostic[];
}

/** Model, weights and data of every variant. One without weights is an error if it was asked for, or if there is no other. */
function storedModels({ run, variants }: RunRecord, asked: boolean): Diagnosed<Source> {
  const models = variants.map((variant) => ({ ...lastArtifacts(variant), name: variant.name }));
  const complete = models.filter(({ model, weights }) => model !== undefined && weights !== undefined);
  const lacking = variants.filter(({ name }) => !complete.some((model) => model.name === name));
  const fatal = asked ? lacking.length > 0 : complete.length === 0;
  const complaints = lacking.map((variant) => noWeights(run, variant, fatal ? "error" : "warning"));
  return fatal ? err(complaints) : ok({ input: complete as Json, warnings: complaints });
}

/** Of several stages that made the same kind, the last one's. */
function lastArtifacts({ stages }: VariantRecord): { readonly [kind in (typeof MODEL_KINDS)[number]]?: Digest } {
  const found = MODEL_KINDS.map((kind) => [kind, lastOutput(stages, kind)?.digest] as const);
  return Object.fromEntries(found.filter(([, digest]) => digest !== undefined));
}

async function makeFiles(
  format: ExportFormat,
  input: Json,
  storePath: string,
): Promise<Diagnosed<readonly ExportedFile[]>> {
  const pool = new WorkerPool({ slots: 1, log: () => {} });
  try {
    const task = { type: "export", node: "export", attempt: 1, format, input, storePath } as const;
    const outcome = await pool.run(task, () => {});
    return outcome.status === "done" ? ok(outcome.files ?? []) : err(failures(outcome));
  } finally {
    await pool.close();
  }
}

function failures(outcome: Exclude<TaskOutcome, { status: "done" }>): readonly Diagnostic[] {
  if (outcome.status === "failed") return outcome.diagnostics;
  return [outcome.status === "damaged" ? artifactGone(outcome.digest) : exportLost(outcome.reason)];
}

function unknownFormat(format: string): Diagnostic {
  const fix = didYouMean(format, EXPORT_FORMATS) ?? `Say one of ${orList(EXPORT_FORMATS)}.`;
  return usageError(`there is no format \`${format}\``, fix);
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

function noWeights(run: string, { name, stages }: VariantRecord, severity: Diagnostic["severity"]): Diagnostic {
  const failed = stages.find(({ status }) => status === "failed");
  const why = failed === undefined ? "its training did not come to an end" : `its stage ${failed.name} failed`;
  return {
    code: "no-weights",
    severity,
    message: `${name} has no trained weights in ${run}: ${why}`,
    fix: `Train it first; what is there can be written as ${orList(REPORT_FORMATS)}.`,
  };
}
