import { join } from "node:path";
import type { EngineName } from "../../src/base/engines.js";
import { findTensorflow } from "../../src/base/tensorflow-home.js";

/** Set by the project of vitest.config.ts that repeats an engine's tests with the optional engine. */
const CHOSEN = process.env.PIPE_TEST_ENGINE as "tensorflow" | undefined;

/** The engine that tests of engines are about: their own, or `tensorflow` when they are repeated with it. */
export function engineUnderTest<Usual extends EngineName>(usual: Usual): Usual | "tensorflow" {
  return CHOSEN ?? usual;
}

/** Whether it is installed: what needs it is left out elsewhere. */
export const tensorflowHere = findTensorflow()?.binding != null;

/** An environment in which no optional engine is installed, wherever one is, nor can be: what lies in a file is no folder. */
export const NO_ENGINES = { PIPE_ENGINES: join(import.meta.filename, "engines") } as const;
