import type { PortRef, StageFacts } from "../base/ports.js";
import { didYouMean, oneOf, orList, withArticle } from "../base/suggest.js";
import type { Catalog } from "../catalog/types.js";
import type { Complaints } from "./complaints.js";
import type { RawStage, WrittenWire } from "./skeleton.js";
import type { Span } from "./source.js";

/** The stages of a pipeline, and which comes before which. */
export interface Graph {
  readonly stages: ReadonlyMap<string, RawStage>;
  /** What each needs, as written or the one above: the way on which inputs are looked for. */
  readonly needs: ReadonlyMap<string, readonly string[]>;
  /** What comes before each, what its `inputs` name included. */
  readonly before: ReadonlyMap<string, readonly string[]>;
  /** Every stage that was written is among them, so that what is missing can be told. */
  readonly complete: boolean;
  readonly catalog: Catalog;
}

/** What a stage's `inputs` say, by port: the output meant, or null after a complaint about it. */
export type WrittenInputs = ReadonlyMap<string, PortRef | null>;

/** Looks up what a stage's `inputs` name. */
export function writtenInputs(
  stage: RawStage,
  stages: ReadonlyMap<string, RawStage>,
  complaints: Complaints,
): WrittenInputs {
  const inputs = new Map<string, PortRef | null>();
  for (const wire of stage.wires) {
    if (!Object.hasOwn(stage.facts.inputs, wire.port)) complainOfPort(stage, wire, complaints);
    else inputs.set(wire.port, outputNamed(wire, stage, stages, complaints));
  }
  return inputs;
}

/** Where each input of a stage comes from: what its `inputs` say, else the nearest stage above that makes its type. */
export function wireStage(
  stage: RawStage,
  written: WrittenInputs,
  graph: Graph,
  complaints: Complaints,
): Readonly<Record<string, PortRef>> {
  const wires = Object.keys(stage.facts.inputs).flatMap((port) => {
    const named = written.get(port);
    const from = named === undefined ? nearest(port, stage, graph, complaints) : named;
    return from === null ? [] : [[port, from] as const];
  });
  return Object.fromEntries(wires);
}

function complainOfPort({ name, kind, facts }: RawStage, { port, key }: WrittenWire, complaints: Complaints): void {
  const ports = Object.keys(facts.inputs);
  complaints.error("unknown-port", `\`${name}\` has no input \`${port}\``, {
    at: key,
    expected: ports.length > 0 ? oneOf(ports) : `no inputs: a ${kind} stage takes none`,
    fix: didYouMean(port, ports) ?? (ports.length > 0 ? "Name one of these." : "Remove it."),
  });
}

/** The output that an input names; null after a complaint. */
function outputNamed(
  wire: WrittenWire,
  stage: RawStage,
  stages: ReadonlyMap<string, RawStage>,
  complaints: Complaints,
): PortRef | null {
  const { port, at, output } = wire;
  const maker = stages.get(wire.stage);
  if (maker === undefined) {
    complainOfStage({ name: wire.stage, at }, "to take it from", stage, stages, complaints);
    return null;
  }
  const type = typeOf(stage, port);
  const outputs = maker.facts.outputs;
  if (output === undefined) return onlyOutput(wire, maker, type, complaints);
  const fitting = outputsOf(maker, type);
  const choice = fitting.length > 0 ? fitting.map((name) => `${maker.name}.${name}`) : null;
  const fix = choice ? `Write \`${port}: ${choice[0]}\`.` : `Name a stage that makes ${withArticle(type)}.`;
  const found = Object.hasOwn(outputs, output) ? outputs[output] : undefined;
  if (found === type) return { stage: maker.name, port: output };
  if (found === undefined) {
    complaints.error("unknown-port", `\`${maker.name}\` has no output \`${output}\``, {
      at,
      expected: oneOf(Object.keys(outputs)),
      fix: didYouMean(output, Object.keys(outputs)) ?? fix,
    });
  } else {
    complaints.error("wrong-port", `\`${port}\` of \`${stage.name}\` takes ${withArticle(type)}`, {
      at,
      received: `\`${maker.name}.${output}\`, which is ${withArticle(found)}`,
      expected: choice ? oneOf(choice) : `${withArticle(type)}, which \`${maker.name}\` does not make`,
      fix,
    });
  }
  return null;
}

function onlyOutput({ port, at }: WrittenWire, maker: RawStage, type: string, complaints: Complaints): PortRef | null {
  const fitting = outputsOf(maker, type);
  const output = chosenOutput(fitting, port);
  if (output !== undefined) return { stage: maker.name, port: output };
  if (fitting.length === 0) {
    complaints.error("wrong-port", `\`${maker.name}\` makes no ${type}`, {
      at,
      expected: `a stage that makes ${withArticle(type)}`,
      received: `\`${maker.name}\`, which makes ${orList(Object.keys(maker.facts.outputs))}`,
      fix: `Name a stage that makes ${withArticle(type)}.`,
    });
  } else {
    const choice = fitting.map((name) => `${maker.name}.${name}`);
    complaints.error("ambiguous-input", `\`${maker.name}\` has ${fitting.length} outputs that are ${type}`, {
      at,
      expected: oneOf(choice),
      fix: `Write \`${port}: ${choice[0]}\`.`,
    });
  }
  return null;
}

/** A stage names another one that is not there. */
export function complainOfStage(
  { name, at }: { readonly name: string; readonly at: Span },
  purpose: string,
  stage: RawStage,
  stages: ReadonlyMap<string, RawStage>,
  complaints: Complaints,
): void {
  const others = [...stages.keys()].filter((other) => other !== stage.name);
  complaints.error("unknown-stage", `there is no stage \`${name}\` ${purpose}`, {
    at,
    expected: others.length > 0 ? oneOf(others) : "a stage of this pipeline",
    fix: didYouMean(name, others) ?? "Name a stage of this pipeline.",
  });
}

/** The output of the nearest stage above that makes what a port takes; null where there is none, or after a complaint. */
function nearest(port: string, stage: RawStage, graph: Graph, complaints: Complaints): PortRef | null {
  const type = typeOf(stage, port);
  const makers = nearestMakers(stage.name, type, graph).map((name) => graph.stages.get(name) as RawStage);
  const [maker] = makers;
  if (maker === undefined) {
    if (graph.complete && !stage.facts.inputs[port]?.optional) complainOfMissing(stage, type, graph, complaints);
    return null;
  }
  const fitting = outputsOf(maker, type);
  const output = makers.length === 1 ? chosenOutput(fitting, port) : undefined;
  if (output !== undefined) return { stage: maker.name, port: output };
  const choice = makers.flatMap((one) => outputsOf(one, type).map((name) => `${one.name}.${name}`));
  const several = makers.length > 1 ? `${makers.length} stages` : `${fitting.length} outputs of \`${maker.name}\``;
  complaints.error("ambiguous-input", `\`${stage.name}\` could take its ${port} from ${several}`, {
    at: stage.key,
    received: choice.join(" and "),
    expected: "one of these",
    fix: `Say which: \`inputs: { ${port}: ${choice[0]} }\`.`,
  });
  return null;
}

/** The one output, or the one that is called like the input. */
function chosenOutput(outputs: readonly string[], port: string): string | undefined {
  return outputs.length === 1 ? outputs[0] : outputs.find((name) => name === port);
}

/** A stage cannot begin with the weights of another one, but whoever puts one training below another means just that. */
export function complainOfTrainingAnew(
  stage: RawStage,
  inputs: Readonly<Record<string, PortRef>>,
  graph: Graph,
  complaints: Complaints,
): void {
  const trains = ({ facts }: RawStage): boolean => makes(facts, "weights") && !takes(facts, "weights");
  if (!trains(stage)) return;
  const earlier = [...graph.stages.values()].find((other) => trains(other) && isAbove(other.name, stage.name, graph));
  if (earlier === undefined) return;
  const apart = [...new Set(Object.values(inputs).map((from) => from.stage))].join(", ");
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

function complainOfMissing(stage: RawStage, type: string, graph: Graph, complaints: Complaints): void {
  // `flatten` makes a dataset too, but only from another one.
  const kinds = graph.catalog.names("stages").filter((kind) => {
    const facts = graph.catalog.get("stages", kind)?.about;
    return facts !== undefined && makes(facts, type) && !takes(facts, type);
  });
  const present = [...graph.stages.values()].find((other) => kinds.includes(other.kind) && other.name !== stage.name);
  const fix = present
    ? `Put \`${present.name}\` before it, or name it in its \`needs\`.`
    : `Put a ${orList(kinds)} stage before it.`;
  complaints.error("missing-input", `\`${stage.name}\` needs ${withArticle(type)}, which no stage above makes`, {
    at: stage.key,
    expected: `a stage above that makes the ${type}`,
    fix,
  });
}

/** The makers that one meets first on every way up, without those that stand above another of them. */
function nearestMakers(name: string, type: string, graph: Graph): readonly string[] {
  const found = new Set<string>();
  const seen = new Set<string>();
  const climb = (from: string) => {
    for (const need of graph.needs.get(from) ?? []) {
      if (seen.has(need)) continue;
      seen.add(need);
      const above = graph.stages.get(need);
      if (above && makes(above.facts, type)) found.add(need);
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

/** The kind of artifact that an input takes. */
function typeOf(stage: RawStage, port: string): string {
  return stage.facts.inputs[port]?.type ?? port;
}

function outputsOf(stage: RawStage, type: string): readonly string[] {
  return Object.entries(stage.facts.outputs).flatMap(([port, made]) => (made === type ? [port] : []));
}

function makes({ outputs }: StageFacts, type: string): boolean {
  return Object.values(outputs).includes(type);
}

function takes({ inputs }: StageFacts, type: string): boolean {
  return Object.values(inputs).some((port) => port.type === type);
}
