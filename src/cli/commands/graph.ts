import { type Command, Option } from "commander";
import { type PlanSummary, plan } from "../actions/plan.js";
import { type CommandContext, type ExitCode, refuse } from "../context.js";
import { addOwnCode, addRuns, addSets, type OwnCodeOption, type RunsOption } from "../options.js";

interface Flags extends RunsOption, OwnCodeOption {
  readonly format: "mermaid" | "dot";
  readonly set?: readonly string[];
}

export function define(command: Command, context: CommandContext): void {
  addOwnCode(addRuns(addSets(command.argument("<files...>", "a comparison, or pipelines to compare"))))
    .addOption(new Option("--format <name>", "language of the graph").choices(["mermaid", "dot"]).default("mermaid"))
    .addHelpText("after", "\nStages that variants share are one node; what is stored has a dashed border.")
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
  readonly after: readonly string[];
  /** The stage, and the variants that have it where not all do. */
  readonly label: readonly string[];
  readonly cached: boolean;
}

function nodesOf({ variants }: PlanSummary): readonly GraphNode[] {
  const nodes = new Map<string, { stage: string; after: readonly string[]; cached: boolean; owners: string[] }>();
  for (const variant of variants) {
    for (const { node, name, after, state } of variant.stages) {
      const known = nodes.get(node);
      if (known === undefined) {
        nodes.set(node, { stage: name, after, cached: state === "cached", owners: [variant.name] });
      } else known.owners.push(variant.name);
    }
  }
  return [...nodes].map(([id, { stage, after, cached, owners }]) => ({
    id,
    after,
    cached,
    label: owners.length === variants.length ? [stage] : [stage, owners.join(", ")],
  }));
}

/** Names of variants and stages are safe file names: nothing in them needs escaping in either language. */
function mermaid(nodes: readonly GraphNode[]): string {
  return [
    "graph LR",
    ...nodes.map(({ id, label, cached }) => `  n${id}["${label.join("<br>")}"]${cached ? ":::cached" : ""}`),
    ...nodes.flatMap(({ id, after }) => after.map((from) => `  n${from} --> n${id}`)),
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
    ...nodes.flatMap(({ id, after }) => after.map((from) => `  n${from} -> n${id};`)),
    "}",
  ].join("\n");
}
