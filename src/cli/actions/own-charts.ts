import type { Diagnostic } from "../../base/diagnostic.js";
import type { JsonObject, JsonPath } from "../../base/json.js";
import { locate } from "../../exec/messages.js";
import type { ChartsTask, Executor } from "../../exec/protocol.js";
import type { Plan } from "../../plan/index.js";

/**
 * Tries the charts of the user's own that this run would draw: compiled without data in a worker, since Vega is too heavy
 * for this process, and before a training is spent on them. Where all is stored, nothing is tried.
 */
export async function checkOwnCharts(
  { nodes, states }: Plan,
  executor: Executor,
  storePath: string,
  stop?: AbortSignal,
): Promise<readonly Diagnostic[]> {
  const charts = nodes
    .filter(({ id, stage }) => stage.kind === "visualize" && states.get(id)?.state !== "cached")
    .flatMap(({ stage }) => specsOf(stage.params).map((each) => ({ stage, ...each })));
  if (charts.length === 0) return [];
  const specs = charts.map(({ spec }) => spec);
  const task: ChartsTask = { type: "charts", node: "charts", attempt: 1, specs, storePath };
  const outcome = await executor.run(task, () => {}, stop);
  // What else goes wrong in a worker is for the stage itself to say.
  if (outcome.status !== "failed") return [];
  const placed = outcome.diagnostics.flatMap((diagnostic) => {
    const chart = charts[Number(diagnostic.path?.[0])];
    return chart === undefined ? [] : [locate(chart.stage, { ...diagnostic, path: chart.path })];
  });
  // Variants share files: the same chart in the same place is reported once.
  return [...new Map(placed.map((each) => [JSON.stringify(each.at), each])).values()];
}

function specsOf(params: JsonObject): { readonly spec: JsonObject; readonly path: JsonPath }[] {
  const charts = (params.charts ?? []) as readonly { readonly "vega-lite"?: { readonly spec: JsonObject } }[];
  return charts.flatMap((chart, i) => {
    const { spec } = chart["vega-lite"] ?? {};
    return spec === undefined ? [] : [{ spec, path: ["charts", i, "vega-lite", "spec"] }];
  });
}
