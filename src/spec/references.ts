import type { PortRef } from "../base/ports.js";
import type { Catalog } from "../catalog/types.js";
import type { Complaints } from "./complaints.js";
import type { RawStage } from "./skeleton.js";
import { complainOfStage, type Graph, warnOfHidden, wireStage, writtenInputs } from "./wiring.js";

/** A stage among the others: what comes before it, and where its inputs come from. */
export interface LinkedStage extends RawStage {
  readonly before: readonly string[];
  /** Its input ports → the outputs that they take. */
  readonly inputs: Readonly<Record<string, PortRef>>;
}

/**
 * Links stages by `needs`, by `inputs` and by what they make; in an order in which each follows what it needs.
 *
 * @param complete whether all stages that were written are among them; otherwise no missing input is reported.
 */
export function linkStages(
  stages: readonly RawStage[],
  complete: boolean,
  catalog: Catalog,
  complaints: Complaints,
): readonly LinkedStage[] {
  const errors = complaints.errorCount;
  const byName = new Map(stages.map((stage) => [stage.name, stage]));
  const needs = new Map(stages.map((stage, i) => [stage.name, needsOf(stage, stages[i - 1], byName, complaints)]));
  const written = new Map(stages.map((stage) => [stage.name, writtenInputs(stage, byName, complaints)]));
  const before = new Map(
    [...needs].map(([name, needed]) => {
      const sources = [...(written.get(name)?.values() ?? [])].flatMap((from) => from?.stage ?? []);
      return [name, [...new Set([...needed, ...sources])]];
    }),
  );
  const order = sorted(stages, before, complaints);
  const linked = new Map<string, Readonly<Record<string, PortRef>>>();
  const graph: Graph = {
    linked,
    stages: byName,
    needs,
    before,
    complete: complete && complaints.errorCount === errors,
    catalog,
  };
  const found = order.map((stage) => {
    const inputs = wireStage(stage, written.get(stage.name) ?? new Map(), graph, complaints);
    linked.set(stage.name, inputs);
    return { ...stage, before: before.get(stage.name) ?? [], inputs };
  });
  if (complaints.errorCount === errors) warnOfHidden(graph, complaints);
  return found;
}

function needsOf(
  stage: RawStage,
  above: RawStage | undefined,
  byName: ReadonlyMap<string, RawStage>,
  complaints: Complaints,
): readonly string[] {
  if (stage.needs === undefined) return above ? [above.name] : [];
  const known = stage.needs.filter((need) => {
    if (byName.has(need.name)) return true;
    complainOfStage(need, "to need", stage, byName, complaints);
    return false;
  });
  return [...new Set(known.map(({ name }) => name))];
}

/** Depth-first, in the order written: stages that could stand anywhere stay where they are. */
function sorted(
  stages: readonly RawStage[],
  before: ReadonlyMap<string, readonly string[]>,
  complaints: Complaints,
): readonly RawStage[] {
  const byName = new Map(stages.map((stage) => [stage.name, stage]));
  const done = new Set<string>();
  const circular = new Set<string>();
  const order: RawStage[] = [];
  const visit = (name: string, trail: readonly string[]): boolean => {
    if (done.has(name)) return true;
    if (circular.has(name)) return false;
    const stage = byName.get(name) as RawStage;
    const start = trail.indexOf(name);
    if (start >= 0) {
      complainOfCycle([...trail.slice(start), name], byName, complaints);
      return false;
    }
    const fine = (before.get(name) ?? []).map((need) => visit(need, [...trail, name])).every(Boolean);
    if (!fine) circular.add(name);
    else if (!done.has(name)) {
      done.add(name);
      order.push(stage);
    }
    return fine;
  };
  for (const stage of stages) visit(stage.name, []);
  return order;
}

function complainOfCycle(loop: readonly string[], byName: ReadonlyMap<string, RawStage>, complaints: Complaints): void {
  // What was written, in `inputs` or in `needs`, is where the circle can be undone.
  const links = loop.slice(0, -1).map((name, i) => [byName.get(name) as RawStage, loop[i + 1] as string] as const);
  const wire = links.flatMap(([stage, next]) => stage.wires.find((one) => one.stage === next) ?? [])[0];
  const need = links.flatMap(([stage, next]) => stage.needs?.find(({ name }) => name === next) ?? [])[0];
  complaints.error("needs-cycle", "these stages need each other in a circle", {
    at: (wire ?? need)?.at,
    received: loop.join(" → "),
    fix: wire ? `Take \`${wire.port}\` from a stage that does not follow this one.` : "Remove one of the `needs`.",
  });
}
