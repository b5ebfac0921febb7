/**
 * What a project's own code imports from `pipe-experiments`: functions that type a definition and give it back, and the
 * small tools of those who write one. Loads nothing heavy; TensorFlow.js is handed to the code that computes.
 */
export { columnTensor, inputColumn, inputOf, targetColumn, targetOf, withColumn } from "./artifact/columns.js";
export { floatValues, storedValues, type Tensor, tensorOf } from "./artifact/tensor.js";
export type { ArtifactTypes, Column, Dataset } from "./artifact/types.js";
export type { Diagnostic } from "./base/diagnostic.js";
export { RandomStream } from "./base/random.js";
export { err, ok, type Result } from "./base/result.js";
export { withValues } from "./define/data.js";
export {
  defineChart,
  defineLayer,
  defineLoss,
  defineMetric,
  defineOptimizer,
  type Measurement,
  type MetricBatch,
  type OptimizerStep,
  type OwnChartKind,
  type OwnLayerKind,
  type OwnLoss,
  type OwnMetricKind,
  type OwnOptimizer,
  type StepRule,
  type TensorFlow,
} from "./define/kinds.js";
export type { FromSchema, ParamsSchema } from "./define/schema.js";
export {
  defineStage,
  type InputPorts,
  type OutputPorts,
  type OwnContext,
  type OwnStage,
} from "./define/stage.js";
