/** Files of a trained model, for other programs to compute with. */
export const MODEL_FORMATS = ["onnx", "tfjs"] as const;
/** Files of a report's tables and charts. */
export const REPORT_FORMATS = ["csv", "json", "svg", "png", "md"] as const;
export const EXPORT_FORMATS = [...MODEL_FORMATS, ...REPORT_FORMATS] as const;

export type ExportFormat = (typeof EXPORT_FORMATS)[number];
export type ModelExportFormat = (typeof MODEL_FORMATS)[number];

export function isModelFormat(format: ExportFormat): format is ModelExportFormat {
  return (MODEL_FORMATS as readonly string[]).includes(format);
}
