import { didYouMean, oneOf, orList, withArticle } from "../base/suggest.js";
import type { Catalog } from "../catalog/types.js";
import type { StageFacts } from "../gen/stages.js";
import type { Complaints } from "./complaints.js";
import type { RawStage } from "./skeleton.js";

/** A stage among the others: what comes before it, and where its inputs come from. */
export interface LinkedStage extends RawStage {
  readonly before: readonly string[];
  /** Artifact kind → the stage that makes it. */
  readonly inputs: Readonly<Record<string, string>>;
}

/**
 * Links stages by `needs` and by what they make; in an order in which each follows what it needs.
 *
 * @param complete whether all stages that were written are among them; else nobody is said to lack an input.
 */
export function linkStages(
  stages: readonly RawStage[],
  complete: boolean,
  catalog: Catalog,
  complaints: Complaints,
): readonly LinkedStage[] {
  const errors = complaints.errorCount;
  const byName = new Map(stages.map((stage) => [stage.name, stage]));
  const before = new Map(stages.map((stage, i) => [stage.name, needsOf(stage, stages[i - 1], byName, complaints)]));
  const order = sorted(stages, before, complaints);
  const graph: Graph = { stages: byName, before, complete: complete && complaints.errorCount === errors, catalog };
  return order.map((stage) => {
    const inputs = inputsOf(stage, graph, complaints);
    complainOfTrainingAnew(stage, Object.values(inputs), graph, complaints);
    return { ...stage, before: before.get(stage.name) ?? [], inputs };
  });
}

interface Graph {
  readonly stages: ReadonlyMap<string, RawStage>;
  readonly before: ReadonlyMap<string, readonly string[]>;
  readonly complete: boolean;
  readonly catalog: Catalog;
}

function factsOf(kind: string, { catalog }: Graph): StageFacts {
  const known = catalog.get("stages", kind);
  if (known === undefined) throw new Error(`no stage kind ${kind}: the skeleton was not checked`);
  return known.about;
}

function needsOf(
  stage: RawStage,
  above: RawStage | undefined,
  byName: ReadonlyMap<string, RawStage>,
  complaints: Complaints,
): readonly string[] {
  if (stage.needs === undefined) return above ? [above.name] : [];
  const others = [...byName.keys()].filter((name) => name !== stage.name);
  const known = stage.needs.filter(({ name, at }) => {
    if (byName.has(name)) return true;
    complaints.error("unknown-stage", `there is no stage \`${name}\` to need`, {
      at,
      expected: others.length > 0 ? oneOf(others) : "a stage of this pipeline",
      fix: didYouMean(name, others) ?? "Name a stage of this pipeline.",
    });
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
  // The stage of the circle that says `needs` is where it can be undone.
  const [culprit, need] = loop
    .slice(0, -1)
    .map((name, i) => [byName.get(name) as RawStage, loop[i + 1] as string] as const)
    .find(([stage]) => stage.needs !== undefined) as readonly [RawStage, string];
  complaints.error("needs-cycle", "these stages need each other in a circle", {
    at: culprit.needs?.find(({ name }) => name === need)?.at ?? culprit.key,
    received: loop.join(" → "),
    fix: "Remove one of the `needs`.",
  });
}

function inputsOf(stage: RawStage, graph: Graph, complaints: Complaints): Readonly<Record<string, string>> {
  const facts = factsOf(stage.kind, graph);
  const inputs: Record<string, string> = {};
  for (const artifact of [...facts.inputs, ...facts.optional]) {
    const makers = nearestMakers(stage.name, artifact, graph);
    if (makers.length === 1) inputs[artifact] = makers[0] as string;
    else if (makers.length > 1) {
      complaints.error("ambiguous-input", `\`${stage.name}\` could take its ${artifact} from ${makers.length} stages`, {
        at: stage.key,
        received: makers.join(" and "),
        expected: `one stage that makes the ${artifact}`,
        fix: "Say with `needs` which one comes before it.",
      });
    } else if (graph.complete && lists(facts.inputs, artifact)) complainOfMissing(stage, artifact, graph, complaints);
  }
  return inputs;
}

/** A stage cannot begin with the weights of another one, but whoever puts one training below another means just that. */
function complainOfTrainingAnew(
  stage: RawStage,
  makers: readonly string[],
  graph: Graph,
  complaints: Complaints,
): void {
  const trains = ({ kind }: RawStage): boolean => {
    const { inputs, optional, outputs } = factsOf(kind, graph);
    return lists(outputs, "weights") && !lists([...inputs, ...optional], "weights");
  };
  if (!trains(stage)) return;
  const earlier = [...graph.stages.values()].find((other) => trains(other) && isAbove(other.name, stage.name, graph));
  if (earlier === undefined) return;
  const apart = [...new Set(makers)].join(", ");
  complaints.error(
    "training-not-continued",
    `\`${stage.name}\` would not go on from the weights of \`${earlier.name}\``,
    {
      at: stage.key,
      received: `a training below another: it would begin with new weights, as if \`${earlier.name}\` were not there`,
      expected: "one training on every way through the pipeline",
      fix: `Train once, with more epochs; or train apart from \`${earlier.name}\`, with \`needs: [${apart}]\`.`,
      related: [{ message: "the training above", at: earlier.key }],
    },
  );
}

function complainOfMissing(stage: RawStage, artifact: string, graph: Graph, complaints: Complaints): void {
  // `flatten` makes a dataset too, but only from another one.
  const kinds = graph.catalog.names("stages").filter((kind) => {
    const { inputs, outputs } = factsOf(kind, graph);
    return lists(outputs, artifact) && !lists(inputs, artifact);
  });
  const present = [...graph.stages.values()].find((other) => kinds.includes(other.kind) && other.name !== stage.name);
  const fix = present
    ? `Put \`${present.name}\` before it, or name it in its \`needs\`.`
    : `Put a ${orList(kinds)} stage before it.`;
  complaints.error("missing-input", `\`${stage.name}\` needs ${withArticle(artifact)}, which no stage above makes`, {
    at: stage.key,
    expected: `a stage above that makes the ${artifact}`,
    fix,
  });
}

/** The makers that one meets first on every way up, without those that stand above another of them. */
function nearestMakers(name: string, artifact: string, graph: Graph): readonly string[] {
  const found = new Set<string>();
  const seen = new Set<string>();
  const climb = (from: string) => {
    for (const need of graph.before.get(from) ?? []) {
      if (seen.has(need)) continue;
      seen.add(need);
      const { kind } = graph.stages.get(need) as RawStage;
      if (lists(factsOf(kind, graph).outputs, artifact)) found.add(need);
      else climb(need);
    }
  };
  climb(name);
  return [...found].filter((maker) => ![...found].some((other) => other !== maker && isAbove(maker, other, graph)));
}

function isAbove(upper: string, lower: string, graph: Graph): boolean {
  const seen = new Set<string>();
  const climb = (from: string): boolean =>
    (graph.before.get(from) ?? []).some((need) => {
      if (need === upper) return true;
      if (seen.has(need)) return false;
      seen.add(need);
      return climb(need);
    });
  return climb(lower);
}

function lists(artifacts: readonly string[], artifact: string): boolean {
  return artifacts.includes(artifact);
}
