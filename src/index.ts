/**
 * The programming interface: what the commands do, as typed functions that print nothing. Expected failures are
 * values: `{ ok: false, error: Diagnostic[] }`. Exceptions are bugs.
 *
 * @example
 * import { formatDiagnostic, run } from "pipe-experiments";
 *
 * const result = await run(["pipelines/compare.yaml"], {
 *   sets: ["params.epochs=2"],
 *   onEvent: (event) => event.type === "epoch" && console.log(event.epoch, event.metrics),
 * });
 * if (result.ok) {
 *   for (const { name, metrics } of result.value.variants) console.log(name, metrics.test?.loss);
 *   console.log(result.value.report);
 * } else {
 *   for (const diagnostic of result.error) console.error(formatDiagnostic(diagnostic));
 * }
 *
 * @module
 */
export * from "./authors.js";
export type { Diagnostic, Location } from "./base/diagnostic.js";
export type { EngineName } from "./base/engines.js";
export type {
  EpochMetrics,
  EventSink,
  OutputRecord,
  RunEvent,
  RunStatus,
  StageStatus,
  TrainingEnd,
} from "./base/event.js";
export { formatDiagnostic } from "./base/format.js";
export { ITEM_GROUPS, type ItemGroup } from "./base/items.js";
export type { Json, JsonObject } from "./base/json.js";
export type { Result } from "./base/result.js";
export { cacheGc, cacheStats, cacheVerify, type DamagedPart, type SweepRequest } from "./cli/actions/cache.js";
export { diff, type RunDiff, type VariantDiff } from "./cli/actions/diff.js";
export { doctor, type EngineHealth, type Health } from "./cli/actions/doctor.js";
export {
  type InstalledEngine,
  type InstallRequest,
  installEngine,
  type RemovedEngine,
  removeEngine,
} from "./cli/actions/engine.js";
export type { ExperimentOptions } from "./cli/actions/experiment.js";
export { type ExportRequest, type ExportSummary, exportRun } from "./cli/actions/export.js";
export { init } from "./cli/actions/init.js";
export { type PlannedStage, type PlanSummary, plan } from "./cli/actions/plan.js";
export { type ReportRequest, report } from "./cli/actions/report.js";
export { type RunOptions, run } from "./cli/actions/run.js";
export { list, type RunLine, show } from "./cli/actions/runs.js";
export type { SettingDiff } from "./cli/actions/settings.js";
export type { Diagnosed } from "./cli/actions/store.js";
export type { RunSummary, TrainingSummary, VariantSummary } from "./cli/actions/summary.js";
export { type ValidSummary, validate } from "./cli/actions/validate.js";
export type { Place } from "./cli/paths.js";
export { EXPORT_FORMATS, type ExportFormat } from "./exec/export-formats.js";
export type { StageRecord, StoreStats, Swept } from "./store/types.js";
