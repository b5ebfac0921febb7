import { bytesInMemory } from "../../src/artifact/tensor.js";
import type { Diagnostic } from "../../src/base/diagnostic.js";
import type { EngineName } from "../../src/base/engines.js";
import type { Result } from "../../src/base/result.js";
import { readNamed, readNamedInPieces } from "../../src/exec/read-files.js";
import type { StageInputs, StageKind, StageOutputs, StageParams } from "../../src/gen/stages.js";
import type { EpochReport, StageDefinition, StageProgress } from "../../src/stage.js";
import { engineUnderTest } from "../rig/tensorflow.js";

/** What a stage told while it ran. */
export interface Told {
  readonly progress: StageProgress[];
  readonly epochs: EpochReport[];
}

/** Runs a stage as a worker does. `files` are absolute paths by the dotted place of the parameter: `train.images`. */
export async function runStage<K extends StageKind>(
  stage: StageDefinition<K>,
  params: StageParams[K],
  inputs: StageInputs[K],
  {
    files = {} as Record<string, string>,
    engine = engineUnderTest("wasm") as EngineName,
    seed = 1,
    told = { progress: [], epochs: [] } as Told,
  } = {},
): Promise<Result<StageOutputs[K], readonly Diagnostic[]>> {
  return stage.run(
    {
      params,
      seed,
      engine,
      read: (path) => readNamed(files[path.join(".")] as string, path),
      readInPieces: (path, use) => readNamedInPieces(files[path.join(".")] as string, path, use),
      keep: bytesInMemory,
      progress: (progress) => void told.progress.push(progress),
      epoch: (epoch) => void told.epochs.push(epoch),
      trainingEnded: () => {},
      warn: () => {},
    },
    inputs,
  );
}

export function value<T>(result: Result<T, readonly Diagnostic[]>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

/** An IDX file of unsigned bytes. */
export function idx(shape: readonly number[], data: Uint8Array): Uint8Array {
  const header = new DataView(new ArrayBuffer(4 + 4 * shape.length));
  header.setUint8(2, 8);
  header.setUint8(3, shape.length);
  for (const [i, size] of shape.entries()) header.setUint32(4 + 4 * i, size);
  return Buffer.concat([new Uint8Array(header.buffer), data]);
}

/** An IDX file of any type: 9 int8, 11 int16, 12 int32, 13 float32, 14 float64. */
export function idxOf(type: 9 | 11 | 12 | 13 | 14, shape: readonly number[], values: readonly number[]): Uint8Array {
  const [size, set] = {
    9: [1, "setInt8"] as const,
    11: [2, "setInt16"] as const,
    12: [4, "setInt32"] as const,
    13: [4, "setFloat32"] as const,
    14: [8, "setFloat64"] as const,
  }[type];
  const file = idx(shape, new Uint8Array(size * values.length));
  file[2] = type;
  const view = new DataView(file.buffer, file.byteOffset + 4 + 4 * shape.length);
  for (const [i, each] of values.entries()) view[set](i * size, each);
  return file;
}
