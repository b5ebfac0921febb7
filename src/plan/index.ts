/** Pipeline → Plan: which stages there are, which are stored, and why the others run. Start at `makePlan`. */
export type { FileDigest, StageCatalog } from "./fingerprint.js";
export { checkStageNames, makePlan, type Planning, settle } from "./plan.js";
export { onlyReport, settleReport, withReport } from "./report.js";
export * from "./types.js";
