import { join } from "node:path";
import type { Diagnostic } from "../../base/diagnostic.js";
import { unsafePath } from "../../base/exported.js";
import type { Json } from "../../base/json.js";
import { err, ok } from "../../base/result.js";
import type { ModelExportFormat, ReportExportFormat } from "../../exec/export-formats.js";
import { artifactGone, exportLost } from "../../exec/messages.js";
import type { Executor, ExportTask, TaskOutcome } from "../../exec/protocol.js";
import type { RunRecord } from "../../store/types.js";
import { shownPath } from "../paths.js";
import { reportInput } from "../report-input.js";
import { writeOutput } from "../write-output.js";
import type { Diagnosed } from "./store.js";
import { type TrainingChoice, trainedModels } from "./trained-models.js";

/** What one kind of files brings to the summary of an export. */
export interface ExportPart {
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  readonly warnings: readonly Diagnostic[];
}

/** Where files go, and who makes them. */
export interface ExportPlace {
  /** Absolute. */
  readonly folder: string;
  readonly cwd: string;
  readonly storePath: string;
  readonly pool: Executor;
}

export async function exportModels(
  record: RunRecord,
  format: ModelExportFormat,
  choice: TrainingChoice,
  place: ExportPlace,
): Promise<Diagnosed<ExportPart>> {
  const { models, lacking, fatal } = trainedModels(record, choice);
  if (fatal) return err(lacking);
  const files = await makeFiles(format, models as unknown as Json, place);
  return files.ok ? ok({ files: files.value.files, warnings: [...lacking, ...files.value.warnings] }) : files;
}

export async function exportReport(
  record: RunRecord,
  format: ReportExportFormat,
  place: ExportPlace,
): Promise<Diagnosed<ExportPart>> {
  return makeFiles(format, reportInput([record], { cwd: place.cwd }) as unknown as Json, place);
}

async function makeFiles(
  format: ExportTask["format"],
  input: Json,
  { folder, cwd, storePath, pool }: ExportPlace,
): Promise<Diagnosed<ExportPart>> {
  const warnings: Diagnostic[] = [];
  const task: ExportTask = { type: "export", node: "export", attempt: 1, format, input, storePath };
  const outcome = await pool.run(task, (signal) => {
    if (signal.type === "warning") warnings.push(signal.diagnostic);
  });
  if (outcome.status !== "done") return err(failures(outcome));
  const written: ExportPart["files"][number][] = [];
  for (const { name, content } of outcome.files ?? []) {
    const path = join(folder, name);
    const failure = unsafePath(name) ?? writeOutput(path, content, cwd);
    if (failure !== undefined) return err([failure]);
    written.push({ path: shownPath(path, cwd), bytes: content.byteLength });
  }
  return ok({ files: written, warnings });
}

export function failures(outcome: Exclude<TaskOutcome, { status: "done" }>): readonly Diagnostic[] {
  if (outcome.status === "failed") return outcome.diagnostics;
  return [outcome.status === "damaged" ? artifactGone(outcome.digest) : exportLost(outcome.reason)];
}
