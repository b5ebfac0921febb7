import { type Command, Option } from "commander";
import { type PlannedStage, type PlanSummary, plan } from "../actions/plan.js";
import { type CommandContext, type ExitCode, refuse } from "../context.js";
import { addOwnCode, addRuns, addSets, type OwnCodeOption, type RunsOption } from "../options.js";

interface Flags extends RunsOption, OwnCodeOption {
  readonly format: "mermaid" | "dot";
  readonly set?: readonly string[];
}

export function define(command: Command, context: CommandContext): void {
  addOwnCode(addRuns(addSets(command.argument("<files...>", "a comparison, or pipelines to compare"))))
    .addOption(new Option("--format <name>", "language of the graph").choices(["mermaid", "dot"]).default("mermaid"))
    .addHelpText(
      "after",
      "\nStages that variants share are one node; what is stored has a dashed border. An arrow bears what is taken, none where\none stage only follows another.",
    )
    .action(async (files: readonly string[], flags: Flags) => context.exit(await execute(files, flags, context)));
}

async function execute(files: readonly string[], flags: Flags, context: CommandContext): Promise<ExitCode> {
  const { runs, set, ownCode } = flags;
  const result = await plan(files, { cwd: context.cwd, runs, ownCode, ...(set === undefined ? {} : { sets: set }) });
  if (!result.ok) return refuse(context, result.error);
  context.terminal.out(flags.format === "dot" ? dot(nodesOf(result.value)) : mermaid(nodesOf(result.value)));
  return 0;
}

interface GraphNode {
  readonly id: string;
  readonly edges: readonly Edge[];
  /** The stage, and the variants that have it where not all do. */
  readonly label: readonly string[];
  readonly cached: boolean;
}

/** What one stage takes of another; nothing where it only follows. */
interface Edge {
  readonly from: string;
  readonly label: string;
}

/** An input is named where it is called otherwise than the output. */
function edgesOf({ after, inputs }: PlannedStage): readonly Edge[] {
  return after.map((from) => {
    const taken = Object.entries(inputs).filter(([, { node }]) => node === from);
    const names = taken.map(([input, { port }]) => (input === port ? port : `${port} as ${input}`));
    return { from, label: names.join(", ") };
  });
}

function nodesOf({ variants }: PlanSummary): readonly GraphNode[] {
  const nodes = new Map<string, { stage: string; edges: readonly Edge[]; cached: boolean; owners: string[] }>();
  for (const variant of variants) {
    for (const stage of variant.stages) {
      const { node, name, state } = stage;
      const known = nodes.get(node);
      if (known === undefined) {
        nodes.set(node, { stage: name, edges: edgesOf(stage), cached: state === "cached", owners: [variant.name] });
      } else known.owners.push(variant.name);
    }
  }
  return [...nodes].map(([id, { stage, edges, cached, owners }]) => ({
    id,
    edges,
    cached,
    label: owners.length === variants.length ? [stage] : [stage, owners.join(", ")],
  }));
}

/** Names of variants and stages are safe file names: nothing in them needs escaping in either language. */
function mermaid(nodes: readonly GraphNode[]): string {
  return [
    "graph LR",
    ...nodes.map(({ id, label, cached }) => `  n${id}["${label.join("<br>")}"]${cached ? ":::cached" : ""}`),
    ...nodes.flatMap(({ id, edges }) =>
      edges.map(({ from, label }) => `  n${from} -->${label && `|"${label}"|`} n${id}`),
    ),
    "  classDef cached stroke-dasharray: 4 3",
  ].join("\n");
}

function dot(nodes: readonly GraphNode[]): string {
  return [
    "digraph pipeline {",
    "  rankdir=LR; node [shape=box];",
    ...nodes.map(
      ({ id, label, cached }) => `  n${id} [label="${label.join("\\n")}"${cached ? ", style=dashed" : ""}];`,
    ),
    ...nodes.flatMap(({ id, edges }) =>
      edges.map(({ from, label }) => `  n${from} -> n${id}${label && ` [label="${label}"]`};`),
    ),
    "}",
  ].join("\n");
}
