import type { TraceKernels } from "../trace/call.js";
import { convKernels } from "./conv.js";
import { elementwiseKernels } from "./elementwise.js";
import { matmulKernels } from "./matmul.js";
import { poolKernels } from "./pool.js";
import { reduceKernels } from "./reduce.js";
import { resizeKernels } from "./resize.js";
import { shapeKernels } from "./shape.js";

/** Every tfjs kernel that can be recorded, by its tfjs name. */
export const KERNELS: TraceKernels = {
  ...elementwiseKernels,
  ...reduceKernels,
  ...matmulKernels,
  ...convKernels,
  ...poolKernels,
  ...resizeKernels,
  ...shapeKernels,
};
