import type { Diagnostic } from "../../base/diagnostic.js";
import { err, ok, type Result } from "../../base/result.js";
import type { HostArray, InputSpec, NamedArrays } from "../engine.js";
import { currentLayer, trackLayers } from "../layer.js";
import { otherEngines } from "../other-engines.js";
import type { Graph } from "./ir.js";
import * as ort from "./runtime.js";
import { TraceError } from "./trace/error.js";

/** What belongs to one batch size, made when it is first asked for. A failure is not kept: nothing stays half made. */
export class PerBatch<T> {
  readonly #make: (batch: number) => Promise<T>;
  readonly #made = new Map<number, Promise<T>>();

  constructor(make: (batch: number) => Promise<T>) {
    this.#make = make;
  }

  get(batch: number): Promise<T> {
    const known = this.#made.get(batch);
    if (known) return known;
    const made = this.#make(batch);
    this.#made.set(batch, made);
    made.catch(() => this.#made.delete(batch));
    return made;
  }

  /** Hands everything over to be let go. */
  clear(release: (item: T) => unknown): void {
    for (const made of this.#made.values()) made.then(release, () => undefined);
    this.#made.clear();
  }
}

/** Traces a program; one that cannot be traced is traced again with layers leaving their names, to say which it is. */
export function traceNamingLayers(trace: () => Graph): Graph {
  try {
    return trace();
  } catch (error) {
    if (!(error instanceof TraceError)) throw error;
    trackLayers(() => {
      try {
        trace();
      } catch {
        // The first error is the one to report; this run is for the name alone.
      }
    });
    const layer = currentLayer();
    if (layer === null) throw error;
    const message = `layer ${layer}: ${error.message}`;
    throw new TraceError({ ...error.diagnostic, message, layer }, error.operation);
  }
}

/** What the program's author can mend is a value; everything else is a bug and stays an exception. */
export async function asResult<T>(compute: () => Promise<T>): Promise<Result<T, Diagnostic[]>> {
  try {
    return ok(await compute());
  } catch (error) {
    if (!(error instanceof TraceError)) throw error;
    const { diagnostic, operation } = error;
    if (operation === undefined) return err([diagnostic]);
    return err([{ ...diagnostic, fix: await otherEngines(operation, "onnx") }]);
  }
}

/** The data of a call as tensors named `input.<name>`; `steps` puts an axis of steps in front. */
export function feedsOf(specs: readonly InputSpec[], data: NamedArrays, steps?: number): Record<string, ort.Tensor> {
  return Object.fromEntries(
    specs.map((spec) => {
      const values = data[spec.name];
      if (!values) throw new Error(`no data for the input ${spec.name}`);
      return [`input.${spec.name}`, hostTensor(spec, values, steps)];
    }),
  );
}

function hostTensor(spec: InputSpec, values: HostArray, steps: number | undefined): ort.Tensor {
  const shape = steps === undefined ? spec.shape : [steps, ...spec.shape];
  return new ort.Tensor(spec.dtype, values, shape);
}
