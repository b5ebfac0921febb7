import type { FunctionProgram } from "../../engine.js";
import type { Graph } from "../ir.js";
import { onCpu, record, type StateVariable, stateVariable } from "./trace.js";

/**
 * A pure function with its weights. A trace gives a graph with the inputs `input.<name>` and `weight.<variable>`
 * and the outputs `output.<name>`.
 */
export class TracedFunction {
  readonly weights: readonly StateVariable[];
  readonly #program: FunctionProgram;

  constructor(program: FunctionProgram) {
    this.#program = program;
    this.weights = onCpu(() => program.variables().map(stateVariable));
  }

  trace(batch: number): Graph {
    return record(
      () => this.weights,
      (recording) => {
        const { graph } = recording;
        const inputs = recording.inputs(this.#program.inputs(batch));
        for (const { name, variable } of this.weights) {
          recording.bind(variable, graph.input(`weight.${name}`, "float32", variable.shape));
        }
        for (const [name, output] of Object.entries(this.#program.outputs(inputs))) {
          graph.output(`output.${name}`, recording.valueOf(output));
        }
        return graph;
      },
    );
  }

  dispose(): void {
    for (const { variable } of this.weights) variable.dispose();
  }
}
