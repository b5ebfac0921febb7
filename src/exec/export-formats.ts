/** Files of a trained model, for other programs to compute with. */
export const MODEL_FORMATS = ["onnx", "tfjs"] as const;
/** Files of the predictions of a trained model for every item. */
export const ITEM_FORMATS = ["npz", "parquet", "csv"] as const;
/** Files of a report's tables and charts. */
export const REPORT_FORMATS = ["csv", "json", "svg", "png", "md"] as const;
export const EXPORT_FORMATS = ["onnx", "tfjs", "npz", "parquet", "csv", "json", "svg", "png", "md"] as const;

export type ExportFormat = (typeof EXPORT_FORMATS)[number];
export type ModelExportFormat = (typeof MODEL_FORMATS)[number];
export type ItemExportFormat = (typeof ITEM_FORMATS)[number];
export type ReportExportFormat = (typeof REPORT_FORMATS)[number];

export function isModelFormat(format: ExportFormat): format is ModelExportFormat {
  return (MODEL_FORMATS as readonly string[]).includes(format);
}

export function isItemFormat(format: ExportFormat): format is ItemExportFormat {
  return (ITEM_FORMATS as readonly string[]).includes(format);
}

export function isReportFormat(format: ExportFormat): format is ReportExportFormat {
  return (REPORT_FORMATS as readonly string[]).includes(format);
}
