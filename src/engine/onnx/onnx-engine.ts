import type { Engine } from "../engine.js";
import { asResult } from "./compile.js";
import { OnnxFunction } from "./function.js";
import { ALL_REWRITES, type Rewrite } from "./rewrites/index.js";
import * as ort from "./runtime.js";
import { OnnxTraining } from "./training.js";

export interface OnnxEngineOptions {
  /** Which rewrites to apply, in order; all of them unless a test or a benchmark wants to know what one does. */
  readonly rewrites?: readonly Rewrite[];
}

/** How many steps one call should run: beyond some 70 nothing is gained, and a call should not hide progress. */
const STEPS_PER_CALL = 128;

/** The compiled engine: programs are traced into ONNX graphs, and ONNX Runtime runs many steps a call. */
export function onnxEngine({ rewrites = ALL_REWRITES }: OnnxEngineOptions = {}): Engine {
  return {
    name: "onnx",
    version: `onnxruntime-node ${ort.env.versions.node}`,
    compileTraining: (program) => asResult(async () => new OnnxTraining(program, rewrites)),
    compileFunction: (program) => asResult(async () => new OnnxFunction(program, rewrites)),
    stepsPerCall: STEPS_PER_CALL,
    dispose() {},
  };
}
