import { digestJson } from "../base/digest.js";
import type { Json } from "../base/json.js";
import type { StageFacts } from "../base/ports.js";
import type { Store } from "../store/types.js";
import type { EngineChoice, NodeState, Plan, PlanNode, Revision, SettledState } from "./types.js";

/** What a report is made from, and the code that makes it: together its fingerprint. */
export interface ReportRecipe {
  readonly input: Json;
  readonly revision: Revision;
}

const REPORT = "report";

/** What it takes is every output that there is: its recipe names them, and its code. */
const FACTS: StageFacts = { version: 1, inputs: {}, outputs: { report: "report" }, seeded: false, engine: false };

const NEW_RESULTS = "new results";
const STATE: NodeState = { state: "after-inputs", reason: NEW_RESULTS, surely: false };

/** The same plan with the report of all its stages as the last node. */
export function withReport(plan: Plan): Plan {
  const node = reportNode(plan.nodes.map(({ id }) => id));
  return { ...plan, nodes: [...plan.nodes, node], states: new Map([...plan.states, [REPORT, STATE]]) };
}

/** A report of what ran before. */
export function onlyReport(engine: EngineChoice): Omit<Plan, "experiment"> {
  return { nodes: [reportNode([])], states: new Map([[REPORT, STATE]]), engine };
}

/** Renders a report once all of `after` have come to an end. It is no variant's, so it has no label. */
function reportNode(after: readonly string[]): PlanNode {
  const stage = { name: REPORT, kind: REPORT, params: {}, needs: [], inputs: {}, files: [] };
  return { id: REPORT, stage, labels: [], seed: 0, facts: FACTS, inputs: {}, after, regardless: true };
}

/** Whether the same report was made before. */
export function settleReport({ input, revision }: ReportRecipe, store: Pick<Store, "lookup">): SettledState {
  const parts = { kind: REPORT, ...revision, input: digestJson(input) };
  const fingerprint = digestJson(parts);
  const result = store.lookup(fingerprint);
  return result === undefined
    ? { state: "run", fingerprint, parts, reason: NEW_RESULTS }
    : { state: "cached", fingerprint, result };
}
